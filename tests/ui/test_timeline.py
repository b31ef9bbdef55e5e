"""A conversation as lines: every column straight, whatever was written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.archive import Gap
from termxmpp.core.conversation import Conversation
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Notice
from termxmpp.core.text import width
from termxmpp.ui.timeline import Timeline
from tests.support.harness import ALICE, BOB, NOON, SKIN


class Bobs:
    """Everybody is called Bob."""

    def author_of(self, message: Message) -> str:
        return "Bob"

    def name_of(self, jid: Jid) -> str:
        return "Bob"


def heard(text: str, minutes: float = 0, **more: str) -> Message:
    at = NOON + timedelta(minutes=minutes)
    key = int.from_bytes(text.encode()[:8], "big")
    return Message(f"{text}{minutes}", BOB.with_resource("x"), text, at, key=key, **more)  # type: ignore[arg-type]  # texts only


def written(text: str, fate: Fate, reason: str = "") -> Message:
    return Message(text, ALICE, text, NOON, is_own=True, fate=fate, reason=reason)


def drawn(
    *entries: Message | Notice, columns: int = 40, rows: int = 100, scrolled: int = 0
) -> list[str]:
    conversation = Conversation(BOB)
    for entry in entries:
        conversation.add(entry)
    conversation.read()
    conversation.leave()
    return lines_of(conversation, columns, rows, scrolled)


def lines_of(
    conversation: Conversation, columns: int, rows: int = 100, scrolled: int = 0, *gaps: Gap
) -> list[str]:
    layout = Timeline(Bobs, lambda: SKIN).layout(conversation, columns, gaps)
    view = layout.view(rows, layout.moved(None, scrolled))
    return ["".join(fragment[1] for fragment in line) for line in view.lines]


DATE = "── Friday, 02 January 2026 ─────────────"


def test_a_message_has_its_time_its_author_and_its_text() -> None:
    assert drawn(heard("hello")) == [DATE, "12:00 Bob      hello"]


def test_what_one_says_within_five_minutes_is_one_utterance() -> None:
    assert drawn(heard("one"), heard("two", 4), heard("three", 10)) == [
        DATE,
        "12:00 Bob      one",
        "12:04          two",
        "12:10 Bob      three",
    ]


def test_a_minute_is_told_once() -> None:
    assert drawn(heard("one"), heard("two", 0.5))[2] == "               two"


def test_on_a_wide_screen_authors_have_more_room() -> None:
    assert drawn(heard("hello"), columns=70)[1] == "12:00 Bob         hello"


def test_each_day_has_its_line() -> None:
    lines = drawn(heard("one"), heard("two", 24 * 60))
    assert [line for line in lines if "January" in line] == [
        DATE,
        "── Saturday, 03 January 2026 ───────────",
    ]


@pytest.mark.parametrize("fate", list(Fate))
def test_a_message_of_ours_shows_its_fate(fate: Fate) -> None:
    assert drawn(written("hello", fate))[1] == f"12:00 you      hello {fate.value}"


def test_the_reason_stands_below_its_message() -> None:
    lines = drawn(written("hello", Fate.FAILED, "there is no such user"))
    assert lines[1:] == ["12:00 you      hello ✗", "               there is no such user"]


def test_long_text_is_wrapped_at_words_behind_its_column() -> None:
    assert drawn(heard("the quick brown fox jumps over"))[1:] == [
        "12:00 Bob      the quick brown fox",
        "               jumps over",
    ]


def test_the_line_where_the_new_begins() -> None:
    conversation = Conversation(BOB)
    conversation.add(heard("old"))
    conversation.read()
    conversation.leave()
    conversation.add(heard("new one"))
    assert lines_of(conversation, 30) == [
        "── Friday, 02 January 2026 ───",
        "12:00 Bob      old",
        "── new ───────────────────────",
        "12:00 Bob      new one",
    ]


def test_only_what_fits_is_drawn_and_scrolling_ends_at_the_first_line() -> None:
    entries = [heard(str(number), number) for number in range(100)]
    assert [line[-2:] for line in drawn(*entries, rows=3)] == ["97", "98", "99"]
    assert [line[-2:] for line in drawn(*entries, rows=3, scrolled=10)] == ["87", "88", "89"]
    assert drawn(*entries, rows=3, scrolled=10_000)[0] == DATE


def test_a_peer_can_not_write_outside_its_column_or_like_us() -> None:
    """Neither a notice, nor a time, nor another author can be made of a message."""
    forged = "x\n12:00 Carol       forged\n≡ a notice\n\x1b[2J\u202eevil"
    for line in drawn(heard(forged), columns=60)[2:]:
        assert line.startswith(" " * 15)
        assert "\x1b" not in line
        assert "\u202e" not in line


def test_the_words_of_termxmpp_itself_have_their_mark() -> None:
    assert drawn(Notice("two\nlines", NOON))[1:] == ["12:00 ≡ two", "        lines"]


def test_a_subject_stands_above_its_text() -> None:
    assert drawn(heard("text", subject="About it"))[1:] == [
        "12:00 Bob      About it",
        "               text",
    ]


@given(st.text(), st.integers(30, 120))
def test_no_line_is_wider_than_the_screen(text: str, columns: int) -> None:
    for line in drawn(heard(text), written(text, Fate.RECEIVED, text), columns=columns):
        assert width(line) <= columns


@pytest.mark.parametrize("columns", [1, 5, 19])
def test_a_screen_too_narrow_for_anything_breaks_nothing(columns: int) -> None:
    assert drawn(heard("hello"), written("x", Fate.SENT), columns=columns)


def test_a_row_of_a_table_goes_on_below_its_last_part() -> None:
    row = Notice("/xa [TEXT]  Be away for long, with TEXT as status.", NOON)
    assert drawn(row, columns=41)[1:] == [
        "12:00 ≡ /xa [TEXT]  Be away for long,",
        "                    with TEXT as status.",
    ]
    assert drawn(row, columns=24)[1:] == [
        "12:00 ≡ /xa [TEXT]",
        "          Be away for",
        "          long, with",
        "          TEXT as",
        "          status.",
    ]


def test_ones_own_action_is_told_by_name() -> None:
    assert drawn(written("/me waves", Fate.SENT))[1:] == ["12:00 *        alice waves ·"]


def placed(*ranks: int, has_older: bool = False) -> Conversation:
    """A conversation with a message at each of these ranks."""
    conversation = Conversation(BOB)
    messages = [replace(heard(str(rank)), rank=rank) for rank in ranks]
    conversation.prepend(messages, has_older=has_older)
    return conversation


def missing(low: int, high: int, problem: str = "the server is tired") -> Gap:
    return Gap(high, "", "", low, high, problem=problem)


GAP = "── not all could be fetched ────────────────────────────────────────────────────"
WHY = "── the server is tired; /history tries again"


@pytest.mark.parametrize(
    ("gap", "place"),
    [((0, 5), 0), ((20, 25), 3), ((20, 30), 3), ((10, 20), 2), ((40, 90), 5)],
)
def test_what_is_missing_is_told_where_it_is(gap: tuple[int, int], place: int) -> None:
    lines = lines_of(placed(10, 20, 30, 40), 80, 100, 0, missing(*gap))
    assert lines.index(GAP) == place
    assert lines.index(WHY) == place + 1
    assert len(lines) == 7


def test_below_the_line_the_author_is_told_again() -> None:
    assert lines_of(placed(10, 20), 80, 100, 0, missing(10, 20))[2:] == [
        GAP,
        WHY,
        "12:00 Bob         20",
    ]


def test_what_is_missing_before_what_is_not_at_hand_is_told_there() -> None:
    assert GAP not in lines_of(placed(10, 20, has_older=True), 80, 100, 0, missing(0, 5))


def test_in_an_empty_conversation_all_may_be_missing() -> None:
    assert lines_of(placed(), 80, 100, 0, missing(0, 5)) == [GAP, WHY]


def test_two_gaps_have_two_lines_and_at_one_place_one() -> None:
    gaps = [missing(10, 20), missing(12, 18), missing(30, 40)]
    lines = lines_of(placed(10, 20, 30, 40), 80, 100, 0, *gaps)
    assert [place for place, line in enumerate(lines) if line == GAP] == [2, 6]


def test_on_a_narrow_screen_all_of_it_is_told() -> None:
    lines = lines_of(placed(), 30, 100, 0, missing(0, 5))
    assert lines == [
        "── not all could be fetched ──",
        "── the server is tired;",
        "── /history tries again",
    ]


@given(st.text(), st.integers(30, 120))
def test_no_reason_is_wider_than_the_screen_or_touches_it(problem: str, columns: int) -> None:
    for line in lines_of(placed(), columns, 100, 0, missing(0, 5, problem)):
        assert width(line) <= columns
        assert line.startswith("── ")
        assert not set(line) & {"\x1b", "\n", "\r", "\u202e"}
