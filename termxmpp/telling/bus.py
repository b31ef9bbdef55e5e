"""The desktop's notifications over D-Bus (org.freedesktop.Notifications, version 1.2).

The library is loaded with the first of them. The connection stays in the same loop, watched like
any other; where it breaks, the next notification makes another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from termxmpp.telling.markup import escaped

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

__all__ = ["Bus", "BusFailed", "bus_address"]

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
DAEMON, DAEMON_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"

# Who answers later does not count (seconds).
PATIENCE = 5.0


class BusFailed(Exception):
    """The notification could not be shown; the text says why."""


def bus_address(environment: Mapping[str, str]) -> str:
    """Where the user's bus is, if one runs: none is started."""
    given = environment.get("DBUS_SESSION_BUS_ADDRESS", "")
    if given:
        return given if given.startswith("unix:") else ""
    folder = environment.get("XDG_RUNTIME_DIR", "")
    path = Path(folder, "bus")
    return f"unix:path={path}" if folder and path.is_socket() else ""


class Bus:
    """Shows notifications over the bus at `address`.

    `on_click` is called with the number of one that was clicked, `on_gone` with that of one that
    is not shown any more.
    """

    def __init__(
        self, address: str, on_click: Callable[[int], None], on_gone: Callable[[int], None]
    ) -> None:
        self._address = address
        self._on_click = on_click
        self._on_gone = on_gone
        self._bus: MessageBus | None = None
        self._abilities: frozenset[str] = frozenset()

    async def show(self, title: str, body: str, open_words: str, replaces: int = 0) -> int:
        """Show a notification, in place of number `replaces` if that is shown; its number."""
        from dbus_fast import Variant  # optional, and only needed by who has a desktop

        await self._connect()
        if "body-markup" in self._abilities:
            body = escaped(body)
        actions = ["default", open_words] if "actions" in self._abilities else []
        hints = {"category": Variant("s", "im.received"), "desktop-entry": Variant("s", "termxmpp")}
        answer = await self._call(
            "Notify",
            "susssasa{sv}i",
            ["termxmpp", replaces, "", title, body, actions, hints, -1],
        )
        number = answer[0] if answer else 0
        return number if isinstance(number, int) else 0

    async def hide(self, number: int) -> None:
        """Take that notification away."""
        if self._bus is not None and self._bus.connected:
            await self._call("CloseNotification", "u", [number])

    def close(self) -> None:
        if self._bus is not None and self._bus.connected:
            self._bus.disconnect()
        self._bus = None

    async def _connect(self) -> None:
        if self._bus is not None and self._bus.connected:
            return
        try:
            from dbus_fast.aio import MessageBus
        except ImportError:
            raise BusFailed("there is no dbus-fast: pip install 'termxmpp[desktop]'") from None
        try:
            async with asyncio.timeout(PATIENCE):
                self._bus = await MessageBus(self._address).connect()
        except Exception as error:
            # The library raises whatever its parser meets.
            raise BusFailed(f"no connection to {self._address}: {error!r}") from None
        self._bus.add_message_handler(self._heard)
        rule = f"type='signal',sender='{NAME}',interface='{NAME}'"
        await self._call("AddMatch", "s", [rule], to=DAEMON, path=DAEMON_PATH)
        found = await self._call("GetCapabilities", "", [])
        names = found[0] if found and isinstance(found[0], list) else []
        self._abilities = frozenset(str(name) for name in names)

    async def _call(
        self,
        member: str,
        signature: str,
        body: Sequence[Any],
        *,
        to: str = NAME,
        path: str = PATH,
    ) -> list[Any]:
        from dbus_fast import Message, MessageType

        bus = self._bus
        if bus is None:
            raise BusFailed("the connection was closed")
        message = Message(
            destination=to,
            path=path,
            interface=to,
            member=member,
            signature=signature,
            body=list(body),
        )
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await bus.call(message)
        except Exception as error:
            raise BusFailed(f"{member} was not answered: {error!r}") from None
        if answer is None or answer.message_type is MessageType.ERROR:
            raise BusFailed(f"{member} was refused: {answer.error_name if answer else ''}")
        return list(answer.body)

    def _heard(self, message: Message) -> None:
        """A signal, perhaps; what others send us means nothing."""
        if message.interface != NAME or not message.body or message.path != PATH:
            return
        number = message.body[0]
        if not isinstance(number, int):
            return
        if message.member == "ActionInvoked" and message.body[1:] == ["default"]:
            self._on_click(number)
        elif message.member == "NotificationClosed":
            self._on_gone(number)
