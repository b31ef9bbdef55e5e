"""One entry: all that a message can be is drawn, and nothing of it can be forged by its author."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Notice, Reaction, Reply
from termxmpp.core.picture import Picture
from termxmpp.core.text import LRM, width
from termxmpp.ui.entries import Line, Look, draw
from termxmpp.ui.skin import Skin
from termxmpp.ui.theme import load_theme
from tests.support.harness import ALICE, BOB, CAROL, NOON, SKIN

ROOM = Jid.parse("club@rooms.example.org")
COLOURED = Skin(load_theme("dark"), 24)

# What stands left of a text, at 60 columns: five for the time, a blank, nine for the author.
SIDE = 15


class Named:
    """Everybody by the first part of the address, in rooms by the nick."""

    def author_of(self, message: Message) -> str:
        return self.name_of(message.author)

    def name_of(self, jid: Jid) -> str:
        return jid.resource if jid.bare == ROOM else jid.local.capitalize()


def heard(text: str, **more: Any) -> Message:
    return Message("b", BOB.with_resource("x"), text, NOON, key=1, **more)


def written(text: str, **more: Any) -> Message:
    return Message("a", ALICE, text, NOON, is_own=True, key=2, fate=Fate.SENT, **more)


def styled(
    message: Message | Notice, skin: Skin = SKIN, columns: int = 60, **how: Any
) -> list[Line]:
    words = how.pop("words", ())
    before = how.pop("before", None)
    return draw(message, before, Look(columns, skin, words), Named(), **how)


def drawn(message: Message | Notice, **how: Any) -> list[str]:
    return ["".join(part[1] for part in line).rstrip() for line in styled(message, **how)]


def part(lines: list[Line], text: str) -> str:
    """The style in which `text` is drawn."""
    return next(each[0] for line in lines for each in line if each[1] == text)


def test_what_is_answered_stands_above_in_one_line() -> None:
    answer = written("Yes.", reply=Reply("x", BOB, "Three o'clock?\nOr later?"))
    assert drawn(answer) == [
        "             ╭ Bob: Three o'clock?␤Or later?",
        "12:00 you      Yes. ·",
    ]


def test_what_is_answered_but_not_known_is_told_so() -> None:
    assert drawn(heard("Yes.", reply=Reply("x")))[0] == "             ╭ a message that is not here"


def test_a_long_quotation_is_cut() -> None:
    [line, _answer] = drawn(heard("Yes.", reply=Reply("x", CAROL, "word " * 50)))
    assert line.startswith("             ╭ Carol: word word")
    assert line.endswith("…")
    assert width(line) <= 60


def test_an_answer_tells_its_author_also_behind_others_of_the_same() -> None:
    answer = heard("And this.", reply=Reply("x", ALICE, "what?"))
    assert drawn(answer, before=heard("That."))[1] == "12:00 Bob      And this."


def test_reactions_are_counted_below_and_ours_are_marked() -> None:
    message = heard(
        "Done.",
        reactions=(
            Reaction("👍", (BOB, CAROL)),
            Reaction("❤", (ALICE,), is_own=True),
            Reaction("👎", ()),
        ),
    )
    assert drawn(message)[1:] == ["             ╰ 👍 2  ❤ 1"]
    lines = styled(message)
    assert "reaction.own" in part(lines, "❤ 1")
    assert "reaction.own" not in part(lines, "👍 2")


def test_many_reactions_take_more_lines() -> None:
    message = heard("x", reactions=tuple(Reaction(chr(0x1F600 + n), (BOB,)) for n in range(30)))
    rows = drawn(message)[1:]
    assert len(rows) > 1
    assert all(width(row) <= 60 and row.startswith(" " * 13) for row in rows)


def test_what_was_corrected_has_its_sign() -> None:
    assert drawn(heard("new", edits=("old",))) == ["12:00 Bob    ✎ new"]


def test_what_was_retracted_is_told_in_our_words() -> None:
    gone = heard("", is_retracted=True, reactions=(Reaction("👍", (BOB,)),), edits=("x",))
    assert drawn(gone) == ["12:00 Bob    ≡ This was retracted."]
    assert drawn(written("", is_retracted=True)) == ["12:00 you    ≡ You retracted this. ·"]


def test_what_is_hidden_is_shown_when_it_is_asked_for() -> None:
    message = heard("It was the gardener.", spoiler="the end\x1b[2J")
    assert drawn(message) == ["12:00 Bob    ▒ hidden: the end␛[2J"]
    assert drawn(message, is_open=True) == ["12:00 Bob      It was the gardener."]
    assert drawn(heard("x", spoiler="")) == ["12:00 Bob    ▒ hidden by its author"]


def test_who_is_named_sees_it_by_a_sign() -> None:
    assert drawn(heard("alice: hello", is_mention=True)) == ["12:00 Bob    @ alice: hello"]


def test_a_mention_that_was_corrected_has_both_signs() -> None:
    message = heard("alice: hello", is_mention=True, edits=("bob: hello",))
    assert drawn(message) == ["12:00 Bob    @ alice: hello ✎"]


def in_room(nick: str, *hats: str, text: str = "hello", **more: Any) -> Message:
    """What `nick` says in a room, wearing `hats`."""
    author = ROOM.with_resource(nick)
    return Message("h", author, text, NOON, key=3, is_groupchat=True, hats=hats, **more)


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (60, "12:00 zoe    ▴ hello"),
        (80, "12:00 zoe Host  ▴ hello"),
        (140, "12:00 zoe Host,Cook   ▴ hello"),
    ],
)
def test_a_hat_is_known_by_a_sign_and_named_where_there_is_room(columns: int, line: str) -> None:
    assert drawn(in_room("zoe", "Host", "Cook"), columns=columns) == [line]


def test_a_nick_that_looks_like_a_hat_has_no_sign() -> None:
    """What is told without colours, too."""
    assert drawn(in_room("zoe Host"), columns=80) == ["12:00 zoe Host    hello"]


def test_a_hat_is_named_once_while_the_same_goes_on_and_anew_when_it_is_another() -> None:
    before = in_room("zoe", "Host")
    assert drawn(in_room("zoe", "Host"), before=before, columns=80) == ["                  hello"]
    assert drawn(in_room("zoe", "Cook"), before=before, columns=80) == ["12:00 zoe Cook  ▴ hello"]


def test_who_names_us_or_hides_it_is_told_first() -> None:
    assert drawn(in_room("zoe", "Host", is_mention=True)) == ["12:00 zoe    @ hello"]
    assert drawn(in_room("zoe", "Host", text="/me waves")) == ["12:00 *        zoe waves"]


@given(st.lists(st.text(max_size=20), max_size=8), st.integers(30, 140))
def test_no_hat_moves_what_is_said(hats: list[str], columns: int) -> None:
    [line] = drawn(in_room("zoe", *hats, text="x"), columns=columns)
    look = Look(columns, SKIN)
    assert width(line.replace(LRM, "")) == 6 + look.author_columns + 1


def test_a_quotation_has_a_bar_for_each_level() -> None:
    assert drawn(heard("> > deep\n> less\nmine")) == [
        "12:00 Bob      ▎ ▎ deep",
        "               ▎ less",
        "               mine",
    ]


def test_a_block_of_code_has_a_bar_and_no_fences() -> None:
    assert drawn(heard("```python\nx = *1*\n\n\ty\n```\nend")) == [
        "12:00 Bob      ▏ python",
        "               ▏ x = *1*",
        "               ▏",
        "               ▏         y",
        "               end",
    ]


def test_a_block_without_anything_is_still_seen() -> None:
    assert drawn(heard("```")) == ["12:00 Bob      ▏ ```"]


def test_styling_keeps_its_signs_over_a_break() -> None:
    text = "so *many words that are strong that they need more lines than one* and more"
    lines = styled(heard(text), columns=45)
    strong = "".join(each[1] for line in lines for each in line if "class:strong" in each[0])
    marked = "*many words that are strong that they need more lines than one*"
    assert strong.replace(" ", "") == marked.replace(" ", "")


def test_links_lead_somewhere() -> None:
    lines = styled(heard("see (https://example.org/a_(b)_c), or xmpp:bob@example.org."))
    found = [each[0] for line in lines for each in line if "href:" in each[0]]
    assert found == [
        "class:text.peer class:link href:https://example.org/a_(b)_c",
        "class:text.peer class:link href:xmpp:bob@example.org",
    ]


def test_what_is_looked_for_is_marked_in_capitals_or_not() -> None:
    lines = styled(heard("Epoll and EPOLL, poll"), words=("epoll",))
    assert [each[1] for each in lines[0] if "class:match" in each[0]] == ["Epoll", "EPOLL"]


def test_nicks_have_the_same_colour_everywhere_and_ours_its_own() -> None:
    def style(author: Jid, **more: Any) -> str:
        message = replace(heard("x"), author=author, **more)
        return next(each[0] for each in styled(message, COLOURED)[0] if "author" in each[0])

    assert style(ROOM.with_resource("mei"), is_groupchat=True) == style(
        Jid.parse("other@rooms.example.org/mei"), is_groupchat=True
    )
    assert style(BOB.with_resource("phone")) == style(BOB.with_resource("desk"))
    assert style(BOB) != style(CAROL)
    assert "fg:" not in style(ALICE, is_own=True)


FORGERIES = [
    "╭ Carol: you said so\nreally",
    "≡ This was retracted.",
    "╰ 👍 99",
    "12:00 Carol  @ hi",
    "▒ hidden: x",
    "x ✎",
    "/me \n12:00 carol  pays",
    "> a\n╭ b",
]


@pytest.mark.parametrize("text", FORGERIES)
def test_none_of_our_signs_can_be_written_by_others(text: str) -> None:
    """They stand in columns in which nobody but us writes."""
    for line in drawn(
        heard(text, reply=Reply("x", BOB, text), reactions=(Reaction(text, (BOB,)),))
    ):
        sign = line[SIDE - 2 : SIDE - 1]
        assert sign in (" ", "╭", "╰", "")
        assert (sign == "╭") == line.startswith(" " * 13 + "╭ Bob: ")


@pytest.mark.parametrize("text", ["שלום", "מה שלומך 123", "مرحبا", "a ש"])
def test_what_is_written_from_right_to_left_ends_before_what_is_ours(text: str) -> None:
    message = replace(written(text), author=BOB, is_own=False)
    [line] = styled(message)
    assert "".join(each[1] for each in line).endswith(f"{text}{LRM} ·")


TEXTS = st.text(alphabet="*_~`> \n\tab界é\u0301👨‍👩‍👧שב\u202e\x1b").map(lambda text: text[:200])


@given(TEXTS, st.integers(1, 120))
def test_no_line_is_wider_than_the_screen(text: str, columns: int) -> None:
    message = heard(
        text,
        reply=Reply("x", BOB, text),
        reactions=(Reaction(text, (BOB,)), Reaction("👍", (BOB,))),
        edits=("x",),
        is_mention=True,
        subject=text,
    )
    for line in drawn(message, columns=columns):
        assert width(line) <= max(columns, 30)
        assert not set(line) & {"\x1b", "\n", "\u202e", "\t"}


@given(TEXTS)
def test_nothing_that_was_written_is_lost(text: str) -> None:
    """But for blanks, and the signs of quotations and blocks, which are drawn otherwise."""
    letters = [char for char in text if char in "ab界שב"]
    shown = "".join(drawn(heard(text), columns=90))[SIDE:]
    assert [char for char in shown.replace("Bob", "") if char in "ab界שב"] == letters


# Two pixels in each cell: red over green, and blue over white, in one column.
FLAG = Picture(1, bytes.fromhex("ff000000ff000000ffffffff"))


def test_a_picture_stands_below_its_words() -> None:
    lines = styled(Notice("Bob:", NOON, picture=FLAG), COLOURED)
    assert ["".join(part[1] for part in line) for line in lines] == [
        "12:00 ≡ Bob:",
        "        ▀",
        "        ▀",
    ]
    assert [line[-1][0] for line in lines[1:]] == ["fg:#ff0000 bg:#00ff00", "fg:#0000ff bg:#ffffff"]


def test_without_colours_or_room_there_is_no_picture() -> None:
    words = ["12:00 ≡ Bob:", "        (This terminal has not the colours for a picture.)"]
    assert drawn(Notice("Bob:", NOON, picture=FLAG)) == words
    wide = Picture(40, bytes(6 * 40))
    assert len(styled(Notice("Bob:", NOON, picture=wide), COLOURED, columns=40)) == 1


@pytest.mark.parametrize("indent", ["", "  "])
def test_a_row_of_a_table_goes_on_where_its_last_part_begins(indent: str) -> None:
    lines = drawn(Notice(f"{indent}desk   Gajim; idle; somewhere", NOON), columns=30)
    assert [line[8:] for line in lines] == [
        f"{indent}desk   Gajim; idle;",
        f"{indent}       somewhere",
    ]
