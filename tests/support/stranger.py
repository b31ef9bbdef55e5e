"""An independent client (slixmpp) that does things to messages, in a process of its own.

Its orders are those of `_Client.obey`. What others do to messages it tells.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from tests.support.account import Place
from tests.support.foreign import Foreign, ForeignClient, foreign, serve, tell

__all__ = ["Stranger", "stranger"]


Stranger = Foreign


def stranger(
    server: Place, address: str, password: str, room: str = "", nick: str = ""
) -> AbstractAsyncContextManager[Stranger]:
    """`address` online, and in `room` if there is one, for as long as the context lasts."""
    return foreign(Stranger, "tests.support.stranger", server, address, password, room, nick)


class _Client(ForeignClient):
    """Does what it is told and tells what is done."""

    plugins = (
        *("0030", "0045", "0066", "0085", "0300", "0308", "0359", "0424", "0428", "0444", "0446"),
        *("0447", "0461"),
    )

    def __init__(self, who: dict[str, Any]) -> None:
        super().__init__(who)
        self.add_event_handler("message", self._heard)
        self.add_event_handler("chatstate", self._state)
        self.add_event_handler("message_correction", self._corrected)
        self.add_event_handler("reactions", self._reacted)
        self.add_event_handler("message_retract", self._retracted)
        self.add_event_handler("message_reply", self._answered)

    async def obey(self, what: str, order: dict[str, Any]) -> object:
        to, kind = order["to"], order.get("kind", "chat")
        match what:
            case "say":
                said = self.make_message(mto=to, mbody=order["text"], mtype=kind)
                said["id"] = order["id"]
                said.send()
            case "correct":
                self["xep_0308"].build_correction(
                    order["target"], to, mtype=kind, mbody=order["text"]
                ).send()
            case "react":
                message = self.make_message(mto=to, mtype=kind)
                self["xep_0444"].set_reactions(message, order["target"], order["emojis"])
                message.enable("store")
                message.send()
            case "retract":
                self["xep_0424"].send_retraction(to, order["target"], mtype=kind)
            case "reply":
                self["xep_0461"].send_reply(
                    order["author"],
                    order["target"],
                    fallback=order["quoted"],
                    quoted_nick="Alice",
                    mto=to,
                    mbody=order["text"],
                    mtype=kind,
                )
            case "share":
                message = self.make_message(mto=to, mbody=order["url"], mtype=kind)
                message["oob"]["url"] = order["url"]
                path, uris = Path(order["path"]), [order["url"]]
                message.append(self["xep_0447"].get_sfs(path, uris, "text/plain", "the notes"))
                message.send()
            case "state":
                message = self.make_message(mto=to, mtype=kind)
                message["chat_state"] = order["state"]
                message.send()
            case _:
                raise NotImplementedError(what)
        return None

    def _heard(self, message: Any) -> None:
        if message["body"]:
            by_room = message["stanza_id"]["id"]
            tell(text=message["body"], id=message["id"], by_room=by_room)
        if message["oob"]["url"]:
            file = message["sfs"]["file"]
            tell(shared=message["oob"]["url"], name=file["name"], size=file["size"])

    def _state(self, message: Any) -> None:
        if not message["body"]:
            tell(state=message["chat_state"])

    def _corrected(self, message: Any) -> None:
        tell(corrected=message["replace"]["id"], text=message["body"])

    def _reacted(self, message: Any) -> None:
        emojis = "".join(sorted(message["reactions"]["values"]))
        tell(reacted=message["reactions"]["id"], emojis=emojis)

    def _retracted(self, message: Any) -> None:
        tell(retracted=message["retract"]["id"])

    def _answered(self, message: Any) -> None:
        tell(
            answered=message["reply"]["id"],
            author=str(message["reply"]["to"]),
            text=message["reply"].strip_fallback_content(),
        )


if __name__ == "__main__":
    serve(_Client)
