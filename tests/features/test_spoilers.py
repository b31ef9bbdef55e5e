"""Spoilers: the hint of what is hidden, and that it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from termxmpp.workspace import Window, Workspace
from tests.support.acts import correction, message, only, reply, shown
from tests.support.drawn import Drawn
from tests.support.harness import BOB, Actor


@pytest.mark.parametrize(
    ("inside", "hint"),
    [
        ("<spoiler xmlns='urn:xmpp:spoiler:0'>Love story end</spoiler>", "Love story end"),
        ("<spoiler xmlns='urn:xmpp:spoiler:0'/>", ""),
        ("<spoiler xmlns='urn:other'>no</spoiler>", None),
        ("", None),
    ],
)
def test_what_is_hidden_has_its_hint_also_after_a_restart(
    alices: Callable[..., Actor], tmp_path: Path, inside: str, hint: str | None
) -> None:
    alice = alices(tmp_path)
    alice.receives(message(f"<body>both die</body>{inside}", "m"))
    assert (only(alice).text, only(alice).spoiler) == ("both die", hint)
    alice.close()
    assert only(alices(tmp_path)).spoiler == hint


def test_a_correction_says_anew_whether_it_is_hidden(alice: Actor) -> None:
    spoiler = "<spoiler xmlns='urn:xmpp:spoiler:0'>end</spoiler>"
    alice.receives(message("<body>both die</body>", "m"))
    alice.receives(correction("m", "both die!", "c", inside=spoiler))
    assert only(alice).spoiler == "end"
    alice.receives(correction("m", "nobody dies", "d"))
    assert [each.spoiler for each in shown(alice)] == [None]


SPOILER = "<spoiler xmlns='urn:xmpp:spoiler:0'>the end</spoiler>"


def test_an_answer_to_it_quotes_the_hint(alice: Actor) -> None:
    alice.receives(message(f"<body>both die</body>{SPOILER}", "m"))
    alice.looks_at(BOB)
    alice.types("/reply oh no")
    assert "both die" not in alice.sent()[-1]
    alice.receives(reply("m", "right", id="r"))
    replies = [each.reply for each in shown(alice) if each.reply is not None]
    assert [each.text for each in replies] == ["the end", "the end"]


def test_open_shows_it_and_then_its_link(alice: Actor) -> None:
    alice.receives(message(f"<body>https://a.example or https://b.example</body>{SPOILER}", "m"))
    alice.looks_at(BOB)
    [hidden] = shown(alice)
    assert alice.workspace.is_hidden(hidden)
    alice.types("/open")
    assert not alice.workspace.is_hidden(hidden)
    offered: list[Sequence[str]] = []
    alice.workspace.on_links = offered.append
    alice.types("/open")
    assert offered == [["https://a.example", "https://b.example"]]


def test_one_that_was_opened_in_one_account_stays_shut_in_another(
    alices: Callable[..., Actor], tmp_path: Path
) -> None:
    """Keys are numbers of one account's records."""
    alice, other = alices(tmp_path / "a"), alices(tmp_path / "b")
    both = Workspace([alice.client, other.client])
    for actor in (alice, other):
        actor.receives(message(f"<body>both die</body>{SPOILER}", "m"))
    assert only(alice).key == only(other).key
    here, there = Window(alice.client, BOB), Window(other.client, BOB)
    alice.run_now(both.show, here)
    both.submit("/open")
    assert not both.is_hidden(only(alice), here)
    assert both.is_hidden(only(other), there)


def test_on_the_screen_a_key_shows_it_and_hides_it_again(alice: Actor) -> None:
    alice.receives(message(f"<body>both die</body>{SPOILER}", "m"))
    alice.looks_at(BOB)
    with closing(Drawn(alice, 80, 24)) as drawn:
        drawn.shows("hidden: the end")
        drawn.types("\x1b[1;3Ao")
        drawn.shows("both die")
        drawn.types("o")
        drawn.shows("hidden: the end")
        drawn.types("\x1b")
        drawn.hides("r reply")
        drawn.types("/open\r")
        drawn.shows("both die")


def test_a_search_finds_it_and_does_not_show_it(alice: Actor) -> None:
    alice.receives(message(f"<body>both die</body>{SPOILER}", "m"))
    alice.looks_at(BOB)
    with closing(Drawn(alice, 80, 24)) as drawn:
        drawn.types("/search die\r")
        drawn.shows("1 found")
        assert "both die" not in drawn.redraws()
