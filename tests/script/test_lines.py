"""What `--listen` tells: one line each, whatever a peer has written."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.files import SharedFile
from termxmpp.core.jid import Jid
from termxmpp.core.matter import Matter, MatterKind
from termxmpp.core.message import Act, Deed, Fate, Message, Reply
from termxmpp.core.roster import Availability, Presence
from termxmpp.script import lines
from tests.support.harness import ALICE, BOB, NOON

ROOM = Jid.parse("club@rooms.example.org")
HELLO = Message("m1", BOB.with_resource("desk"), "hello", NOON)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hello", "hello"),
        ("one\ntwo", "one\\ntwo"),
        ("one\r\ntwo\rthree", "one\\ntwo\\rthree"),
        ("a\tb", "a\\tb"),
        ("C:\\new", "C:\\\\new"),
        ("\x1b[31m", "␛[31m"),
        ("a\u202eb\u2028c", "a⟦RLO⟧b⟦LSEP⟧c"),
        ("你好 👩‍💻", "你好 👩‍💻"),
    ],
)
def test_a_text_is_one_field_of_one_line(text: str, told: str) -> None:
    line = lines.text_line(BOB, replace(HELLO, text=text))
    assert line == f"2026-01-02T12:00:00+00:00\tbob@example.org\t{told}"


@given(st.text())
def test_no_text_makes_another_line_or_field_and_json_says_it_exactly(text: str) -> None:
    message = replace(HELLO, text=text)
    line = lines.text_line(BOB, message)
    assert line.count("\t") == 2
    assert len(line.splitlines()) == 1
    written = lines.json_line(lines.facts(ALICE, BOB, message, "chat"))
    assert len(written.splitlines()) == 1
    encoded = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert json.loads(written)["body"] in (text, encoded)


def test_in_a_room_it_is_the_occupant_who_says_it() -> None:
    said = replace(HELLO, author=ROOM.with_resource("a\u202eb"), is_groupchat=True)
    assert lines.text_line(ROOM, said).split("\t")[1] == "club@rooms.example.org/a⟦RLO⟧b"
    told = lines.facts(ALICE, ROOM, said, "groupchat")
    assert (told["room"], told["nick"], told["to"]) == (str(ROOM), "a\u202eb", str(ROOM))
    private = replace(HELLO, author=ROOM.with_resource("bob"))
    told = lines.facts(ALICE, ROOM.with_resource("bob"), private, "chat")
    assert (told["room"], told["nick"], told["to"]) == (str(ROOM), "bob", str(ALICE))


def test_what_shares_files_only_says_where_they_are() -> None:
    file = SharedFile("https://example.org/a")
    shared = replace(HELLO, text="", files=(file,))
    assert lines.text_line(BOB, shared).endswith("\thttps://example.org/a")
    assert lines.facts(ALICE, BOB, shared, "chat")["files"] == ["https://example.org/a"]


def test_what_can_not_be_read_is_told_as_that() -> None:
    secret = replace(HELLO, text="", matter=Matter(MatterKind.ENCRYPTED, "urn:xmpp:omemo:2"))
    assert lines.text_line(BOB, secret).endswith(
        "\t(encrypted with OMEMO 2, which can't be read here)"
    )
    told = lines.facts(ALICE, BOB, secret, "chat")
    assert (told["body"], told["matter"], told["detail"]) == ("", "encrypted", "urn:xmpp:omemo:2")


def test_what_it_answers_or_corrects_is_told_by_its_id() -> None:
    answer = replace(HELLO, reply=Reply("m0"))
    assert lines.facts(ALICE, BOB, answer, "chat")["reply_to"] == "m0"
    correction = replace(HELLO, act=Act(Deed.CORRECTION, "m0"))
    assert lines.facts(ALICE, BOB, correction, "chat")["corrects"] == "m0"


def test_what_another_device_has_sent_goes_to_the_peer() -> None:
    told = lines.facts(ALICE, BOB, replace(HELLO, author=ALICE, is_own=True), "chat")
    assert (told["own"], told["from"], told["to"]) == (True, str(ALICE), str(BOB))


EXAMPLES: list[dict[str, Any]] = [
    lines.facts(ALICE, BOB, HELLO, "chat"),
    lines.receipt_facts(BOB, "m1", Fate.RECEIVED, NOON),
    lines.presence_facts(BOB, Presence(Availability.AWAY, "at lunch"), NOON),
]


@pytest.mark.parametrize("told", EXAMPLES, ids=lambda told: str(told["kind"]))
def test_the_help_names_everything_that_is_told(told: dict[str, Any]) -> None:
    words = " ".join(lines.json_help().split())
    assert f"{told['kind']} " in words
    for key in told:
        assert f'"{key}"' in words
    assert json.loads(lines.json_line(told)) == {"v": lines.VERSION} | told
