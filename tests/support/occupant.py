"""An independent occupant of a room (slixmpp), in a process of its own.

It obeys lines of JSON on its standard input, after the first, which says where it is to enter:
`{"say": TEXT}` to all, `{"to": NICK, "tell": TEXT}` to one, `{"plugin": NAME, "call": METHOD,
"arguments": {…}}` for a method of slixmpp. What it hears and sees it tells on its standard output,
one JSON object a line.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import slixmpp
from slixmpp.exceptions import IqError
from slixmpp.plugins.xep_0402.stanza import Conference

from tests.support.account import PATIENCE, Place

__all__ = ["Occupant", "occupant"]


BOOKMARKS = "urn:xmpp:bookmarks:1"
FORM_TYPE, CONFIGURATION = "FORM_TYPE", "http://jabber.org/protocol/muc#roomconfig"


class Occupant:
    """The process, as a test meets it; `heard` is what it has told."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.heard: list[dict[str, str]] = []
        self._process = process

    def says(self, text: str) -> None:
        self._order(say=text)

    def tells(self, nick: str, text: str) -> None:
        self._order(to=nick, tell=text)

    async def does(self, method: str, *, plugin: str = "xep_0045", **arguments: object) -> str:
        """Let it call that method of slixmpp; what came of it: "done", or what was refused."""
        self.heard = [each for each in self.heard if each.get("called") != method]
        self._order(plugin=plugin, call=method, arguments=arguments)
        await self.hears(called=method)
        return next(each["outcome"] for each in self.heard if each.get("called") == method)

    async def hears(self, **what: str) -> None:
        """Return when it has heard `what`."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while not any(what.items() <= each.items() for each in self.heard):
                line = await self._process.stdout.readline()
                assert line, "it has ended"
                self.heard.append(json.loads(line))

    def _order(self, **what: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")


@asynccontextmanager
async def occupant(
    server: Place, address: str, password: str, room: str, nick: str
) -> AsyncIterator[Occupant]:
    """`address` in `room`, for as long as the context lasts."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.occupant"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        there = Occupant(process)
        there._order(
            jid=address,
            password=password,
            port=str(server.port),
            ca_file=str(server.ca_file),
            room=room,
            nick=nick,
        )
        await there.hears(entered=nick)
        yield there
    finally:
        process.kill()
        await process.wait()


class _Client(slixmpp.ClientXMPP):  # type: ignore[misc]  # slixmpp is untyped here
    """Enters the room of `order` and tells what happens there."""

    def __init__(self, order: dict[str, str]) -> None:
        super().__init__(order["jid"], order["password"])
        self._order = order
        for plugin in ("xep_0045", "xep_0048", "xep_0060", "xep_0249", "xep_0402"):
            self.register_plugin(plugin)
        context = ssl.create_default_context(cafile=order["ca_file"])
        self.get_ssl_context = lambda: context
        self.add_event_handler("session_start", self._start)
        self.add_event_handler("groupchat_message", self._heard)
        self.add_event_handler("message", self._told)
        self.add_event_handler(f"muc::{order['room']}::got_online", self._seen)
        self.add_event_handler(f"muc::{order['room']}::got_offline", self._gone)
        self.add_event_handler("groupchat_subject", self._about)
        self.add_event_handler("groupchat_invite", self._invited)
        self.add_event_handler("groupchat_direct_invite", self._directly_invited)

    def obey(self, order: dict[str, Any]) -> None:
        room = self._order["room"]
        if "call" in order:
            asyncio.ensure_future(self._call(order))  # noqa: RUF006  # it lives as long as we
        elif "say" in order:
            self.send_message(mto=room, mbody=order["say"], mtype="groupchat")
        else:
            self.send_message(mto=f"{room}/{order['to']}", mbody=order["tell"], mtype="chat")

    async def _call(self, order: dict[str, Any]) -> None:
        outcome, arguments = "done", order["arguments"]
        if order["call"] in ("bookmarks", "put_bookmark", "private_bookmarks"):
            outcome = await getattr(self, f"_{order['call']}")(**arguments)
            _print(called=order["call"], outcome=outcome)
            return
        if order["call"] == "set_room_config":
            form = self["xep_0004"].make_form(ftype="submit")
            for name, value in {FORM_TYPE: CONFIGURATION, **arguments.pop("values")}.items():
                form.add_field(var=name, value=value)
            arguments["config"] = form
        try:
            made = getattr(self[order["plugin"]], order["call"])(**arguments)
            if asyncio.iscoroutine(made) or isinstance(made, asyncio.Future):
                await made
        except IqError as error:
            outcome = error.condition
        _print(called=order["call"], outcome=outcome)

    async def _bookmarks(self) -> str:
        """What stands in the bookmarks, by room."""
        answer = await self["xep_0060"].get_items(self.boundjid.bare, BOOKMARKS)
        found = {
            item["id"]: [item["conference"]["name"], item["conference"]["autojoin"]]
            for item in answer["pubsub"]["items"]
        }
        return json.dumps(found)

    async def _private_bookmarks(self) -> str:
        """What stands in the bookmarks of the older place, by room."""
        answer = await self["xep_0048"].get_bookmarks(method="xep_0049")
        found = {
            str(each["jid"]): [each["name"], each["autojoin"], each["nick"]]
            for each in answer["private"]["bookmarks"]["conferences"]
        }
        return json.dumps(found)

    async def _put_bookmark(self, room: str, name: str, autojoin: bool) -> str:
        conference = Conference()
        conference["name"], conference["autojoin"] = name, autojoin
        await self["xep_0060"].publish(self.boundjid.bare, BOOKMARKS, id=room, payload=conference)
        return "done"

    async def _start(self, event: Any) -> None:
        self.send_presence()
        room, nick = self._order["room"], self._order["nick"]
        await self["xep_0045"].join_muc_wait(room, nick, timeout=20)
        _print(entered=nick)

    def _heard(self, message: Any) -> None:
        _print(nick=message["from"].resource, text=message["body"], id=message["id"])

    def _told(self, message: Any) -> None:
        if message["type"] == "chat":
            _print(nick=message["from"].resource, private=message["body"])

    def _about(self, message: Any) -> None:
        _print(about=message["subject"])

    def _invited(self, message: Any) -> None:
        invite = message["muc"]["invite"]
        _print(
            invited_to=str(message["from"].bare),
            by=str(invite["from"].bare),
            reason=invite["reason"],
            password=message["muc"]["password"] or "",
        )

    def _directly_invited(self, message: Any) -> None:
        invite = message["groupchat_invite"]
        _print(
            directly_invited_to=str(invite["jid"]),
            by=str(message["from"].bare),
            reason=invite["reason"],
            password=invite["password"],
        )

    def _gone(self, presence: Any) -> None:
        codes = ",".join(sorted(str(code) for code in presence["muc"]["status_codes"]))
        _print(
            went=presence["from"].resource, codes=codes, reason=presence["muc"]["item"]["reason"]
        )

    def _seen(self, presence: Any) -> None:
        muc = presence["muc"]
        _print(came=presence["from"].resource, role=muc["role"], affiliation=muc["affiliation"])


def _print(**what: object) -> None:
    print(json.dumps(what), flush=True)


async def _main() -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    order = json.loads(await lines.readline())
    client = _Client(order)
    client.connect(host="127.0.0.1", port=int(order["port"]))
    while line := await lines.readline():
        client.obey(json.loads(line))


if __name__ == "__main__":
    asyncio.run(_main())
