"""Rooms among those of whom one listens: found out, and entered."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

from termxmpp.client import Client
from termxmpp.core.events import RoomWanted
from termxmpp.core.jid import Jid
from termxmpp.errors import ConnectionFailed, RemoteError
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.xmpp.disco import DiscoPayload

__all__ = ["RoomManners", "enter_if_room"]

# With these it may be a room that can't be asked at the moment, as where nobody answers in time
# (None); it is asked again after so many seconds.
UNREACHABLE = frozenset(
    {None, "remote-server-timeout", "remote-server-not-found", "internal-server-error"}
)
PAUSES = (15.0, 60.0, 300.0)


@dataclass(frozen=True, slots=True)
class RoomManners:
    """How rooms are entered: our `nick` and `password`, and whom to tell what goes wrong.

    `repeated` is called with what may be told again and again, `once` with what is final.
    """

    nick: str
    password: str
    repeated: Callable[[str], None]
    once: Callable[[str], None]


async def enter_if_room(client: Client, jid: Jid, manners: RoomManners) -> None:
    """Enter `jid` if it is a room, now or as soon as it answers; never make one.

    It is entered again in every session then.
    """
    for pause in itertools.chain(PAUSES, itertools.repeat(PAUSES[-1])):
        try:
            found = (await client.get(jid, DiscoPayload())).get(DiscoPayload)
            break
        except ConnectionFailed:
            pass
        except RemoteError as error:
            if error.condition == "item-not-found":
                manners.once(_("There is no room {jid}.").format(jid=jid))
            if error.condition not in UNREACHABLE:
                # Accounts need not answer strangers (XEP-0030 §8); rooms do.
                return
            manners.repeated(_("{jid} does not answer; it is asked again.").format(jid=jid))
        await asyncio.sleep(pause)
    if any(each.category == "conference" for each in (found.identities if found else ())):
        client.emit(RoomWanted(jid, manners.nick, manners.password))
