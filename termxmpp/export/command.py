"""/export: message by message into the file, some at a time, beside everything else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

from termxmpp.client import Client
from termxmpp.commands.registry import Command, Kind, command
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.errors import UserError
from termxmpp.export.wishes import Wishes, file_name
from termxmpp.feature import CommandContext
from termxmpp.values import dataclass
from termxmpp.words import _, ngettext

if TYPE_CHECKING:
    from termxmpp.export.formats import Format
    from termxmpp.export.writing import NewFile

__all__ = ["EXPORT_COMMANDS", "ExportContext"]

# So many messages are taken from the records in one turn of the loop: a few milliseconds.
AT_ONCE = 100

# How many files of one day may be beside each other.
MOST = 100

# After so many messages the user is told how far it is.
TOLD = 20_000


@dataclass(frozen=True, slots=True)
class ExportContext:
    """Where the command was typed, and the account whose messages are wanted."""

    here: CommandContext
    client: Client


@command("export")
async def export(ctx: ExportContext, *wishes: Annotated[str, Kind.EXPORT]) -> None:
    """Write this conversation, or with `all` every one of the account, into a new file.

    As `text`, `json` (one object a line) or `html`; only what somebody said: `by NICK`, `by JID`,
    `by me`; only of some days: `since 2026-01-01`, `until yesterday`, `since 30d`; `to FILE`, else
    into your home. Only you can read the file, and none that is there is touched.
    """
    # Only who exports needs these.
    from termxmpp.export.formats import FORMATS
    from termxmpp.export.writing import NewFile

    wanted = Wishes.read(wishes, ctx.client.now())
    peers = _peers(ctx, wanted)
    made = FORMATS[wanted.format]()
    async with NewFile(*_names(ctx, wanted, made.suffix)) as file:
        count = await _write(ctx, wanted, peers, made, file)
        if count:
            await file.finish()
    if not count:
        raise UserError(_("There is nothing that fits, so there is no file."))
    words = ngettext("{count} message is in {path}.", "{count} messages are in {path}.", count)
    ctx.here.tell(words.format(count=count, path=file.path))


EXPORT_COMMANDS: tuple[Command, ...] = (export,)


def _peers(ctx: ExportContext, wanted: Wishes) -> Sequence[Jid]:
    if wanted.is_all:
        return ctx.client.recall.peers()
    if ctx.here.peer is None:
        raise UserError(_("This is the console: /export all takes every conversation."))
    return [ctx.here.peer]


def _names(ctx: ExportContext, wanted: Wishes, suffix: str) -> Sequence[str]:
    """The file that is wanted, or names to choose from."""
    state = ctx.client.state
    what = str(state.account if wanted.is_all else ctx.here.here)
    names = [file_name(what, ctx.client.now(), suffix, number) for number in range(1, MOST + 1)]
    if not wanted.path:
        return [f"~/{name}" for name in names]
    if wanted.path.endswith("/"):
        return [wanted.path + name for name in names]
    return [wanted.path]


async def _write(
    ctx: ExportContext, wanted: Wishes, peers: Sequence[Jid], made: Format, file: NewFile
) -> int:
    """Write all that is wanted; how much that is."""
    state = ctx.client.state
    count = 0
    await file.write(made.begin(state.account, ctx.client.now()))
    for peer in peers:
        is_first = True
        async for messages in _pages(ctx.client, peer):
            parts = []
            for message in messages:
                name = state.name_of(message.author)
                if wanted.fits(message, name):
                    if is_first:
                        parts.append(made.conversation(peer, state.title_of(peer)))
                        is_first = False
                    parts.append(made.message(peer, message, name))
                    count += 1
                    if count % TOLD == 0:
                        ctx.here.tell(_("{count} messages so far.").format(count=count))
            await file.write("".join(parts))
    await file.write(made.end())
    return count


async def _pages(client: Client, peer: Jid) -> AsyncIterator[Sequence[Message]]:
    """What was said with `peer`, oldest first, in parts, each in a turn of its own."""
    if not client.keeps_history:
        # What is kept nowhere is what there is on the screen.
        for part in _parts(client, peer):
            yield part
            await asyncio.sleep(0)
        return
    last: Message | None = None
    while True:
        messages, has_more = client.recall.page(peer, last, AT_ONCE)
        if messages:
            yield messages
            last = messages[-1]
        if not messages or not has_more:
            return
        await asyncio.sleep(0)


def _parts(client: Client, peer: Jid) -> Iterator[Sequence[Message]]:
    entries = client.state.conversation(peer).entries
    known = [each for each in entries if isinstance(each, Message)]
    for place in range(0, len(known), AT_ONCE):
        yield known[place : place + AT_ONCE]
