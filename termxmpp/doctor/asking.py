"""Questions over the account's own link, each of them with an end."""

from __future__ import annotations

import asyncio
import time

from termxmpp.client import Client
from termxmpp.core.jid import Jid
from termxmpp.errors import ConnectionFailed, RemoteError
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.xmpp.disco import DiscoItemsPayload, DiscoPayload
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.stanzas import IncomingIq

__all__ = ["PATIENCE", "Answer", "ask", "discover", "services_of"]

# So long one answer is waited for (seconds), and so many services are asked at once.
PATIENCE = 10.0
MOST_SERVICES = 12


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back after `seconds`: what was asked for, or why not.

    `condition` is that of an error that somebody sent, None where nobody said anything.
    """

    seconds: float
    iq: IncomingIq | None = None
    condition: str | None = None
    problem: str = ""


async def ask(
    client: Client, to: Jid | None, payload: Payload, patience: float = PATIENCE
) -> Answer:
    """What `to`, or with None the account itself, answers over the link of `client`."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(patience):
            answer = await client.get(to, payload)
    except TimeoutError:
        words = _("{jid} gave no answer within {seconds} s.").format(
            jid=to or client.account.bare, seconds=f"{patience:g}"
        )
        return Answer(time.monotonic() - began, problem=words)
    except RemoteError as error:
        return Answer(time.monotonic() - began, condition=error.condition, problem=str(error))
    except ConnectionFailed as error:
        return Answer(time.monotonic() - began, problem=str(error))
    return Answer(time.monotonic() - began, answer)


async def discover(client: Client, to: Jid, patience: float = PATIENCE) -> DiscoPayload:
    """What `to` is and can; nothing if it does not say so."""
    answer = await ask(client, to, DiscoPayload(), patience)
    found = answer.iq.get(DiscoPayload) if answer.iq is not None else None
    return found or DiscoPayload()


async def services_of(client: Client, domain: Jid) -> list[DiscoPayload]:
    """What the services of `domain` are and can."""
    answer = await ask(client, domain, DiscoItemsPayload())
    items = answer.iq.get(DiscoItemsPayload) if answer.iq is not None else None
    found = items.items[:MOST_SERVICES] if items is not None else ()
    return list(await asyncio.gather(*(discover(client, each.jid) for each in found)))
