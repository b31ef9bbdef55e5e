"""What is told in line mode, in words; nothing of a peer's can look like a line of ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from termxmpp.core.files import SharedFile
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Mark, Message, Notice, Reaction, Reply
from termxmpp.core.picture import Picture
from termxmpp.plain.lines import (
    changed_lines,
    fate_line,
    message_lines,
    notice_lines,
    window_line,
)
from termxmpp.workspace import Window
from tests.support.harness import Actor

AT = datetime(2026, 11, 25, 12, 3, tzinfo=UTC)
BOB = Jid.parse("dave@example.org")
OWN = Jid.parse("alice@example.org")
THUMB = "\N{THUMBS UP SIGN}"


@pytest.fixture
def window(alice: Actor) -> Window:
    return Window(alice.workspace.clients[0], BOB)


def said(text: str, *, is_own: bool = False) -> Message:
    author = Jid.parse("alice@example.org") if is_own else BOB
    return Message("1", author, text, AT, is_own)


def test_a_message_is_a_line(window: Window) -> None:
    assert message_lines(window, said("hello"), is_here=True) == ["12:03 dave@example.org: hello"]
    assert message_lines(window, said("hi", is_own=True), is_here=True) == ["12:03 you: hi"]


def test_elsewhere_our_own_is_told_with_to_whom(window: Window) -> None:
    lines = message_lines(window, said("hi", is_own=True), is_here=False)
    assert lines == ["12:03 you to dave@example.org: hi"]


def test_an_action_is_told_as_one(window: Window) -> None:
    lines = message_lines(window, said("/me waves"), is_here=True)
    assert lines == ["12:03 * dave@example.org waves"]


def test_further_lines_are_indented(window: Window) -> None:
    lines = message_lines(window, said("one\n12:04 you: yes"), is_here=True)
    assert lines == ["12:03 dave@example.org: one", "      12:04 you: yes"]


@pytest.mark.parametrize("rubbish", ["\x1b[31mred", "\r12:04 you: yes", "\x9b2J", "\u202eevil"])
def test_nothing_of_a_peers_reaches_the_terminal_as_a_sign(window: Window, rubbish: str) -> None:
    told = "".join(message_lines(window, said(rubbish), is_here=True))
    assert not set(told) & set("\x1b\r\x9b\u202e")


def test_fates_are_told_in_words(window: Window) -> None:
    line = fate_line(window, "hi", Fate.FAILED, "there is no such user")
    assert line == "Not sent to dave@example.org: hi (there is no such user)"


def test_an_error_is_called_one() -> None:
    assert notice_lines(Notice("No.\nNever.", AT, is_error=True)) == ["Error: No.", "Never."]
    assert notice_lines(Notice("Yes.", AT)) == ["Yes."]


@pytest.mark.parametrize(
    ("mark", "line"), [(Mark.FINE, "It is."), (Mark.NOTE, "Note: It is."), (None, "It is.")]
)
def test_a_mark_is_told_in_words(mark: Mark | None, line: str) -> None:
    assert notice_lines(Notice("It is.", AT, mark=mark)) == [line]


def test_to_whom_one_writes_is_told(window: Window) -> None:
    assert window_line(window) == "-> dave@example.org"


HIDDEN = replace(said("he did it"), spoiler="the end")


def test_of_what_is_hidden_the_hint_is_told(window: Window) -> None:
    lines = message_lines(window, HIDDEN, is_here=True)
    assert lines == ["12:03 dave@example.org: (hidden: the end; /open shows it)"]
    lines = message_lines(window, replace(HIDDEN, spoiler=""), is_here=True)
    assert lines == ["12:03 dave@example.org: (hidden by its author; /open shows it)"]
    lines = message_lines(window, HIDDEN, is_here=True, is_open=True)
    assert lines == ["12:03 dave@example.org: he did it"]


def test_a_hint_of_a_peer_s_reaches_the_terminal_as_no_sign(window: Window) -> None:
    [line] = message_lines(window, replace(HIDDEN, spoiler="a\n12:04 you: b\x1b[2J"), is_here=True)
    assert "\x1b" not in line


def test_nothing_that_is_done_to_it_tells_what_is_hidden(window: Window) -> None:
    thumbed = replace(HIDDEN, reactions=(Reaction(THUMB, (BOB,)),))
    corrected = replace(HIDDEN, text="she did it", edits=("he did it",))
    for changed in (thumbed, corrected):
        told = "\n".join(changed_lines(window, changed, HIDDEN, is_here=True))
        assert "the end" in told
        assert "did it" not in told
        assert "did it" in "\n".join(
            changed_lines(window, changed, HIDDEN, is_here=True, is_open=True)
        )


def test_a_file_is_told_in_a_line_with_its_link(window: Window) -> None:
    """Once: a text that says no more than where it is, is not told besides."""
    url = "https://files.example.org/4a77/summit.jpg"
    file = SharedFile(url, "summit.jpg", "image/jpeg", 3_032_449)
    shared = replace(said(url), files=(file,))
    line = f"summit.jpg, picture, 3.0 MB <{url}>"
    assert message_lines(window, shared, is_here=True) == [f"12:03 dave@example.org: {line}"]
    both = replace(said("We all"), files=(file,))
    lines = message_lines(window, both, is_here=True)
    assert lines == ["12:03 dave@example.org: We all", f"      {line}"]
    told = replace(said(f"See {url}"), files=(file,))
    lines = message_lines(window, told, is_here=True)
    assert lines[1] == "      summit.jpg, picture, 3.0 MB"


def test_an_answer_tells_what_it_answers(window: Window) -> None:
    answer = replace(said("yes"), reply=Reply("9", None, "are you\nthere"))
    lines = message_lines(window, answer, is_here=True)
    assert lines[0].startswith("12:03 dave@example.org, answering “are you")
    assert lines[0].endswith("”: yes")


@pytest.mark.parametrize(
    ("before", "change", "told"),
    [
        ({}, {"text": "b", "edits": ("a",)}, ["dave@example.org corrected: b"]),
        (
            {},
            {"text": "b\n12:04 you: c", "edits": ("a",)},
            ["dave@example.org corrected: b", "      12:04 you: c"],
        ),
        ({"text": "b", "edits": ("a",)}, {"text": "b", "edits": ("a",)}, []),
        ({}, {"text": "", "is_retracted": True}, ["dave@example.org retracted a message."]),
        ({}, {"fate": Fate.READ}, []),
        (
            {},
            {"reactions": (Reaction(THUMB, (BOB,)),)},
            [f"dave@example.org reacted with {THUMB} to “a”"],
        ),
        (
            {"reactions": (Reaction(THUMB, (BOB,)),)},
            {"reactions": (Reaction(THUMB, (BOB, OWN), is_own=True),)},
            [f"you reacted with {THUMB} to “a”"],
        ),
        (
            {"reactions": (Reaction(THUMB, (BOB,)),)},
            {},
            [f"dave@example.org took back {THUMB} from “a”"],
        ),
    ],
)
def test_what_is_done_to_a_message_is_told_in_words(
    window: Window, before: dict[str, Any], change: dict[str, Any], told: list[str]
) -> None:
    old, new = replace(said("a"), **before), replace(said("a"), **change)
    assert changed_lines(window, new, old, is_here=True) == told


def test_a_picture_is_told_of() -> None:
    notice = Notice("Bob:", AT, picture=Picture(1, bytes(6)))
    assert notice_lines(notice) == [
        "Bob: (Pictures are seen on the screen only, not in line mode.)"
    ]
