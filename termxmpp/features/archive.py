"""XEP-0313 Message Archive Management: what was said while this client was away.

Fetched in the background, newest first; what is missing is recorded as a gap between two known
messages, which only a page of the archive makes smaller: a message that comes meanwhile moves
nothing. A result counts only in an answer of our own archive to a question of ours.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.commands.registry import command
from termxmpp.core.archive import Gap
from termxmpp.core.events import (
    ArchiveEnded,
    ArchivePaged,
    CatchUpBegun,
    CaughtUp,
    Event,
    GapFailed,
    GapsChanged,
)
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message, Route
from termxmpp.errors import ConnectionFailed, RemoteError
from termxmpp.feature import CommandContext, Context, Feature, Handler
from termxmpp.xmpp.forwarding import Forwarded
from termxmpp.xmpp.hooks import on_message
from termxmpp.xmpp.paging import NS as RSM_NS
from termxmpp.xmpp.paging import Page
from termxmpp.xmpp.payload import Payload, payload
from termxmpp.xmpp.reading import read_message
from termxmpp.xmpp.stanzas import IncomingMessage

__all__ = ["FEATURE"]

logger = logging.getLogger(__name__)

NS = "urn:xmpp:mam:2"
EXTENDED = "urn:xmpp:mam:2#extended"
FORM_NS = "jabber:x:data"
FORWARDED_TAG = "{urn:xmpp:forward:0}forwarded"

# So many messages are asked for at once: a page is recorded in one turn, in which no key is
# echoed, so it must stay at some milliseconds.
PAGE = 100

# A server that sends more than it was asked for is not listened to for ever.
TOO_MANY = 10 * PAGE


@payload(f"{{{NS}}}query")
@dataclass(frozen=True)
class QueryPayload(Payload):
    """`<query/>`: a question to the archive; what follows `after_id` only, if that is given."""

    query_id: str
    page: Page
    after_id: str = ""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        raise ValueError("nobody may ask us")

    def as_xml(self) -> Element:
        query = Element(f"{{{NS}}}query", {"queryid": self.query_id})
        if self.after_id:
            form = SubElement(query, f"{{{FORM_NS}}}x", {"type": "submit"})
            for name, value, kind in (("FORM_TYPE", NS, "hidden"), ("after-id", self.after_id, "")):
                item = SubElement(form, f"{{{FORM_NS}}}field", {"var": name})
                if kind:
                    item.set("type", kind)
                SubElement(item, f"{{{FORM_NS}}}value").text = value
        query.append(self.page.as_xml())
        return query


@payload(f"{{{NS}}}result")
@dataclass(frozen=True)
class ResultPayload(Payload):
    """`<result/>`: one archived message, of the question `query_id`, and its archive id."""

    query_id: str
    id: str
    forwarded: Forwarded

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        inner = element.find(FORWARDED_TAG)
        if inner is None or not element.get("id"):
            raise ValueError("a result of nothing")
        return cls(element.get("queryid", ""), element.get("id", ""), Forwarded.from_xml(inner))

    def as_xml(self) -> Element:
        element = Element(f"{{{NS}}}result", {"queryid": self.query_id, "id": self.id})
        element.append(self.forwarded.as_xml())
        return element


@payload(f"{{{NS}}}fin")
@dataclass(frozen=True)
class FinPayload(Payload):
    """`<fin/>`: the end of a page; `is_complete` if there is nothing beyond it."""

    is_complete: bool
    page: Page

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        found = element.find(f"{{{RSM_NS}}}set")
        page = Page() if found is None else Page.from_xml(found)
        return cls(element.get("complete") in ("true", "1"), page)

    def as_xml(self) -> Element:
        element = Element(f"{{{NS}}}fin", {"complete": "true"} if self.is_complete else {})
        element.append(self.page.as_xml())
        return element


@dataclass
class _Answer:
    """The results of one question, as they come."""

    results: list[ResultPayload] = field(default_factory=list)


class ArchiveHandler(Handler):
    """Fills the gaps of the history, the newest first."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._answers: dict[str, _Answer] = {}
        self._is_filling = False

    async def online(self) -> None:
        """After presence, in FEATURES: from then on nothing comes that does not come to us."""
        if NS not in self.ctx.state.namespaces:
            self.ctx.emit(CaughtUp(is_complete=False))
            return
        self.ctx.emit(CatchUpBegun())
        self.fill()

    async def resumed(self) -> None:
        if NS in self.ctx.state.namespaces:
            self.fill()

    def happened(self, event: Event) -> None:
        if isinstance(event, GapsChanged) and self.ctx.is_online and self._next_gap() is not None:
            self.fill()

    def fill(self) -> None:
        """Begin to fetch what is missing, unless that is going on."""
        if not self._is_filling:
            self._is_filling = True
            self.ctx.spawn(self._fill())

    @on_message(payload=ResultPayload)
    def receive(self, message: IncomingMessage) -> bool:
        """A result of a question of ours, from the account itself (XEP-0313 §8)."""
        result = message.get(ResultPayload)
        answer = self._answers.get(result.query_id) if result is not None else None
        is_ours = message.sender in (None, self.ctx.state.account)
        if not is_ours or message.route is not Route.LIVE:
            logger.warning("a forged archive result from %s was dropped", message.sender)
        elif answer is not None and result is not None and len(answer.results) < TOO_MANY:
            answer.results.append(result)
        return True

    async def _fill(self) -> None:
        try:
            is_first = True
            while gap := self._next_gap():
                is_filled = await self._fill_one(gap)
                if is_first:
                    # The newest is what was missed; what is older says nothing of ours.
                    is_first = False
                    self.ctx.emit(CaughtUp(is_complete=is_filled))
            if is_first:
                self.ctx.emit(CaughtUp(is_complete=True))
        except ConnectionFailed:
            # The next link goes on with it.
            pass
        finally:
            self._is_filling = False

    def _next_gap(self) -> Gap | None:
        return next((gap for gap in reversed(self.ctx.state.gaps) if not gap.problem), None)

    async def _fill_one(self, gap: Gap) -> bool:
        """Fetch all that is missing there; whether that could be done."""
        number, has_form = gap.number, EXTENDED in self.ctx.state.namespaces
        while current := next((g for g in self.ctx.state.gaps if g.number == number), None):
            try:
                await self._fetch(current, current.before, has_form=has_form)
            except RemoteError as error:
                if error.condition == "item-not-found" and has_form and current.after:
                    # The archive has forgotten where the gap begins: it is read to its own end.
                    has_form = False
                elif error.condition == "item-not-found" and current.before:
                    await self._start_over(current)
                else:
                    self.ctx.emit(GapFailed(number, str(error)))
                    return False
        return True

    async def _start_over(self, gap: Gap) -> None:
        """The archive has forgotten where we were: begin at its end once more."""
        try:
            await self._fetch(gap, "", has_form=False)
        except RemoteError as error:
            self.ctx.emit(GapFailed(gap.number, str(error)))

    async def _fetch(self, gap: Gap, before: str, *, has_form: bool) -> None:
        """Ask for the newest page before `before` and record it."""
        query_id = self.ctx.new_id()
        answer = self._answers[query_id] = _Answer()
        try:
            question = QueryPayload(query_id, Page(PAGE, before), gap.after if has_form else "")
            reply = await self.ctx.set(None, question)
        finally:
            del self._answers[query_id]
        fin = reply.get(FinPayload)
        if fin is None:
            raise RemoteError("The archive gave no readable answer.")
        ids = [result.id for result in answer.results]
        is_last = fin.is_complete or bool(gap.after and gap.after in ids)
        if gap.after in ids:
            del answer.results[: ids.index(gap.after) + 1]
        if not ids or not answer.results:
            self.ctx.emit(ArchiveEnded(gap.number))
            return
        self._take(gap, answer.results, is_last=is_last)

    def _take(self, gap: Gap, results: list[ResultPayload], *, is_last: bool) -> None:
        state = self.ctx.state
        messages: list[tuple[Jid, Message]] = []
        others: list[IncomingMessage] = []
        for result in results:
            inner = result.forwarded.message(Route.ARCHIVE, result.id)
            if inner is None:
                continue
            read = read_message(
                inner, state.account, state.namespaces, self.ctx.now(), self.ctx.new_id
            )
            if read is not None:
                messages.append(read)
            else:
                others.append(inner)
        self.ctx.emit(ArchivePaged(gap.number, messages, results[0].id, is_last))
        for inner in others:
            self.ctx.take(inner)


@command("history")
def history(ctx: CommandContext) -> None:
    """Fetch what is missing of the history once more, and tell what that is."""
    gaps = ctx.client.state.gaps
    if not gaps:
        ctx.tell("Nothing is missing: all that the server has kept is here.")
        return
    for gap in gaps:
        if gap.problem:
            ctx.tell(f"A part of the history could not be fetched: {gap.problem}")
            ctx.client.emit(GapFailed(gap.number, ""))
    later = "" if ctx.client.is_online else " as soon as you are connected"
    ctx.tell(f"What is missing is fetched{later}.")


FEATURE = Feature(
    "XEP-0313",
    "Message Archive Management",
    (),
    ArchiveHandler,
    (history,),
    reads_archive=True,
)
