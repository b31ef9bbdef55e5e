"""Another device of an account, of another kind (slixmpp), in a process of its own.

Its orders are those of `_Client.obey`. What reaches it, and what others of its account do, it
tells.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

from slixmpp.plugins.xep_0402.stanza import Conference

from tests.support.account import Place
from tests.support.foreign import Foreign, ForeignClient, foreign, serve, tell

__all__ = ["Phone", "phone"]

BOOKMARKS = "urn:xmpp:bookmarks:1"

Phone = Foreign


def phone(server: Place, address: str, password: str) -> AbstractAsyncContextManager[Phone]:
    """`address` online, for as long as the context lasts."""
    return foreign(Phone, "tests.support.phone", server, address, password)


class _Client(ForeignClient):
    """Tells what it hears, and does what devices of one account do."""

    plugins = (
        *("0030", "0060", "0077", "0163", "0191", "0223", "0280", "0313", "0359", "0377", "0402"),
        *("0490", "0492"),
    )

    def __init__(self, who: dict[str, Any]) -> None:
        super().__init__(who)
        self.add_event_handler("message", self._heard)
        self.add_event_handler("carbon_sent", self._seen_sent)
        self.add_event_handler("carbon_received", self._seen_received)
        self.add_event_handler("message_displayed_synchronization_publish", self._read)
        self.add_event_handler("blocked", self._blocked)
        self.add_event_handler("unblocked", self._unblocked)

    async def obey(self, what: str, order: dict[str, Any]) -> object:
        match what:
            case "want carbons":
                await self["xep_0280"].enable()
            case "say":
                self.send_message(mto=order["to"], mbody=order["text"], mtype="chat")
            case "look up":
                return await self._archived(order["peer"])
            case "has read":
                await self["xep_0490"].flag_chat(order["peer"], order["id"])
            case "what was read":
                found = (await self["xep_0490"].catch_up())["pubsub"]["items"]
                return {
                    item["id"]: item["displayed"]["stanza_id"]["id"] for item in found["substanzas"]
                }
            case "block":
                await self["xep_0191"].block(order["jid"])
            case "unblock":
                await self["xep_0191"].unblock(order["jid"])
            case "report":
                await self["xep_0377"].report(order["jid"], order["reason"])
            case "blocked":
                return sorted(str(jid) for jid in await self["xep_0191"].get_blocked_jids())
            case "change the password":
                await self["xep_0077"].change_password(order["password"])
            case "be told of":
                await self._publish_rule(order["room"], order["name"], order["when"])
            case "what is told of":
                answer = await self["xep_0060"].get_items(self.boundjid.bare, BOOKMARKS)
                found = answer["pubsub"]["items"]["substanzas"]
                return {item["id"]: _rule(item["conference"]) for item in found}
            case _:
                raise NotImplementedError(what)
        return "done"

    async def _archived(self, peer: str) -> list[list[str]]:
        """What the archive has of `peer`: text, and the sender's own id."""
        found = []
        async for result in self["xep_0313"].iterate(with_jid=peer):
            message = result["mam_result"]["forwarded"]["stanza"]
            found.append([message["body"], message["origin_id"]["id"]])
        return found

    async def _publish_rule(self, room: str, name: str, when: str) -> None:
        conference = Conference()
        conference["name"], conference["autojoin"] = name, True
        conference["extensions"]["notify"].configure(when)
        await self["xep_0060"].publish(self.boundjid.bare, BOOKMARKS, id=room, payload=conference)

    def _heard(self, message: Any) -> None:
        if message["body"]:
            tell(text=message["body"], sender=message["from"].bare)

    def _seen_sent(self, message: Any) -> None:
        copy = message["carbon_sent"]
        tell(sent=copy["body"], to=copy["to"].bare, by=copy["from"].resource)

    def _seen_received(self, message: Any) -> None:
        copy = message["carbon_received"]
        tell(got=copy["body"], sender=copy["from"].bare)

    def _read(self, message: Any) -> None:
        for item in message["pubsub_event"]["items"]["substanzas"]:
            tell(read=item["id"], up_to=item["displayed"]["stanza_id"]["id"])

    def _blocked(self, iq: Any) -> None:
        for item in iq["block"]["items"]:
            report = item["report"]
            tell(blocked=str(item["jid"]), reason=report["reason"], text=report["text"])

    def _unblocked(self, iq: Any) -> None:
        for item in iq["unblock"]["items"]:
            tell(unblocked=str(item["jid"]))


def _rule(conference: Any) -> list[str]:
    return [conference["name"], conference["extensions"]["notify"].get_config()]


if __name__ == "__main__":
    serve(_Client)
