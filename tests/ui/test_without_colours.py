"""What colours tell is told without them too: by a sign, a word, or by bold, reverse, underline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import combinations
from typing import Any

import pytest

from termxmpp.config import Config, UiConfig
from termxmpp.core.events import NoticeGiven
from termxmpp.core.message import Mark, Notice
from termxmpp.settings import Settings
from termxmpp.ui.theme import load_theme
from tests.support.drawn import Drawn
from tests.support.everything import OTHERS, UNREAD, everything_happens
from tests.support.harness import NOON, Actor
from tests.support.rooms import CLUB, away

COLUMNS, ROWS = 100, 60
ALT_UP, CTRL_K, TAB = "\x1b[1;3A", "\x0b", "\t"

NO_COLOR = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}
ONE_BIT = {"TERM": "vt220"}

Look = tuple[str, bool, bool, bool, bool]
"""A character, and whether it is bold, reverse, underlined, italic."""


@pytest.fixture(params=["dark", "ascii"])
def theme(request: pytest.FixtureRequest) -> str:
    """The two that differ in more than colours."""
    return str(request.param)


@pytest.fixture
def alice(theme: str) -> Iterator[Actor]:
    actor = Actor(settings=Settings(Config(ui=UiConfig(theme=theme))))
    actor.goes_online()
    actor.forgets()
    yield actor
    actor.close()


@pytest.fixture
def drawn(theme: str, alice: Actor) -> Iterator[Drawn]:
    """Her screen, by what the user wants or by what the terminal can, without colours."""
    everything_happens(alice)
    with closing(Drawn(alice, COLUMNS, ROWS, NO_COLOR if theme == "dark" else ONE_BIT)) as made:
        made.shows(UNREAD)
        made.redraws()
        yield made
        for row in range(ROWS):
            for column in range(COLUMNS):
                cell = made.cell(column, row)
                assert (cell.fg, cell.bg) == ("default", "default"), (column, row)


def look(drawn: Drawn, column: int, row: int) -> Look:
    cell: Any = drawn.cell(column, row)
    return cell.data, cell.bold, cell.reverse, cell.underscore, cell.italics


def look_of(drawn: Drawn, text: str, *, before: int = 0) -> Look:
    """How the first character of `text` looks, or one so many columns `before` it."""
    row = drawn.row_of(text)
    return look(drawn, drawn.text.splitlines()[row].index(text) - before, row)


def test_presences_have_signs_of_their_own(drawn: Drawn) -> None:
    signs = {name: look_of(drawn, f"{name}@example.org", before=2) for name in (*OTHERS, "carol")}
    signs["online"] = look_of(drawn, "Bob    ", before=2)
    for one, other in combinations(signs, 2):
        assert signs[one] != signs[other], (one, other)


def test_what_is_unread_and_who_is_meant_is_counted(drawn: Drawn) -> None:
    assert "# club          @1 2" in drawn.text
    # The window that is looked at is reverse besides.
    assert look_of(drawn, "club ")[1]
    assert look_of(drawn, "bob (club)")[1:] == (False,) * 4
    assert look_of(drawn, "Bob    ")[2]


def test_a_room_that_was_left_has_another_sign(alice: Actor, drawn: Drawn) -> None:
    assert look_of(drawn, "club ", before=2)[0] == "#"
    alice.receives(away("alice", 110, 307, room=CLUB))
    drawn.redraws()
    assert look_of(drawn, "club ", before=2)[0] != "#"


def test_an_account_that_is_offline_is_so_by_word_and_sign(alice: Actor, drawn: Drawn) -> None:
    before = look_of(drawn, "alice@example.org ", before=2)
    assert "alice@example.org: online" in drawn.text
    alice.types("/disconnect")
    drawn.shows("alice@example.org: offline")
    assert look_of(drawn, "alice@example.org ", before=2) != before


def test_what_went_wrong_stands_out_in_the_bar(alice: Actor, drawn: Drawn) -> None:
    drawn.types("/wrong\r")
    drawn.shows("There is no command /wrong")
    bar = drawn.row_of("alice@example.org: online")
    problem = drawn.text.splitlines()[bar].index("There is no")
    assert look(drawn, problem, bar)[1:3] == (True, True)
    assert look(drawn, 1, bar)[2]


def test_ours_and_theirs_are_told_by_name(drawn: Drawn) -> None:
    lines = drawn.text.splitlines()
    assert " you " in lines[drawn.row_of("This is read.")]
    assert " Bob " in lines[drawn.row_of("Tea")]
    assert " Bob " in lines[drawn.row_of(UNREAD)]


def test_each_fate_has_a_sign_of_its_own(alice: Actor, drawn: Drawn) -> None:
    alice.loses_the_link()
    alice.types("This is queued.")
    drawn.shows("This is queued.")
    lines = drawn.text.splitlines()
    texts = ("read", "received", "acknowledged", "failed", "queued")
    marks = {lines[drawn.row_of(f"This is {text}.")].partition(".")[2].strip() for text in texts}
    assert len(marks) == len(texts)
    assert "" not in marks


def test_all_that_was_done_to_a_message_has_its_sign(drawn: Drawn) -> None:
    texts = "tea", "This was retracted", "hidden: the end", "y 1", "Bob: *strong*"
    signs = {text: look_of(drawn, text, before=2)[0] for text in texts}
    assert " " not in signs.values()
    assert len(set(signs.values())) == len(signs)


def test_styled_text_is_so_by_attributes_or_its_own_signs(drawn: Drawn) -> None:
    assert look_of(drawn, "*strong* _")[1]
    assert "_emphasis_ ~strike~ `mono`" in drawn.text
    assert look_of(drawn, "https://example.org/a")[3]
    assert look_of(drawn, "print(1)", before=2)[0] != " "
    assert look_of(drawn, "quoted", before=2)[0] != " "


def test_lines_over_the_conversation_have_words(drawn: Drawn) -> None:
    rule = drawn.text.splitlines()[drawn.row_of(UNREAD) - 1]
    assert " new " in rule


def test_errors_have_another_sign_than_other_words_of_ours(alice: Actor, drawn: Drawn) -> None:
    for mark in (None, *Mark):
        notice = Notice(f"marked {mark}", NOON, mark is Mark.WRONG, mark=mark)
        alice.run_now(alice.client.emit, NoticeGiven(notice))
    error = Notice("marked by nothing", NOON, is_error=True)
    alice.run_now(alice.client.emit, NoticeGiven(error))
    drawn.types("\x1b1")
    drawn.shows("marked by nothing")
    signs = [look_of(drawn, f"marked {mark}", before=2)[0] for mark in (None, *Mark)]
    assert len(set(signs)) == 4
    assert look_of(drawn, "marked by nothing", before=2)[0] == signs[-1]


def test_the_selected_message_is_marked_and_reverse(drawn: Drawn) -> None:
    before = look_of(drawn, UNREAD)
    drawn.types(ALT_UP)
    drawn.shows("r reply")
    assert look_of(drawn, UNREAD)[2] != before[2]
    assert drawn.text.splitlines()[drawn.row_of(UNREAD)].partition("12:05")[2][0] != " "


def test_the_row_of_a_list_that_is_looked_at_is_marked_and_reverse(drawn: Drawn) -> None:
    drawn.types(CTRL_K)
    drawn.shows("go to")
    row = drawn.row_of("go to") + 2
    column = drawn.text.splitlines()[row - 2].index("go to") - 2
    looked_at, other = look(drawn, column, row), look(drawn, column, row + 1)
    assert looked_at[2]
    assert not other[2]
    assert (looked_at[0], other[0]) != (" ", " ")


def test_what_was_found_is_bold_and_underlined(drawn: Drawn) -> None:
    drawn.types("/search looks\r")
    drawn.shows("1 found")
    drawn.types("\r")
    drawn.shows("hit 1/1")
    assert look_of(drawn, "looks at the")[1:4:2] == (True, True)


def test_the_choice_in_the_menu_looks_other_than_the_others(drawn: Drawn) -> None:
    drawn.types(f"/roster {TAB}{TAB}")
    drawn.shows("rename ")
    rows = [drawn.row_of(word) for word in ("Put JID into", "List the contacts")]
    column = drawn.text.splitlines()[rows[0]].index("add")
    chosen, other = (look(drawn, column, row)[1:] for row in rows)
    assert chosen != other


def test_a_reaction_of_ours_is_underlined(alice: Actor, drawn: Drawn) -> None:
    alice.types("/react 1 \N{THUMBS UP SIGN}")
    drawn.shows("\N{THUMBS UP SIGN} 1")
    assert look_of(drawn, "\N{THUMBS UP SIGN} 1", before=-2)[3]
    assert not look_of(drawn, "n 1")[3]


def test_the_word_of_a_command_that_is_being_typed_is_underlined(drawn: Drawn) -> None:
    drawn.types("/msg bob@example.org ")
    drawn.shows("[TEXT]")
    assert look_of(drawn, "[TEXT]")[3]
    assert not look_of(drawn, "JID [TEXT]")[3]


@pytest.mark.parametrize("name", ["dark", "light", "contrast", "ascii"])
@pytest.mark.parametrize(
    ("style", "attributes"),
    [
        ("sidebar.current", "reverse"),
        ("sidebar.unread", "bold"),
        ("sidebar.mention", "bold"),
        ("selected", "reverse"),
        ("overlay.current", "reverse"),
        ("match", "bold underline"),
        ("status", "reverse"),
        ("status.problem", "bold reverse"),
        ("status.question", "bold reverse"),
        ("hint.current", "bold underline"),
        ("reaction.own", "bold underline"),
        ("link", "underline"),
        ("title", "bold"),
    ],
)
def test_each_theme_has_attributes_for_what_has_no_sign(
    name: str, style: str, attributes: str
) -> None:
    assert set(attributes.split()) <= set(load_theme(name).style(style, 1).split())


# What without colours looks like any text, and by what else it is known.
KNOWN_BY = {
    "signs of their own": (
        *("presence.online", "presence.chat", "presence.away", "presence.xa", "presence.dnd"),
        "presence.blocked",
        *(
            "presence.offline",
            "mention",
            "hat",
            "notice",
            "notice.error",
            "edited",
            "reply",
            "reaction",
        ),
        *("fate", "fate.queued", "fate.sent", "fate.acknowledged", "fate.received", "fate.read"),
        *("code", "code-bar", "fence", "quote", "border", "overlay", "overlay.border"),
        # XEP-0393: the directives stay where they are.
        *("mono",),
    ),
    "words": (
        "date",
        "gap",
        "author.own",
        "reason",
        "hint.problem",
        "sidebar.away",
        "search-toolbar",
    ),
    # It is nothing but less or more prominent.
    "place": (
        *("base", "sidebar", "sidebar.number", "titlebar", "subtitle", "time", "text.own"),
        *("text.peer", "hint", "hint.summary", "overlay.meta", "scrollbar.background"),
        *("search-toolbar.text",),
    ),
}


@pytest.mark.parametrize("style", list(load_theme("dark").styles))
def test_what_has_no_attribute_is_known_by_something_else(style: str) -> None:
    """Whoever adds a style says by what it is known."""
    themes = [load_theme(name) for name in ("dark", "light", "contrast", "ascii")]
    has_attributes = all(theme.style(style, 1) for theme in themes)
    assert has_attributes != any(style in styles for styles in KNOWN_BY.values())
