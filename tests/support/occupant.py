"""An independent occupant of a room (slixmpp), in a process of its own.

Its orders are `say TEXT` to all, `tell TEXT` to one, what it knows of bookmarks, and methods of
slixmpp. What it hears and sees it tells.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any

from slixmpp import JID
from slixmpp.plugins.xep_0402.stanza import Conference

from tests.support.account import Place
from tests.support.foreign import Foreign, ForeignClient, foreign, serve, tell

__all__ = ["Occupant", "occupant"]


BOOKMARKS = "urn:xmpp:bookmarks:1"
FORM_TYPE, CONFIGURATION = "FORM_TYPE", "http://jabber.org/protocol/muc#roomconfig"


class Occupant(Foreign):
    """The process, as a test meets it; `heard` is what it has told."""

    def says(self, text: str) -> None:
        self.order("say", text=text)

    def tells(self, nick: str, text: str) -> None:
        self.order("tell", to=nick, text=text)

    async def calls(self, method: str, **arguments: object) -> Any:
        """Let it call that method of XEP-0045; "done", or the condition of the refusal."""
        return await self.does("call", method=method, arguments=arguments)

    async def configures(self, **values: str) -> Any:
        """Let it set the options `values` of its room, named without their prefix."""
        options = {f"muc#roomconfig_{name}": value for name, value in values.items()}
        return await self.does("set_room_config", values=options)


def occupant(
    server: Place, address: str, password: str, room: str, nick: str
) -> AbstractAsyncContextManager[Occupant]:
    """`address` in `room`, for as long as the context lasts."""
    return foreign(Occupant, "tests.support.occupant", server, address, password, room, nick)


class _Client(ForeignClient):
    """Tells what happens in its room."""

    plugins = ("0045", "0048", "0060", "0199", "0249", "0359", "0402", "0421", "0425")

    def __init__(self, who: dict[str, Any]) -> None:
        super().__init__(who)
        self.add_event_handler("groupchat_message", self._heard)
        self.add_event_handler("message", self._told)
        self.add_event_handler(f"muc::{who['room']}::got_online", self._seen)
        self.add_event_handler(f"muc::{who['room']}::got_offline", self._gone)
        self.add_event_handler("groupchat_subject", self._about)
        self.add_event_handler("groupchat_invite", self._invited)
        self.add_event_handler("groupchat_direct_invite", self._directly_invited)
        self.add_event_handler("moderated_message", self._moderated)

    async def obey(self, what: str, order: dict[str, Any]) -> object:
        room = self.who["room"]
        match what:
            case "say":
                self.send_message(mto=room, mbody=order["text"], mtype="groupchat")
            case "tell":
                self.send_message(mto=f"{room}/{order['to']}", mbody=order["text"], mtype="chat")
            case "call":
                made = getattr(self["xep_0045"], order["method"])(room, **order["arguments"])
                if asyncio.iscoroutine(made) or isinstance(made, asyncio.Future):
                    await made
            case "invite directly":
                self["xep_0249"].send_invitation(order["to"], room, reason=order["reason"])
            case "ping":
                return await self["xep_0199"].ping(JID(f"{room}/{order['nick']}"), timeout=10)
            case "moderate":
                await self["xep_0425"].moderate(JID(room), order["id"], order["reason"])
            case "set_room_config":
                form = self["xep_0004"].make_form(ftype="submit")
                form.add_field(var=FORM_TYPE, value=CONFIGURATION)
                for name, value in order["values"].items():
                    form.add_field(var=name, value=value)
                await self["xep_0045"].set_room_config(room, form)
            case "bookmarks":
                return await self._bookmarks()
            case "private bookmarks":
                return await self._private_bookmarks()
            case "bookmark":
                conference = Conference()
                conference["name"], conference["autojoin"] = order["name"], order["autojoin"]
                await self["xep_0060"].publish(
                    self.boundjid.bare, BOOKMARKS, id=order["room"], payload=conference
                )
            case _:
                raise NotImplementedError(what)
        return "done"

    async def _bookmarks(self) -> dict[str, object]:
        """What stands in the bookmarks, by room."""
        answer = await self["xep_0060"].get_items(self.boundjid.bare, BOOKMARKS)
        return {
            item["id"]: [item["conference"]["name"], item["conference"]["autojoin"]]
            for item in answer["pubsub"]["items"]
        }

    async def _private_bookmarks(self) -> dict[str, object]:
        """What stands in the bookmarks of the older place, by room."""
        answer = await self["xep_0048"].get_bookmarks(method="xep_0049")
        return {
            str(each["jid"]): [each["name"], each["autojoin"], each["nick"]]
            for each in answer["private"]["bookmarks"]["conferences"]
        }

    def _heard(self, message: Any) -> None:
        tell(
            nick=message["from"].resource,
            text=message["body"],
            id=message["id"],
            by_room=message["stanza_id"]["id"],
            # slixmpp 1.17 knows of the element, but not of what it holds.
            occupant=message["occupant-id"].xml.get("id", ""),
        )

    def _told(self, message: Any) -> None:
        if message["type"] == "chat":
            tell(nick=message["from"].resource, private=message["body"])

    def _about(self, message: Any) -> None:
        tell(about=message["subject"])

    def _invited(self, message: Any) -> None:
        invite = message["muc"]["invite"]
        tell(
            invited_to=str(message["from"].bare),
            by=str(invite["from"].bare),
            reason=invite["reason"],
            password=message["muc"]["password"] or "",
        )

    def _directly_invited(self, message: Any) -> None:
        invite = message["groupchat_invite"]
        tell(
            directly_invited_to=str(invite["jid"]),
            by=str(message["from"].bare),
            reason=invite["reason"],
            password=invite["password"],
        )

    def _moderated(self, message: Any) -> None:
        retract = message["retract"]
        by = retract["moderated"]["by"]
        tell(moderated=retract["id"], by=by, reason=retract["reason"])

    def _gone(self, presence: Any) -> None:
        codes = ",".join(sorted(str(code) for code in presence["muc"]["status_codes"]))
        tell(went=presence["from"].resource, codes=codes, reason=presence["muc"]["item"]["reason"])

    def _seen(self, presence: Any) -> None:
        muc = presence["muc"]
        tell(came=presence["from"].resource, role=muc["role"], affiliation=muc["affiliation"])


if __name__ == "__main__":
    serve(_Client)
