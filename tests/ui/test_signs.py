"""Every sign comes from the theme: one that is ASCII leaves nothing else on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from termxmpp.config import Config, UiConfig
from termxmpp.core.events import NoticeGiven
from termxmpp.core.message import Mark, Notice
from termxmpp.settings import Settings
from tests.support.drawn import Drawn
from tests.support.everything import UNREAD, everything_happens
from tests.support.harness import NOON, Actor

ALT_UP, PAGE_UP, ESCAPE, CTRL_K, F1 = "\x1b[1;3A", "\x1b[5~", "\x1b", "\x0b", "\x1bOP"
DOWN, ALT_LEFT = "\x1b[B", "\x1b[1;3D"


@pytest.fixture
def alice() -> Iterator[Actor]:
    """alice, with a theme that is ASCII."""
    actor = Actor(settings=Settings(Config(ui=UiConfig(theme="ascii"))))
    actor.goes_online()
    actor.forgets()
    yield actor
    actor.close()


@pytest.fixture
def drawn(alice: Actor) -> Iterator[Drawn]:
    everything_happens(alice)
    with closing(Drawn(alice, 80, 40)) as made:
        made.shows(UNREAD)
        yield made


def assert_ascii(drawn: Drawn, *words: str) -> None:
    """All of the screen is ASCII, and `words` are on it."""
    text = drawn.redraws()
    for each in words:
        assert each in text, text
    assert text.isascii(), "".join(char for char in text if not char.isascii()) + text


@pytest.mark.parametrize(("columns", "rows"), [(100, 30), (40, 12), (70, 24)])
def test_the_conversation_and_the_sidebar(alice: Actor, columns: int, rows: int) -> None:
    everything_happens(alice)
    with closing(Drawn(alice, columns, rows)) as drawn:
        drawn.shows(UNREAD)
        assert_ascii(drawn, "-- new --", "... Bob is typing")
        for _page in range(8):
            drawn.types(PAGE_UP)
            assert_ascii(drawn, "v ")


def test_what_termxmpp_says(alice: Actor) -> None:
    for mark in (None, *Mark):
        notice = Notice(f"marked by {mark}", NOON, mark is Mark.WRONG, mark=mark)
        alice.run_now(alice.client.emit, NoticeGiven(notice))
    with closing(Drawn(alice, 80, 40)) as drawn:
        drawn.shows("marked by Mark.WRONG")
        assert_ascii(drawn, "= marked by None", "v marked", "! marked", "x marked")


@pytest.mark.parametrize("line", ["/help", "/set", "/help send", "/bind", "/theme", "/win"])
def test_what_commands_print(alice: Actor, line: str) -> None:
    with closing(Drawn(alice, 100, 200)) as drawn:
        drawn.types(f"{line}\r")
        assert_ascii(drawn)


def test_the_switcher(drawn: Drawn) -> None:
    drawn.types(CTRL_K)
    assert_ascii(drawn, "go to - ", "^ v move - enter opens - esc closes", "> # club")


def test_a_search_and_its_hits(drawn: Drawn) -> None:
    drawn.types("/search look\r")
    drawn.shows("found")
    assert_ascii(drawn, "search in Bob - ", "+-", "-+")
    drawn.types("\t")
    drawn.shows("search everywhere")
    assert_ascii(drawn, " - Bob")
    drawn.types(f"{DOWN}\r")
    drawn.shows("hit 2/")
    assert_ascii(drawn, " - n N others - ")


def test_the_help(drawn: Drawn) -> None:
    drawn.types(F1)
    for _page in range(3):
        drawn.shows("help:")
        assert_ascii(drawn, "+- enter does it - tab: ")
        drawn.types("\t")


def test_a_selection_and_a_question(drawn: Drawn) -> None:
    drawn.types(ALT_UP * 3)
    drawn.shows("r reply")
    assert_ascii(drawn, "r reply - ", "12:00>*")
    drawn.types("d")
    drawn.shows("(y/n)")
    assert_ascii(drawn)


def test_the_links_of_a_message(alice: Actor, drawn: Drawn) -> None:
    alice.types("/msg bob@example.org https://example.org/1 https://example.org/2")
    drawn.shows("example.org/2")
    drawn.types(ALT_UP + "o")
    drawn.shows("open a link")
    assert_ascii(drawn, "enter opens - esc closes")


def test_the_menu_and_the_hint(drawn: Drawn) -> None:
    drawn.types("/roster ")
    drawn.types("\t")
    assert_ascii(drawn, "list", "~")
    drawn.types(f"{ESCAPE}\x15/roster add carol@example.org friend ")
    drawn.resizes(40, 12)
    assert_ascii(drawn)


def test_a_secret(alice: Actor, drawn: Drawn) -> None:
    drawn.types("/account add carol@example.org\r")
    drawn.shows("assword")
    drawn.types("secret")
    assert_ascii(drawn, "******")
    drawn.types(ESCAPE)


def test_what_has_no_room_ends_in_the_theme_s_sign(alice: Actor) -> None:
    alice.receives(
        "<iq type='set' id='r'><query xmlns='jabber:iq:roster'>"
        "<item jid='a-name-that-is-much-longer-than-the-sidebar@example.org'/></query></iq>"
    )
    with closing(Drawn(alice, 80, 24)) as drawn:
        drawn.shows("a-name-that-is-muc~")
        assert_ascii(drawn)
