"""The title: whose window it is, and what there is to know, in whatever room there is."""

from __future__ import annotations

import pytest

from termxmpp.core.text import width
from termxmpp.ui.heading import title_line
from tests.support.harness import BOB, Actor
from tests.support.rooms import announces, enters


def title(alice: Actor, columns: int) -> str:
    return "".join(fragment[1] for fragment in title_line(alice.workspace.current, columns))


def test_the_address_goes_before_anything_is_cut(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob", about="tea")
    assert title(alice, 60) == " club  club@conference.example.org  2 occupants  tea"
    assert title(alice, 40) == " club  2 occupants  tea"
    assert title(alice, 15) == " club  2 occup…"


def test_an_address_is_told_once(alice: Actor) -> None:
    alice.receives("<message from='eve@example.org/x' type='chat'><body>x</body></message>")
    alice.types("/win eve@example.org")
    assert title(alice, 60) == " eve@example.org  offline"


@pytest.mark.parametrize("columns", range(1, 60, 7))
def test_it_is_never_wider_than_there_is_room(alice: Actor, columns: int) -> None:
    alice.receives(
        "<presence from='bob@example.org/x'><status>漢字 and more of it</status></presence>"
    )
    alice.looks_at(BOB)
    assert width(title(alice, columns)) <= columns
