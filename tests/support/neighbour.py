"""An independent client (slixmpp) that is asked and told about people, in a process of its own.

Its orders are those of `_Client.obey`.
"""

from __future__ import annotations

import base64
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from tests.support.account import Place
from tests.support.foreign import Foreign, ForeignClient, foreign, serve, tell

__all__ = ["Neighbour", "neighbour"]

VCARD4 = "urn:xmpp:vcard4"
NICK = "http://jabber.org/protocol/nick"

Neighbour = Foreign


def neighbour(server: Place, address: str, password: str) -> AbstractAsyncContextManager[Neighbour]:
    """`address` online, for as long as the context lasts."""
    return foreign(Neighbour, "tests.support.neighbour", server, address, password)


class _Client(ForeignClient):
    """Tells what it finds out of people, and what it is."""

    plugins = (
        *("0012", "0030", "0050", "0054", "0060", "0084", "0092", "0115", "0153", "0172", "0191"),
        *("0199", "0202", "0292", "0319"),
    )

    def __init__(self, who: dict[str, Any]) -> None:
        super().__init__(who)
        self["xep_0092"].software_name = "slixmpp"
        self.auto_authorize = self.auto_subscribe = None
        self.add_event_handler("presence_subscribe", self._asked)
        self.add_event_handler("presence_subscribed", self._let)
        self.add_event_handler("presence_unsubscribed", self._denied)

    async def obey(self, what: str, order: dict[str, Any]) -> object:
        match what:
            case "blocked":
                return sorted(str(jid) for jid in await self["xep_0191"].get_blocked_jids())
            case "unblock":
                await self["xep_0191"].unblock(order["jid"])
            case "say":
                self.send_message(mto=order["to"], mbody=order["text"], mtype="chat")
            case "idle of":
                found = await self["xep_0012"].get_last_activity(order["jid"])
                return found["last_activity"]["seconds"]
            case "time at":
                found = await self["xep_0202"].get_entity_time(order["jid"])
                # As it stands there: slixmpp puts another Z behind it, which it then can't read.
                return found["entity_time"]._get_sub_text("utc")
            case "be idle":
                presence = self.make_presence()
                presence["idle"]["since"] = datetime.fromisoformat(order["since"])
                presence.send()
            case "version of":
                found = (await self["xep_0092"].get_version(order["jid"]))["software_version"]
                return [found["name"], found["version"]]
            case "ping":
                return await self["xep_0199"].ping(order["jid"], timeout=10)
            case "what can":
                # By the hash of the presence, which slixmpp takes only if it is right.
                caps = self["xep_0115"]
                found = await caps.get_caps(verstring=await caps.get_verstring(order["jid"]))
                return sorted(found["features"])
            case "ask to see":
                self.send_presence_subscription(pto=order["to"], ptype="subscribe")
            case "let":
                self.send_presence_subscription(pto=order["to"], ptype="subscribed")
            case "deny":
                self.send_presence_subscription(pto=order["to"], ptype="unsubscribed")
            case "offer a command":
                self["xep_0050"].add_command(node="order", name="Order", handler=self._orders)
            case "show a picture in the card":
                data = base64.b64decode(order["data"])
                await self["xep_0153"].set_avatar(avatar=data, mtype="image/png")
            case "tell in the newer card":
                card = self["xep_0292"].stanza.VCard4()
                card["full_name"] = order["name"]
                card.add_note(order["note"])
                # slixmpp 1.17 itself takes another node than the XEP says.
                await self["xep_0060"].publish(None, VCARD4, id="current", payload=card)
            case "name in the newer card of":
                found = await self["xep_0060"].get_items(order["jid"], VCARD4)
                [item] = found["pubsub"]["items"]["substanzas"]
                return item["vcard"]["full_name"]
            case "show a picture":
                data = base64.b64decode(order["data"])
                avatar = self["xep_0084"]
                info = {"id": avatar.generate_id(data), "type": "image/png", "bytes": len(data)}
                await avatar.publish_avatar(data)
                await avatar.publish_avatar_metadata([info])
            case "call itself":
                await self["xep_0172"].publish_nick(order["nick"])
            case "nick of":
                found = await self["xep_0060"].get_items(order["jid"], NICK)
                return [item["payload"].text for item in found["pubsub"]["items"]["substanzas"]]
            case "tell":
                card = self["xep_0054"].make_vcard()
                card["FN"] = order["name"]
                await self["xep_0054"].publish_vcard(card)
            case "name of":
                found = await self["xep_0054"].get_vcard(order["jid"], cached=False)
                return found["vcard_temp"]["FN"]
            case _:
                raise NotImplementedError(what)
        return None

    async def _orders(self, iq: Any, session: dict[str, Any]) -> dict[str, Any]:
        """A form of one question, and the answer put into words."""
        form = self["xep_0004"].make_form(ftype="form", title="What shall it be?")
        form.add_field(var="dish", ftype="text-single", label="Dish")

        def answer(payload: Any, session: dict[str, Any]) -> dict[str, Any]:
            tell(ordered=payload["values"]["dish"])
            session |= {"payload": None, "next": None, "has_next": False}
            session["notes"] = [("info", f"{payload['values']['dish']} is coming")]
            return session

        return session | {"payload": form, "next": answer, "has_next": False}

    def _asked(self, presence: Any) -> None:
        tell(asks_to_see=presence["from"].bare)

    def _let(self, presence: Any) -> None:
        tell(lets=presence["from"].bare)

    def _denied(self, presence: Any) -> None:
        tell(denies=presence["from"].bare)


if __name__ == "__main__":
    serve(_Client)
