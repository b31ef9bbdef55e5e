"""XEP-0191 Blocking Command, with the reports of XEP-0377: from whom nothing is to come.

The server keeps the list and lets nothing pass; it is fetched at log-in and kept by the server's
pushes. A push counts only if it comes from the account itself: everything else is forged.
"""

from __future__ import annotations

import logging
from typing import Annotated, Literal

from termxmpp.commands.registry import Kind, Rest, command
from termxmpp.core.events import BlocklistChanged
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.errors import ConnectionFailed, RemoteError, UserError
from termxmpp.feature import CommandContext, Context, Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.blocking import (
    NS,
    REPORTING_NS,
    BlocklistPayload,
    BlockPayload,
    Report,
    UnblockPayload,
)
from termxmpp.xmpp.hooks import on_iq_set
from termxmpp.xmpp.ids import StanzaIdPayload
from termxmpp.xmpp.stanzas import IncomingIq

__all__ = ["FEATURE"]

logger = logging.getLogger(__name__)

# A report names so many messages at most, the newest: whoever reads it has the archive.
MOST_REPORTED = 10


class BlockingHandler(Handler):
    """Fetches the list and follows its pushes."""

    async def online(self) -> None:
        if _can_block(self.ctx):
            self.ctx.spawn(_fetch(self.ctx))
        else:
            _change(self.ctx, frozenset())

    async def resumed(self) -> None:
        # Only another run of ours can have known it: what has changed since is pushed.
        if self.ctx.state.blocked is None:
            await self.online()

    @on_iq_set(BlockPayload)
    def blocked(self, iq: IncomingIq) -> None:
        """Some are blocked, by us or on another device (§3.3)."""
        told = _checked(self.ctx, iq).get(BlockPayload)
        if told is None or not told.jids:
            raise RemoteError("The push can't be read.", "bad-request")
        _change(self.ctx, (self.ctx.state.blocked or frozenset()) | set(told.jids))

    @on_iq_set(UnblockPayload)
    def unblocked(self, iq: IncomingIq) -> None:
        """Some are blocked no more, or nobody is (§3.4, §3.5)."""
        told = _checked(self.ctx, iq).get(UnblockPayload)
        if told is None or not (told.jids or told.is_all):
            raise RemoteError("The push can't be read.", "bad-request")
        known = self.ctx.state.blocked or frozenset()
        _change(self.ctx, frozenset() if told.is_all else known - set(told.jids))


def _can_block(ctx: Context) -> bool:
    return NS in ctx.state.namespaces | ctx.state.server_namespaces


async def _fetch(ctx: Context) -> None:
    try:
        answer = (await ctx.get(None, BlocklistPayload())).get(BlocklistPayload)
    except (ConnectionFailed, RemoteError) as error:
        logger.info("who is blocked is not known: %s", error)
        return
    if answer is not None:
        _change(ctx, frozenset(answer.jids))


def _checked(ctx: Context, iq: IncomingIq) -> IncomingIq:
    """`iq`, if it is the server's own word; else the answer is that of who knows no such list."""
    if iq.sender not in (None, ctx.state.account):
        logger.warning("a forged push of who is blocked, from %s, was refused", iq.sender)
        raise RemoteError(f"{iq.sender} blocks nobody for us.", "service-unavailable")
    return iq


def _change(ctx: Context, jids: frozenset[Jid]) -> None:
    """Let these be blocked from now on, and see again who of the contacts was and is no more."""
    if jids == ctx.state.blocked:
        return
    state = ctx.state
    were = [jid for jid in state.contacts if state.blocked and state.block_of(jid) is not None]
    ctx.emit(BlocklistChanged(jids))
    for jid in were:
        if state.block_of(jid) is None and state.contacts[jid].subscription in ("to", "both"):
            # To ask is the server's affair (RFC 6121 §4.7.1), but none does so here.
            ctx.send(stanzas.presence(jid, type="probe"))


def _target(ctx: CommandContext, jid: Jid) -> Jid:
    """What of `jid` is to be blocked: all of it, or one occupant of a room; UserError for us."""
    state = ctx.client.state
    wanted = state.peer_of(jid)
    if wanted in (state.account, Jid("", state.account.domain)):
        raise UserError(_("Your own account and its server can't be blocked."))
    return wanted


def _require(ctx: Context, namespace: str, words: str) -> None:
    """UserError with `words` if the server is there and does not know `namespace`."""
    if ctx.is_online and namespace not in ctx.state.namespaces | ctx.state.server_namespaces:
        raise UserError(words)


@command("block")
async def block(ctx: CommandContext, jid: Annotated[Jid, Kind.JID] | None = None) -> None:
    """Let nothing pass between JID and you; without JID, list who is blocked.

    JID may be a whole server: then nobody there reaches you. It is not told, and sees you offline.
    """
    if jid is None:
        _list(ctx)
        return
    wanted = _target(ctx, jid)
    _require(
        ctx.client,
        NS,
        _("Your server can't block anybody (XEP-0191); /mute tells you nothing of a conversation."),
    )
    await ctx.client.set(None, BlockPayload((wanted,)))
    _change(ctx.client, (ctx.client.state.blocked or frozenset()) | {wanted})
    ctx.tell(_("{jid} is blocked; /unblock {jid} takes that back.").format(jid=wanted))


@command("unblock")
async def unblock(ctx: CommandContext, jid: Annotated[Jid, Kind.BLOCKED]) -> None:
    """Let JID reach you again."""
    known = ctx.client.state.blocked
    wanted = jid if known is not None and jid in known else _target(ctx, jid)
    if known is not None and wanted not in known:
        by = ctx.client.state.block_of(wanted)
        raise UserError(
            _("{jid} is blocked with all of {by}: /unblock {by}.").format(jid=wanted, by=by)
            if by is not None
            else _("{jid} is not blocked; /block lists who is.").format(jid=wanted)
        )
    await ctx.client.set(None, UnblockPayload((wanted,)))
    _change(ctx.client, (ctx.client.state.blocked or frozenset()) - {wanted})
    ctx.tell(_("{jid} is not blocked any more.").format(jid=wanted))


@command("report")
async def report(
    ctx: CommandContext,
    jid: Annotated[Jid, Kind.JID],
    reason: Literal["spam", "abuse"] = "spam",
    text: Rest | None = None,
) -> None:
    """Block JID, and report it to your server for spam or abuse, with TEXT in your own words.

    The newest messages of JID are named in it, by their places in your server's archive.
    """
    wanted = _target(ctx, jid)
    _require(
        ctx.client,
        REPORTING_NS,
        _("Your server takes no reports (XEP-0377); /block {jid} blocks without one.").format(
            jid=wanted
        ),
    )
    about = Report(reason, text or "", _reported(ctx.client, wanted))
    await ctx.client.set(None, BlockPayload((wanted,), about))
    _change(ctx.client, (ctx.client.state.blocked or frozenset()) | {wanted})
    ctx.tell(_("{jid} is reported and blocked.").format(jid=wanted))


def _reported(ctx: Context, jid: Jid) -> tuple[StanzaIdPayload, ...]:
    """The newest messages of `jid` that our archive has, oldest first."""
    if jid not in ctx.state.conversations:
        return ()
    entries = ctx.state.conversations[jid].entries
    theirs = [
        StanzaIdPayload(entry.archive_id, ctx.state.account)
        for entry in entries
        if isinstance(entry, Message) and not entry.is_own and entry.archive_id
    ]
    return tuple(theirs[-MOST_REPORTED:])


def _list(ctx: CommandContext) -> None:
    known = ctx.client.state.blocked
    if known is None:
        raise UserError(_("Who is blocked is not known yet: your server has not said it."))
    if not known:
        ctx.tell(_("Nobody is blocked; /block JID blocks somebody."))
        return
    lines = []
    for jid in sorted(known):
        contact = ctx.client.state.contacts.get(jid.bare)
        lines.append(f"{jid}  {contact.name if contact is not None else ''}".rstrip())
    ctx.tell("\n".join([_("Blocked:"), *lines]))


FEATURE = Feature(
    "XEP-0191",
    "Blocking Command",
    handler=BlockingHandler,
    commands=(block, unblock, report),
    version="1.3",
)
