"""XEP-0313 Message Archive Management: what was said while this client was away.

Fetched in the background, newest first, from our own archive and from those of the rooms that we
are in; what is missing is recorded as a gap between two known messages, which only a page of the
archive makes smaller: a message that comes meanwhile moves nothing. A result counts only in an
answer of the archive that we have asked.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

from termxmpp.commands.registry import Rest, command
from termxmpp.core.archive import ARCHIVE as NS
from termxmpp.core.archive import Gap
from termxmpp.core.events import (
    ArchiveEnded,
    ArchivePaged,
    CatchUpBegun,
    CaughtUp,
    Event,
    GapFailed,
    GapsChanged,
    OlderWanted,
    RoomEntered,
)
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message, Route
from termxmpp.core.room import Room
from termxmpp.errors import ConnectionFailed, RemoteError, UserError
from termxmpp.feature import CommandContext, Context, Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp.archive import FinPayload, QueryPayload, ResultPayload
from termxmpp.xmpp.hooks import on_message
from termxmpp.xmpp.paging import Page
from termxmpp.xmpp.reading import read_groupchat, read_message
from termxmpp.xmpp.stanzas import IncomingMessage

__all__ = ["FEATURE", "RECENT"]

logger = logging.getLogger(__name__)

EXTENDED = f"{NS}#extended"

# An archive whose server has just come up may say so; it is asked again after so many seconds,
# and then given up for this session.
PASSING = frozenset({"internal-server-error", "resource-constraint"})
PAUSES = (2.0, 10.0, 60.0)

# So many messages are asked for at once: a page is recorded in one turn, in which no key is
# echoed, so it must stay at some milliseconds.
PAGE = 100

# Of what was said in a room before our time, so many pages are fetched in one run: public rooms
# have years of it. `/history` fetches as many more.
PAST_PAGES = 10

# Who looks further back than that gets so many more each time: some screens full.
WANTED_PAGES = 2

LONG_AGO = datetime.min.replace(tzinfo=UTC)

# Of what a server sends beyond that, so much is kept; the rest is asked for once more.
TOO_MANY = 10 * PAGE


class _Answer:
    """The results of one question to `archive`; the newest ones, if there are too many."""

    def __init__(self, archive: Jid) -> None:
        self.archive = archive
        self.results: deque[ResultPayload] = deque(maxlen=TOO_MANY)
        self.is_cut = False

    def add(self, result: ResultPayload) -> None:
        self.is_cut = self.is_cut or len(self.results) == TOO_MANY
        self.results.append(result)


class ArchiveHandler(Handler):
    """Fills the gaps of each archive's history, the newest first.

    Where `is_past_wanted` is false, of what was said before our time only so much is fetched that
    it is known where that ends.
    """

    is_past_wanted = True

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._answers: dict[str, _Answer] = {}
        self._filling: set[Jid | None] = set()
        # How many pages each gap has got in this run.
        self._pages: Counter[int] = Counter()
        # Of which archives it is known what stood at their end.
        self._anchored: set[Jid | None] = set()
        # How a pause is made; who can't wait for it gives another.
        self.pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def online(self) -> None:
        """After presence, in FEATURES: from then on nothing comes that does not come to us."""
        if self._can_ask(None):
            self.ctx.emit(CatchUpBegun())
            self._fill_anew(None)
        else:
            self._tell_nothing()
        for room in self.ctx.state.rooms.values():
            if room.is_in:
                # An earlier run entered it, and may have ended with something unknown.
                if room.has_archive:
                    self.ctx.emit(CatchUpBegun(room.jid))
                self._catch_up(room)

    async def resumed(self) -> None:
        if self._can_ask(None):
            self.fill(None)
        else:
            self._tell_nothing()
        self._fill_all()

    def happened(self, event: Event) -> None:
        match event:
            case RoomEntered(jid):
                self._catch_up(self.ctx.state.rooms[jid])
            case GapsChanged() if self.ctx.is_online:
                self._fill_all()
            case GapFailed(gap, problem) if not problem:
                self._pages.pop(gap, None)
            case OlderWanted(peer):
                self._fetch_past(peer)

    def _fetch_past(self, peer: Jid) -> None:
        """The user has seen all that is here of the conversation with `peer`: fetch some more."""
        gap = self.ctx.state.past_gap(peer)
        if gap is not None and not gap.problem and self._can_ask(gap.archive):
            allowed = max(0, PAST_PAGES - WANTED_PAGES)
            self._pages[gap.number] = min(self._pages[gap.number], allowed)
            self.fill(gap.archive)

    def fill(self, archive: Jid | None) -> None:
        """Begin to fetch what is missing of `archive`, unless that is going on."""
        if archive not in self._filling:
            self._filling.add(archive)
            self.ctx.spawn(self._fill(archive))

    @on_message(payload=ResultPayload)
    def receive(self, message: IncomingMessage) -> bool:
        """A result of a question of ours, from the archive that was asked (XEP-0313 §8.2)."""
        result = message.get(ResultPayload)
        answer = self._answers.get(result.query_id) if result is not None else None
        account = self.ctx.state.account
        # What nobody waits for any more was asked over a link that broke, or is forged.
        may_answer = {answer.archive} if answer is not None else {account, *self.ctx.state.rooms}
        if (message.sender or account) not in may_answer or message.route is not Route.LIVE:
            logger.warning("a forged archive result from %s was dropped", message.sender)
        elif answer is not None and result is not None:
            answer.add(result)
        return True

    def _namespaces(self, archive: Jid | None) -> frozenset[str]:
        """What the entity announces whose archive it is."""
        state = self.ctx.state
        return state.namespaces if archive is None else state.rooms[archive].namespaces

    def _can_ask(self, archive: Jid | None) -> bool:
        """Whether there is an archive that answers us now."""
        room = self.ctx.state.rooms.get(archive) if archive is not None else None
        if archive is not None and (room is None or not room.is_in):
            return False
        return self.ctx.is_online and NS in self._namespaces(archive)

    def _catch_up(self, room: Room) -> None:
        """We are in `room`: what it has of ours is told when what was missed is here."""
        if room.has_archive:
            self._fill_anew(room.jid)
        else:
            self.ctx.emit(CaughtUp(is_complete=False, archive=room.jid, has_archive=False))

    def _fill_anew(self, archive: Jid | None) -> None:
        """What could not be done once is no reason for a hole that stays."""
        for gap in self.ctx.state.gaps:
            if gap.archive == archive and gap.problem:
                self.ctx.emit(GapFailed(gap.number, ""))
        self.fill(archive)

    def _fill_all(self) -> None:
        # One look at each gap: in hundreds of rooms all of this happens hundreds of times.
        wanted = dict.fromkeys(
            gap.archive
            for gap in self.ctx.state.gaps
            if gap.archive not in self._filling and self._is_wanted(gap)
        )
        for archive in wanted:
            if self._can_ask(archive):
                self.fill(archive)

    async def _fill(self, archive: Jid | None) -> None:
        """Fill the gaps; as soon as it is known what of ours has arrived, that is told."""
        is_told = False
        try:
            while self._can_ask(archive) and (gap := self._next_gap(archive)):
                await self._fill_one(gap)
                gaps = self._gaps(archive)
                if not is_told and not any(gap.holds_ours and not gap.problem for gap in gaps):
                    is_told = True
                    self._tell(archive)
            if not is_told and self._can_ask(archive):
                self._tell(archive)
        except ConnectionFailed:
            # The next link goes on with it.
            pass
        finally:
            self._filling.discard(archive)

    def _tell(self, archive: Jid | None) -> None:
        """Tell that what was missed is here, unless something of it can't be fetched."""
        gaps = self._gaps(archive)
        is_cut = any(gap.holds_ours or (gap.is_missed and gap.problem) for gap in gaps)
        self.ctx.emit(CaughtUp(not is_cut, archive))

    def _tell_nothing(self) -> None:
        """Nobody can be asked: there is no archive, unless the account has not even said so."""
        self.ctx.emit(CaughtUp(is_complete=False, has_archive=not self.ctx.state.is_discovered))

    def _gaps(self, archive: Jid | None) -> list[Gap]:
        return [gap for gap in self.ctx.state.gaps if gap.archive == archive]

    def _next_gap(self, archive: Jid | None) -> Gap | None:
        """The newest that can be filled, and is to be."""
        gaps = reversed(self.ctx.state.gaps)
        return next((gap for gap in gaps if gap.archive == archive and self._is_wanted(gap)), None)

    def _is_wanted(self, gap: Gap) -> bool:
        return not gap.problem and not self._rests(gap)

    def _rests(self, gap: Gap) -> bool:
        """Whether enough of the past is here for now; the account's own is fetched whole."""
        if gap.is_missed:
            return False
        if not self.is_past_wanted and gap.archive in self._anchored:
            return True
        return gap.archive is not None and self._pages[gap.number] >= PAST_PAGES

    async def _fill_one(self, gap: Gap) -> bool:
        """Fetch all that is missing there; whether that could be done."""
        before, has_started_over = gap.before, False
        has_form = bool(gap.after) and EXTENDED in self._namespaces(gap.archive)
        asked: set[str] = set()
        pauses = iter(PAUSES)
        while current := self._still(gap):
            if self._rests(current) or not self._can_ask(gap.archive):
                return False
            try:
                if before in asked:
                    raise RemoteError(_("The archive gives the same page again and again."))
                if not await self._fetch(current, before, has_form=has_form):
                    return False
            except RemoteError as error:
                is_forgotten = error.condition == "item-not-found"
                if is_forgotten and has_form:
                    # The archive has forgotten where the gap begins: it is read to its own end.
                    has_form = False
                elif is_forgotten and before and not has_started_over:
                    # It has forgotten where we were: begin at its end once more.
                    before, has_started_over = "", True
                    asked.clear()
                elif error.condition in PASSING and (pause := next(pauses, None)) is not None:
                    await self.pause(pause)
                else:
                    self.ctx.emit(GapFailed(gap.number, str(error)))
                    return False
            else:
                asked.add(before)
                gap = self._gap(gap.number) or gap
                before = gap.before
        return True

    def _still(self, gap: Gap) -> Gap | None:
        """`gap` as it is now; None if it is no more, or begins at another place by now."""
        current = self._gap(gap.number)
        is_same = current is not None and gap.before in ("", current.before)
        return current if is_same else None

    def _gap(self, number: int) -> Gap | None:
        return next((gap for gap in self.ctx.state.gaps if gap.number == number), None)

    async def _fetch(self, gap: Gap, before: str, *, has_form: bool) -> bool:
        """Ask for the newest page before `before` and record it, if it is still of use."""
        query_id = self.ctx.new_id()
        answer = self._answers[query_id] = _Answer(gap.archive or self.ctx.state.account)
        try:
            question = QueryPayload(query_id, Page(PAGE, before), gap.after if has_form else "")
            reply = await self.ctx.set(gap.archive, question)
        finally:
            del self._answers[query_id]
        fin = reply.get(FinPayload)
        if fin is None:
            raise RemoteError(_("The archive gave no readable answer."))
        if self._still(gap) is None:
            return False
        self._pages[gap.number] += 1
        self._take(gap, answer, fin)
        return True

    def _take(self, gap: Gap, answer: _Answer, fin: FinPayload) -> None:
        """Record a page; it says itself with what it begins, of which there may be no result."""
        results = list(answer.results)
        ids = [result.id for result in results]
        first = "" if answer.is_cut else fin.page.first
        first = first or (ids[0] if ids else "")
        is_last = fin.is_complete and not answer.is_cut
        if gap.after in ids:
            is_last = True
            del results[: ids.index(gap.after) + 1]
        if not first or (is_last and not results):
            self.ctx.emit(ArchiveEnded(gap.number))
            return
        messages, others = self._read(gap.archive, results)
        if messages:
            self._anchored.add(gap.archive)
        self.ctx.emit(ArchivePaged(gap.number, messages, first, is_last))
        for inner in others if gap.archive is None else ():
            self.ctx.take(inner)

    def _read(
        self, archive: Jid | None, results: Iterable[ResultPayload]
    ) -> tuple[list[tuple[Jid, Message]], list[IncomingMessage]]:
        """The messages of conversations among `results`, and what else there is.

        What nobody is to keep is left out: here it was seen when it came, or never will be.
        """
        messages: list[tuple[Jid, Message]] = []
        others: list[IncomingMessage] = []
        for result in results:
            if result.forwarded is None:
                continue
            inner = result.forwarded.message(Route.ARCHIVE, result.id)
            if inner is None:
                continue
            read = self._read_one(archive, inner)
            if read is None:
                others.append(inner)
            elif not read[1].is_transient:
                messages.append(read)
        return messages, others

    def _read_one(
        self, archive: Jid | None, message: IncomingMessage
    ) -> tuple[Jid, Message] | None:
        ctx = self.ctx
        if archive is None:
            return read_message(message, ctx.state, ctx.now(), ctx.new_id)
        is_said_there = message.sender is not None and message.sender.bare == archive
        if not is_said_there or message.type != "groupchat":
            return None
        room = ctx.state.rooms[archive]
        said = read_groupchat(message, room, ctx.state.account, ctx.now(), ctx.new_id)
        return None if said is None else (archive, said)


class RecentArchiveHandler(ArchiveHandler):
    """Fetches what was missed, and nothing from before."""

    is_past_wanted = False


@command("history")
def history(ctx: CommandContext, date: Rest | None = None) -> None:
    """Look at what was said from DATE on; without one, fetch once more what is missing.

    DATE is a day, or a day and a time, as in 2026-11-20 or 2026-11-20 14:30.
    """
    if date is not None:
        _look_from(ctx, _moment(date))
    else:
        _try_again(ctx)


def _moment(text: str) -> datetime:
    """The aware time that `text` says, in local time; UserError if it says none."""
    try:
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError, OSError):
        raise UserError(
            _("{text!r} is no day: write it as in 2026-11-20, or 2026-11-20 14:30.").format(
                text=text[:40]
            )
        ) from None


def _look_from(ctx: CommandContext, at: datetime) -> None:
    """Go to the first message of `at` or later; what is older may be at the server only."""
    client, peer = ctx.client, ctx.here
    found = client.first_since(peer, at)
    if found is None:
        raise UserError(_("Nothing was said here since then."))
    ctx.look_from(found.key)
    oldest = client.first_since(peer, LONG_AGO)
    archive = peer if peer in client.state.rooms else None
    gaps = [each for each in client.state.gaps if each.archive == archive]
    if oldest == found and any(gap.high <= found.rank for gap in gaps):
        client.emit(OlderWanted(peer))
        ctx.tell(
            _(
                "This is the first that is here; the server may have older messages, some of "
                "which are fetched now. The same command goes further back then."
            )
        )


def _try_again(ctx: CommandContext) -> None:
    """Let what could not be fetched be tried once more, and tell what that is."""
    gaps = ctx.client.state.gaps
    if not gaps:
        ctx.tell(_("Nothing is missing: all that the server has kept is here."))
        return
    for gap in gaps:
        if gap.problem:
            ctx.tell(
                _("A part of the history could not be fetched: {problem}").format(
                    problem=gap.problem
                )
            )
        ctx.client.emit(GapFailed(gap.number, ""))
    ctx.tell(
        _("What is missing is fetched.")
        if ctx.client.is_online
        else _("What is missing is fetched as soon as you are connected.")
    )


FEATURE = Feature(
    "XEP-0313",
    "Message Archive Management",
    (),
    ArchiveHandler,
    (history,),
    reads_archive=True,
    version="1.1.3",
)

RECENT = replace(FEATURE, handler=RecentArchiveHandler, commands=())
"""For who wants to know what was missed, and nothing from before."""
