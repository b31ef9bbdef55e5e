"""The rooms that were found, on the screen: narrowed by typing, entered by Enter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from termxmpp.core.bookmarks import Bookmark
from termxmpp.core.events import BookmarkChanged
from termxmpp.core.jid import Jid
from termxmpp.core.room import FoundRoom
from termxmpp.core.text import width
from termxmpp.ui.roomlist import RoomList
from termxmpp.ui.theme import Symbols
from tests.features.test_room_browsing import SERVICE, Network, facts, room
from tests.support.drawn import Drawn
from tests.support.harness import Actor
from tests.ui.test_application import assert_looks_like

ESCAPE = "\x1b"


@pytest.fixture
def network(alice: Actor) -> Network:
    network = Network(alice)
    network.infos[SERVICE] = facts("", "")
    network.items[SERVICE] = [
        room("tea", "Tea time"),
        room("coffee"),
        room("cake", "Cake and more"),
    ]
    network.infos[f"tea@{SERVICE}"] = facts("12", "Green, black, white")
    network.infos[f"coffee@{SERVICE}"] = facts("3", "Beans")
    return network


@pytest.fixture
def drawn(alice: Actor, network: Network) -> Iterator[Drawn]:
    with closing(Drawn(alice, 80, 24)) as made:
        made.shows("online")
        yield made


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 12), (200, 60)])
def test_rooms_are_a_table(alice: Actor, network: Network, columns: int, rows: int) -> None:
    with closing(Drawn(alice, columns, rows)) as drawn:
        drawn.shows("online")
        drawn.types(f"/rooms {SERVICE}\r")
        drawn.shows("enter goes in")
        assert_looks_like(drawn, f"rooms-{columns}x{rows}")


def test_what_is_typed_narrows_and_enter_goes_in(alice: Actor, drawn: Drawn) -> None:
    drawn.types(f"/rooms {SERVICE}\r")
    drawn.shows("Tea time")
    drawn.types("beans")
    drawn.hides("Tea time")
    drawn.types("\r")
    drawn.hides("enter goes in")
    assert str(alice.workspace.current.peer) == f"coffee@{SERVICE}"
    assert f"coffee@{SERVICE}/alice" in "".join(alice.sent())


def test_who_closes_the_list_enters_nothing(alice: Actor, drawn: Drawn) -> None:
    drawn.types(f"/rooms {SERVICE}\r")
    drawn.shows("enter goes in")
    drawn.types(ESCAPE)
    drawn.hides("enter goes in")
    assert alice.workspace.current.peer is None


def test_who_has_gone_on_to_write_is_not_interrupted(
    alice: Actor, network: Network, drawn: Drawn
) -> None:
    drawn.types(f"/rooms {SERVICE}\rhello")
    drawn.shows("/join ROOM enters one.")
    assert "enter goes in" not in drawn.text
    drawn.completes("hello")


@pytest.mark.parametrize("columns", [10, 20, 40, 74])
def test_a_line_is_never_too_wide(columns: int) -> None:
    rooms = [
        FoundRoom(Jid("x" * 60, "y" * 60), "日本" * 40, "\N{RIGHT-TO-LEFT OVERRIDE}" * 5, 99999),
        FoundRoom(Jid("a", "b.c")),
    ]
    listed = RoomList(rooms, lambda room: None, Symbols())
    for place in range(2):
        [line] = listed.draw(place, columns)
        text = "".join(fragment[1] for fragment in line)
        assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text
        assert width(text) <= max(columns, 8 + 5 + 2 + 2)


def test_a_bookmark_can_be_gone_to(alice: Actor, drawn: Drawn) -> None:
    alice.run_now(alice.client.emit, BookmarkChanged(Bookmark(Jid("den", SERVICE), "The Lions")))
    drawn.types("\x0blions")
    drawn.shows("bookmark")
    drawn.types("\r")
    drawn.completes(f"/join den@{SERVICE}")
