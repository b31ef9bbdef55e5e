"""The archive of an account (XEP-0313), for an Actor whose server has one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from tests.support.harness import Actor

__all__ = ["ANNOUNCED", "MAM", "Archive", "Question", "heard", "said"]

MAM = "urn:xmpp:mam:2"
ANNOUNCED = (MAM, f"{MAM}#extended", "urn:xmpp:sid:0")
RSM = "http://jabber.org/protocol/rsm"
FORM = "jabber:x:data"


def heard(text: str, id: str = "", more: str = "") -> str:
    """A message of Bob's, as it stands in the archive."""
    return _message("bob@example.org/desk", "alice@example.org", text, id, more)


def said(text: str, id: str = "", more: str = "") -> str:
    """A message of Alice's to Bob, as it stands there."""
    return _message("alice@example.org/there", "bob@example.org", text, id, more)


def _message(sender: str, to: str, text: str, id: str, more: str) -> str:
    return (
        f"<message xmlns='jabber:client' from='{sender}' to='{to}' type='chat' "
        f"id='{id or text}'>{more}<body>{text}</body></message>"
    )


@dataclass(frozen=True)
class Question:
    """What was asked of the archive; `before` and `after` are ids, `max` the size of the page."""

    before: str | None
    after: str | None
    max: int
    query_id: str


class Archive:
    """What `actor` asks is answered from `items`: (archive id, message), the oldest first.

    No page holds more than `limit`. `questions` are those that were asked. While it `is_silent`
    they are not answered, and a `refusal` is the condition of the error that each gets; what
    stands before `refused` can't be had at the moment. An item without a message is one that was
    taken out (§3.2).
    """

    def __init__(self, actor: Actor, *texts: str, limit: int = 1000) -> None:
        self.items = [(f"a{number}", text) for number, text in enumerate(texts, 1)]
        self.limit = limit
        self.questions: list[Question] = []
        self.is_silent = False
        self.refusal = ""
        self.refused = ""
        self._actor = actor
        actor.answers = self.answer

    def add(self, text: str) -> str:
        """Keep a message; the archive id that it gets."""
        self.items.append((f"a{len(self.items) + 1}", text))
        return self.items[-1][0]

    def answer(self, iq: Element) -> str | None:
        query = iq.find(f"{{{MAM}}}query")
        if query is None:
            return None
        question = _question(query)
        self.questions.append(question)
        if self.is_silent:
            return ""
        known = [id_ for id_, _ in self.items]
        is_known = all(bound in known for bound in (question.before, question.after) if bound)
        refusal = self.refusal or ("" if is_known else "item-not-found")
        if self.refused and question.before == self.refused:
            refusal = "internal-server-error"
        if refusal:
            return (
                f"<iq type='error' id='{iq.get('id')}'><error type='cancel'>"
                f"<{refusal} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            )
        return self.page(iq.get("id", ""), question)

    def page(self, iq_id: str, question: Question) -> str:
        """Send the results that answer `question`; the end of the page."""
        known = [id_ for id_, _ in self.items]
        start = known.index(question.after) + 1 if question.after else 0
        end = known.index(question.before) if question.before else len(known)
        start_of_page = max(start, end - min(self.limit, question.max))
        page = self.items[start_of_page:end]
        self.results(question.query_id, page)
        return fin(iq_id, [id_ for id_, _ in page], is_complete=start_of_page == start)

    def results(self, query_id: str, page: Sequence[tuple[str, str]]) -> None:
        for id_, message in page:
            self.say(result(query_id, id_, message))

    def say(self, stanza: str) -> None:
        """Send `stanza` behind what has been sent."""
        asyncio.get_running_loop().call_soon(self._actor.server.receives, stanza)


def result(query_id: str, id: str, message: str, sender: str = "") -> str:
    """One archived message."""
    origin = f" from='{sender}'" if sender else ""
    return (
        f"<message{origin}><result xmlns='{MAM}' queryid='{query_id}' id='{id}'>"
        "<forwarded xmlns='urn:xmpp:forward:0'>"
        f"<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T10:00:00Z'/>{message}"
        "</forwarded></result></message>"
    )


def fin(iq_id: str, ids: Sequence[str], *, is_complete: bool) -> str:
    """The end of a page that holds `ids`."""
    bounds = f"<first>{ids[0]}</first><last>{ids[-1]}</last>" if ids else ""
    complete = " complete='true'" if is_complete else ""
    return (
        f"<iq type='result' id='{iq_id}'><fin xmlns='{MAM}'{complete}>"
        f"<set xmlns='{RSM}'>{bounds}</set></fin></iq>"
    )


def _question(query: Element) -> Question:
    after = None
    for field in query.iterfind(f"{{{FORM}}}x/{{{FORM}}}field"):
        if field.get("var") == "after-id":
            after = field.findtext(f"{{{FORM}}}value")
    page = query.find(f"{{{RSM}}}set")
    assert page is not None
    return Question(
        page.findtext(f"{{{RSM}}}before"),
        after,
        int(page.findtext(f"{{{RSM}}}max") or 0),
        query.get("queryid", ""),
    )
