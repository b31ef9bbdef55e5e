"""An independent client (slixmpp) in a process of its own that takes orders by ad-hoc commands.

Its arguments are an address with a resource, a password, a host, a port and a file of authorities.
It says `ready` when it is online, and then each order and each cancelled one in a line.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import slixmpp

from tests.support.account import PATIENCE, Place

__all__ = ["Shop", "shop"]

VALIDATE = "http://jabber.org/protocol/xdata-validate"


class Shop:
    """The process, as a test meets it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def says(self) -> str:
        """The next line."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            return (await self._process.stdout.readline()).decode().strip()


@asynccontextmanager
async def shop(server: Place, address: str, password: str) -> AsyncIterator[Shop]:
    """The shop at `address`, open for as long as the context lasts."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.shop", address, password),
        *(server.host, str(server.port), str(server.ca_file)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        there = Shop(process)
        assert await there.says() == "ready"
        yield there
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


class _Keeper(slixmpp.ClientXMPP):  # type: ignore[misc]  # slixmpp is untyped
    """Sells fruit: what and how much, then whether to pack it."""

    def __init__(self, address: str, password: str) -> None:
        super().__init__(address, password)
        for plugin in ("xep_0004", "xep_0030", "xep_0050", "xep_0122"):
            self.register_plugin(plugin)
        self.add_event_handler("session_start", self._begin)

    async def _begin(self, event: Any) -> None:
        self["xep_0050"].add_command(node="order", name="Order fruit", handler=self._choose)
        self.send_presence()
        await self.get_roster()
        print("ready", flush=True)

    def _choose(self, iq: Any, session: dict[str, Any]) -> dict[str, Any]:
        form = self["xep_0004"].make_form("form", "Fruit")
        form.add_field(
            var="fruit",
            ftype="list-single",
            label="Which",
            required=True,
            options=[{"label": "Apples", "value": "apple"}, {"label": "Pears", "value": "pear"}],
        )
        count = form.add_field(var="count", ftype="text-single", label="How many", value="1")
        count["validate"]["datatype"] = "xs:integer"
        count["validate"].set_range(True, minimum="1", maximum="9")
        session.update(payload=form, next=self._pack, has_next=True, cancel=self._cancelled)
        return session

    def _pack(self, payload: Any, session: dict[str, Any]) -> dict[str, Any]:
        session["order"] = payload.get_values()
        form = self["xep_0004"].make_form("form", "Packing")
        form.add_field(var="packed", ftype="boolean", label="Packed", value=False)
        session.update(
            payload=form, next=self._sell, prev=self._back, has_next=False, allow_prev=True
        )
        return session

    def _back(self, payload: Any, session: dict[str, Any]) -> dict[str, Any]:
        return self._choose(None, session)

    def _sell(self, payload: Any, session: dict[str, Any]) -> dict[str, Any]:
        order = session["order"]
        packed = payload.get_values()["packed"]
        print(f"{order['count']} {order['fruit']} {packed}", flush=True)
        result = self["xep_0004"].make_form("result", "Sold")
        result.add_reported("what", ftype="text-single", label="Fruit")
        result.add_item({"what": order["fruit"]})
        session.update(payload=result, next=None, has_next=False, notes=[("info", "Come again")])
        return session

    def _cancelled(self, iq: Any, session: dict[str, Any]) -> None:
        print("cancelled", flush=True)


def main(address: str, password: str, host: str, port: str, ca_file: str) -> None:
    keeper = _Keeper(address, password)
    keeper.ssl_context = ssl.create_default_context(cafile=ca_file)
    keeper.connect(host, int(port))
    asyncio.get_event_loop().run_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
