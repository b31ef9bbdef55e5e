"""An independent client (slixmpp) that is asked and told about people, in a process of its own.

Its orders are those of `_Client.obey`.
"""

from __future__ import annotations

import base64
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from tests.support.account import Place
from tests.support.foreign import Foreign, ForeignClient, foreign, serve

__all__ = ["Neighbour", "neighbour"]

NICK = "http://jabber.org/protocol/nick"

Neighbour = Foreign


def neighbour(server: Place, address: str, password: str) -> AbstractAsyncContextManager[Neighbour]:
    """`address` online, for as long as the context lasts."""
    return foreign(Neighbour, "tests.support.neighbour", server, address, password)


class _Client(ForeignClient):
    """Tells what it finds out of people, and what it is."""

    plugins = (
        *("0012", "0030", "0054", "0060", "0084", "0092", "0172", "0191", "0202", "0292", "0319"),
    )

    def __init__(self, who: dict[str, Any]) -> None:
        super().__init__(who)
        self["xep_0092"].software_name = "slixmpp"

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


if __name__ == "__main__":
    serve(_Client)
