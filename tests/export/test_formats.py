"""What messages look like in the files, and that nothing in them is obeyed."""

from __future__ import annotations

import html.parser
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Reaction, Reply
from termxmpp.export.formats import FORMATS
from tests.support.harness import ALICE, BOB, NOON

PLAIN = Message("m1", BOB, "hello\nyou", NOON, archive_id="a1")
RICH = Message(
    "m2",
    ALICE,
    "fine",
    NOON + timedelta(minutes=1),
    is_own=True,
    fate=Fate.FAILED,
    reason="no such user",
    reply=Reply("m1", BOB, "hello"),
    reactions=(Reaction("👍", (BOB, ALICE)),),
    edits=("fien",),
    spoiler="the end",
)
RETRACTED = replace(PLAIN, text="", is_retracted=True)
EVIL = "\x1b[2J\u202e<script>alert('x')</script>&\"\n/me waves\x00"


def written(kind: str, *messages: Message, name: str = "Bob", title: str = "Bob") -> str:
    made = FORMATS[kind]()
    return "".join(
        [
            made.begin(ALICE, NOON),
            made.conversation(BOB, title),
            *(made.message(BOB, message, name) for message in messages),
            made.end(),
        ]
    )


def test_text_is_for_people() -> None:
    assert written("text", PLAIN, replace(PLAIN, text="/me waves"), RICH, RETRACTED) == (
        "What alice@example.org has said and heard, taken on 2026-01-02 12:00:00.\n"
        "\n== Bob (bob@example.org) ==\n\n"
        "2026-01-02 12:00:00 Bob: hello\n"
        "    you\n"
        "2026-01-02 12:00:00 * Bob waves\n"
        "2026-01-02 12:01:00 Bob: fine\n"
        "    (answers “hello”; corrected; spoiler: the end; not sent: no such user; 👍 2)\n"
        "2026-01-02 12:00:00 Bob: (retracted)\n"
    )


def test_json_is_for_programs() -> None:
    first, second, third = (
        json.loads(line) for line in written("json", PLAIN, RICH, RETRACTED).splitlines()
    )
    assert first == {
        "conversation": "bob@example.org",
        "id": "m1",
        "archive_id": "a1",
        "at": "2026-01-02T12:00:00Z",
        "author": "bob@example.org",
        "name": "Bob",
        "is_own": False,
        "is_groupchat": False,
        "is_retracted": False,
        "text": "hello\nyou",
    }
    assert second["reply"] == {"id": "m1", "author": "bob@example.org", "text": "hello"}
    assert second["reactions"] == [{"emoji": "👍", "by": ["bob@example.org", "alice@example.org"]}]
    assert (second["fate"], second["edits"]) == ("failed", ["fien"])
    assert third["is_retracted"]
    assert "text" not in third


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_that_a_peer_wrote_reaches_a_terminal(kind: str) -> None:
    evil = replace(
        RICH,
        text=EVIL,
        subject=EVIL,
        spoiler=EVIL,
        reason=EVIL,
        reply=Reply(EVIL, BOB, EVIL),
        reactions=(Reaction(EVIL, (BOB,)),),
    )
    text = written(kind, evil, name=EVIL, title=EVIL)
    for sign in ("\x1b", "\u202e", "\x00"):
        assert sign not in text


class Reader(html.parser.HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _value in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


@given(st.text(max_size=40), st.text(max_size=20))
def test_a_page_holds_no_tag_but_ours(text: str, name: str) -> None:
    plain = read(written("html", PLAIN))
    page = read(written("html", replace(PLAIN, text=text, subject=name), name=name, title=name))
    assert page.tags == plain.tags
    assert page.attributes == plain.attributes


def test_a_page_says_what_was_said_and_loads_nothing() -> None:
    page = read(written("html", replace(PLAIN, text="<b>1 & 2</b>")))
    assert "<b>1 & 2</b>" in page.text
    assert not {"script", "img", "a", "link", "iframe"} & set(page.tags)
    assert "default-src 'none'" in written("html", PLAIN)


def test_a_room_is_named_by_its_address_too() -> None:
    club = Jid.parse("club@conference.example.org")
    assert "== The club (club@conference.example.org) ==" in FORMATS["text"]().conversation(
        club, "The club"
    )
