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
        *("0030", "0045", "0066", "0085", "0184", "0300", "0308", "0333", "0334", "0359"),
        *("0224", "0372", "0380", "0382", "0424", "0428", "0444", "0446", "0447", "0461"),
    )

    def __init__(self, who: dict[str, Any]) -> None:
        super().__init__(who)
        self.add_event_handler("message", self._heard)
        self.add_event_handler("chatstate", self._state)
        self.add_event_handler("message_correction", self._corrected)
        self.add_event_handler("reactions", self._reacted)
        self.add_event_handler("message_retract", self._retracted)
        self.add_event_handler("message_reply", self._answered)
        self.add_event_handler("receipt_received", self._received)
        self.add_event_handler("marker_displayed", self._displayed)
        self.add_event_handler("attention", self._called)

    async def obey(self, what: str, order: dict[str, Any]) -> object:
        to, kind = order["to"], order.get("kind", "chat")
        match what:
            case "say":
                said = self.make_message(mto=to, mbody=order["text"], mtype=kind)
                said["id"] = order["id"]
                for name in order.get("carrying", ()):
                    said.enable(name)
                if "hint" in order:
                    said["spoiler"].xml.text = order["hint"]
                said.send()
            case "ask for a receipt":
                said = self.make_message(mto=to, mbody=order["text"], mtype=kind)
                said["id"], said["request_receipt"] = order["id"], True
                said.send()
            case "mark":
                self["xep_0333"].send_marker(to, order["target"], "displayed", mtype=kind)
            case "link":
                said = self.make_message(mto=to, mbody=order["url"], mtype=kind)
                said["oob"]["url"] = order["url"]
                said.send()
            case "call for attention":
                self["xep_0224"].request_attention(to)
            case "say and name":
                said = self.make_message(mto=to, mbody=order["text"], mtype=kind)
                said["reference"]["type"], said["reference"]["uri"] = "mention", order["uri"]
                said["reference"]["begin"] = str(order["text"].index(order["name"]))
                said["reference"]["end"] = str(len(order["text"]))
                said.send()
            case "say what can't be read":
                said = self.make_message(mto=to, mbody="?OTR?", mtype=kind)
                self["xep_0380"].add_eme(said, order["namespace"])
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
            case "upload":
                # Only where it is wanted, since it loads much.
                self.register_plugin("xep_0363")
                upload = self["xep_0363"].upload_file
                return await upload(Path(order["path"]), content_type="text/plain", timeout=10)
            case "state":
                message = self.make_message(mto=to, mtype=kind)
                message["chat_state"] = order["state"]
                message.send()
            case _:
                raise NotImplementedError(what)
        return None

    def _heard(self, message: Any) -> None:
        if message["body"]:
            tell(
                text=message["body"],
                id=message["id"],
                by_sender=message["origin_id"]["id"],
                by_room=message["stanza_id"]["id"],
                is_markable=message.get_plugin("markable", check=True) is not None,
            )
        if message.get_plugin("reference", check=True) is not None:
            tell(named=message["reference"]["uri"], text=message["body"])
        if message.get_plugin("spoiler", check=True) is not None:
            tell(hidden=message["body"], hint=message["spoiler"].xml.text)
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

    def _received(self, message: Any) -> None:
        tell(received=message["receipt"])

    def _called(self, message: Any) -> None:
        tell(called_by=message["from"].bare)

    def _displayed(self, message: Any) -> None:
        tell(displayed=message["displayed"]["id"])

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
