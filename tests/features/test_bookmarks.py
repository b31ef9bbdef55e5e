"""Bookmarks: where the user is, is the same on all devices, whoever of them changes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given

from termxmpp.core.bookmarks import Bookmark
from termxmpp.core.jid import Jid
from termxmpp.core.room import Standing
from termxmpp.xmpp.bookmarks import read_conference, read_storage, with_bookmark, with_stored
from termxmpp.xmpp.pubsub import PUBLISH_OPTIONS, EventPayload, Item
from tests.support.bookmarks import NODE, Node, Storage, bookmark, push, retraction
from tests.support.harness import Actor
from tests.support.rooms import CLUB, announces, away, enters, here, subject
from tests.support.rubbish import reads, rubbish

HALL = Jid.parse("hall@conference.example.org")
COMPAT = f"{NODE}#compat"
Make = Callable[..., Actor]
ME = CLUB.with_resource("alice")


@pytest.fixture
def actor() -> Iterator[Make]:
    """Makes an alice who is offline yet; all end with the test."""
    made: list[Actor] = []

    def make(*announced: str, folder: Path | None = None) -> Actor:
        alice = Actor(folder, announced or (PUBLISH_OPTIONS, COMPAT))
        made.append(alice)
        announces(alice)
        announces(alice, room=HALL)
        return alice

    yield make
    for alice in made:
        alice.close()


def joins(alice: Actor) -> list[str]:
    """The presences sent to rooms since the last look."""
    return [xml for xml in alice.sent() if xml.startswith("<presence") and "conference" in xml]


def is_let_in(alice: Actor, nick: str = "alice") -> None:
    alice.receives(here(nick, 110), subject())


# What the server says.


def test_rooms_are_entered_as_their_bookmarks_say(actor: Make) -> None:
    alice = actor()
    inside = "<nick>queen</nick><password>sesame</password>"
    Node(alice, club=bookmark(inside, name="The Club"), hall=bookmark(room=HALL, autojoin=False))
    alice.goes_online()
    [entering] = joins(alice)
    assert f'to="{CLUB}/queen"' in entering
    assert "<password>sesame</password>" in entering
    assert alice.client.state.title_of(CLUB) == "The Club"
    assert [window.title for window in alice.workspace.windows][1:] == ["The Club"]


def test_what_another_device_does_is_followed_at_once(actor: Make) -> None:
    alice = actor()
    Node(alice)
    alice.goes_online()
    alice.receives(push(bookmark()))
    assert f'to="{ME}"' in joins(alice)[0]
    is_let_in(alice)
    alice.receives(push(bookmark(autojoin=False)))
    assert joins(alice) == [f'<presence to="{ME}" type="unavailable"/>']
    alice.looks_at(CLUB)
    assert "on another device" in alice.told()[-1]
    alice.receives(push(bookmark()), retraction())
    assert joins(alice)[-1] == f'<presence to="{ME}" type="unavailable"/>'
    assert CLUB not in alice.client.state.bookmarks


def test_all_bookmarks_may_go_at_once(actor: Make) -> None:
    alice = actor()
    Node(alice, club=bookmark(), hall=bookmark(room=HALL, autojoin=False))
    alice.goes_online()
    alice.receives(
        "<message from='alice@example.org' type='headline'>"
        "<event xmlns='http://jabber.org/protocol/pubsub#event'>"
        f"<purge node='{NODE}'/></event></message>"
    )
    assert alice.client.state.bookmarks == {}
    assert not alice.client.state.rooms[CLUB].is_wanted


def test_nobody_else_says_where_we_are(actor: Make) -> None:
    alice = actor()
    Node(alice, hall=bookmark(room=HALL))
    alice.goes_online()
    alice.sent()
    alice.receives(
        push(bookmark(), "mallory@example.org"),
        retraction(HALL, "mallory@example.org"),
        push(bookmark(), node="urn:xmpp:other"),
    )
    assert joins(alice) == []


def test_what_was_left_elsewhere_meanwhile_is_left(actor: Make, tmp_path: Path) -> None:
    alice = actor(folder=tmp_path)
    Node(alice, club=bookmark(), hall=bookmark(room=HALL))
    alice.goes_online()
    is_let_in(alice)
    alice.receives(here("alice", 110, room=HALL), subject(room=HALL))
    alice.close()
    again = actor(folder=tmp_path)
    Node(again, club=bookmark(autojoin=False))
    again.goes_online()
    rooms = again.client.state.rooms
    assert not rooms[CLUB].is_wanted
    assert not rooms[HALL].is_wanted


def test_after_a_restart_the_password_of_the_bookmark_is_tried(actor: Make, tmp_path: Path) -> None:
    alice = actor(folder=tmp_path)
    Node(alice, club=bookmark("<password>sesame</password>"))
    alice.goes_online()
    is_let_in(alice)
    alice.close()
    again = actor(folder=tmp_path)
    Node(again, club=bookmark("<password>sesame</password>"))
    again.goes_online()
    again.receives(
        f"<presence type='error' from='{ME}'><x xmlns='http://jabber.org/protocol/muc'/>"
        "<error type='auth'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
        "</error></presence>"
    )
    assert "<password>sesame</password>" in joins(again)[-1]
    assert again.client.state.rooms[CLUB].standing is Standing.ENTERING


def test_passwords_are_not_kept_on_the_disk(actor: Make, tmp_path: Path) -> None:
    alice = actor(folder=tmp_path)
    Node(alice, club=bookmark("<password>open sesame</password>"))
    alice.goes_online()
    is_let_in(alice)
    alice.close()
    assert not any(b"open sesame" in path.read_bytes() for path in tmp_path.iterdir())


def test_what_was_sent_with_a_password_is_not_on_the_disk_either(tmp_path: Path) -> None:
    alice = Actor(tmp_path, (PUBLISH_OPTIONS, COMPAT), has_management=True)
    announces(alice, "muc_passwordprotected")
    Node(alice)

    async def ask(question: str) -> str:
        return "open sesame"

    alice.workspace.on_secret = ask
    alice.goes_online()
    alice.types(f"/join {CLUB}")
    is_let_in(alice)
    alice.types("/invite bob@example.org")
    assert sum("open sesame" in xml for xml in alice.sent()) == 3
    alice.run_now(alice.client.settle)
    assert not any(b"open sesame" in path.read_bytes() for path in tmp_path.iterdir())
    alice.is_killed()
    again = Actor(tmp_path, (PUBLISH_OPTIONS, COMPAT), has_management=True, session=alice.session)
    alice.session.taken -= 1
    again.goes_online()
    assert again.client.state.rooms[CLUB].is_in
    assert any("urn:xmpp:ping" in xml for xml in again.sent())
    again.close()


def test_a_change_after_a_restart_keeps_the_password(actor: Make, tmp_path: Path) -> None:
    alice = actor(folder=tmp_path)
    Node(alice, club=bookmark("<password>sesame</password>"))
    alice.goes_online()
    is_let_in(alice)
    alice.close()
    again = actor(folder=tmp_path)
    node = Node(again, club=bookmark("<password>sesame</password>"))
    again.looks_at(CLUB)
    again.types("/bookmark name The Club")
    again.goes_online()
    assert "<password>sesame</password>" in node.published[-1]


# What is done here.


def test_who_enters_a_room_has_a_bookmark_of_it(actor: Make) -> None:
    alice = actor()
    node = Node(alice)
    alice.goes_online()
    alice.types(f"/join {CLUB}")
    assert node.published == []
    is_let_in(alice)
    [published] = node.published
    assert 'autojoin="true"' in published
    assert "nick" not in published
    assert not alice.client.state.bookmarks[CLUB].is_due


def test_who_enters_what_is_just_being_entered_is_let_in_once(actor: Make) -> None:
    alice = actor()
    node = Node(alice, club=bookmark())
    alice.goes_online()
    assert len(joins(alice)) == 1
    alice.types(f"/join {CLUB}")
    assert joins(alice) == []
    is_let_in(alice)
    assert alice.client.state.rooms[CLUB].is_in
    assert node.published == []


def test_a_room_that_is_wanted_twice_at_once_is_entered_once(actor: Make) -> None:
    alice = actor()
    Node(alice)
    alice.goes_online()

    async def both() -> None:
        alice.server.receives(push(bookmark()))
        alice.server.receives(push(bookmark(name="Club")))

    alice.run(both)
    assert len(joins(alice)) == 1


def test_who_is_not_let_in_has_none(actor: Make) -> None:
    alice = actor()
    node = Node(alice)
    alice.goes_online()
    alice.types(f"/join {CLUB}")
    alice.receives(
        f"<presence type='error' from='{ME}'><error type='auth'>"
        "<forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"
    )
    assert node.published == []


def test_who_leaves_a_room_leaves_it_everywhere_and_keeps_the_bookmark(actor: Make) -> None:
    alice = actor()
    node = Node(
        alice, club=bookmark("<extensions><mine xmlns='urn:other'/></extensions>", name="C")
    )
    alice.goes_online()
    is_let_in(alice)
    alice.looks_at(CLUB)
    alice.types("/leave")
    [published] = node.published
    assert 'autojoin="false"' in published
    assert "urn:other" in published
    assert 'name="C"' in published
    alice.receives(push(bookmark(autojoin=False, name="C")))
    assert "on another device" not in "".join(alice.told())


def test_our_nick_there_goes_along(actor: Make) -> None:
    alice = actor()
    node = Node(alice)
    alice.goes_online()
    alice.types(f"/join {CLUB} queen")
    is_let_in(alice, "queen")
    assert "<nick>queen</nick>" in node.published[-1]
    alice.receives(away("queen", 303, 110, new_nick="king"), here("king", 110))
    assert "<nick>king</nick>" in node.published[-1]
    alice.receives(here("bob"), away("bob", 303, new_nick="rob"), here("rob"))
    assert len(node.published) == 2


def test_a_destroyed_room_is_not_made_again(actor: Make) -> None:
    alice = actor()
    node = Node(alice, club=bookmark())
    alice.goes_online()
    is_let_in(alice)
    alice.receives(away("alice", 110, item="<destroy/>"))
    assert 'autojoin="false"' in node.published[-1]


def test_who_is_put_out_keeps_the_bookmark_as_it_is(actor: Make) -> None:
    alice = actor()
    node = Node(alice, club=bookmark())
    alice.goes_online()
    is_let_in(alice)
    alice.receives(away("alice", 307, 110))
    assert node.published == []


def test_what_was_changed_offline_is_told_later(actor: Make, tmp_path: Path) -> None:
    alice = actor(folder=tmp_path)
    node = Node(alice, club=bookmark())
    alice.goes_online()
    is_let_in(alice)
    alice.loses_the_link()
    alice.looks_at(CLUB)
    alice.types("/leave")
    alice.types("/bookmark name The Club")
    assert node.published == []
    alice.close()
    again = actor(folder=tmp_path)
    node = Node(again, club=bookmark())
    again.goes_online()
    [published] = node.published
    assert 'autojoin="false"' in published
    assert 'name="The Club"' in published
    assert joins(again) == []


# By command.


def test_bookmarks_are_made_named_listed_and_removed(actor: Make) -> None:
    alice = actor()
    node = Node(alice)
    alice.goes_online()
    alice.types("/bookmark")
    assert "You have no bookmarks" in alice.told()[-1]
    alice.types(f"/bookmark add {HALL} Town Hall")
    assert 'autojoin="false"' in node.published[-1]
    assert joins(alice) == []
    alice.types("/bookmark")
    assert alice.told()[-1] == f"{HALL}  Town Hall"
    alice.types(f"/bookmark autojoin on {HALL}")
    assert 'autojoin="true"' in node.published[-1]
    assert 'name="Town Hall"' in node.published[-1]
    alice.types("/bookmark")
    assert alice.told()[-1] == f"{HALL}  Town Hall, entered by itself"
    alice.types(f"/bookmark remove {HALL}")
    assert node.retracted == [str(HALL)]
    assert alice.client.state.bookmarks == {}
    alice.types(f"/bookmark remove {HALL}")
    assert "has no bookmark" in alice.told()[-1]


def test_this_device_stays_where_it_is_when_autojoin_is_switched(actor: Make) -> None:
    alice = actor()
    Node(alice, club=bookmark())
    alice.goes_online()
    is_let_in(alice)
    alice.looks_at(CLUB)
    alice.types("/bookmark autojoin off")
    alice.receives(push(bookmark(autojoin=False)))
    assert alice.client.state.rooms[CLUB].is_in


def test_a_room_with_a_bookmark_is_offered(actor: Make) -> None:
    alice = actor()
    Node(alice, club=bookmark(autojoin=False, name="Tea"))
    alice.goes_online()
    line = "/join te"
    assert [each.text for each in alice.workspace.complete(line, len(line))] == [str(CLUB)]


def test_a_server_without_bookmarks_is_told_of(actor: Make) -> None:
    alice = actor("urn:nothing")
    alice.goes_online()
    enters(alice)
    alice.types("/bookmark")
    assert "Your server keeps no bookmarks" in alice.told()[-1]
    assert "not at the server yet" in alice.told()[-1]


# The older place.


def test_without_a_bridge_the_older_place_is_used_as_others_do(actor: Make) -> None:
    alice = actor("jabber:iq:private", PUBLISH_OPTIONS)
    url = "<url name='x' url='https://x.org'/>"
    inside = f"<conference jid='{CLUB}' autojoin='1'><nick>queen</nick></conference>{url}"
    storage = Storage(alice, inside)
    alice.goes_online()
    assert f'to="{CLUB}/queen"' in joins(alice)[0]
    is_let_in(alice, "queen")
    alice.looks_at(CLUB)
    alice.types("/leave")
    [written] = storage.written
    assert 'autojoin="false"' in written
    assert "https://x.org" in written
    alice.types("/bookmark remove")
    assert str(CLUB) not in storage.written[-1]


@pytest.mark.parametrize(
    "announced", [(PUBLISH_OPTIONS,), (COMPAT, "jabber:iq:private"), (f"{NODE}#compat-pep",)]
)
def test_else_the_node_is_used(actor: Make, announced: tuple[str, ...]) -> None:
    alice = actor(*announced)
    node = Node(alice)
    alice.goes_online()
    alice.types(f"/join {CLUB}")
    is_let_in(alice)
    assert len(node.published) == 1


def test_a_node_that_would_keep_one_bookmark_only_is_made_to_keep_all(actor: Make) -> None:
    """As ejabberd makes it, which takes no number of items as option of a publication."""
    alice = actor()
    node = Node(alice, keeps_one=True)
    alice.goes_online()
    for room in (CLUB, HALL):
        alice.types(f"/join {room}")
        alice.receives(here("alice", 110, room=room), subject(room=room))
    assert list(node.items) == [str(CLUB), str(HALL)]
    alice.types("/leave")
    assert list(node.items) == [str(CLUB), str(HALL)]
    assert 'autojoin="false"' in node.published[-1]


# Rubbish.

TAGS = [f"{{{NODE}}}{name}" for name in ("conference", "nick", "password", "extensions")]
OLD = [f"{{storage:bookmarks}}{name}" for name in ("conference", "nick", "password", "url")]


@given(rubbish(f"{{{NODE}}}conference", ["name", "autojoin"], TAGS))
def test_whatever_is_in_a_bookmark_it_can_be_read_and_written(element: Element) -> None:
    found = read_conference(Item(str(CLUB), element))
    assert found is not None
    again = read_conference(Item(str(CLUB), with_bookmark(element, found)))
    assert again == found


@given(rubbish("{storage:bookmarks}storage", ["jid", "name", "autojoin"], OLD))
def test_whatever_is_in_the_storage_it_can_be_read_and_written(element: Element) -> None:
    assert all(each.room.local for each in read_storage(element))
    made = with_stored(element, Bookmark(CLUB, name="Club"))
    assert Bookmark(CLUB, name="Club").name in {each.name for each in read_storage(made)}
    removed = with_stored(made, Bookmark(CLUB, is_removed=True))
    assert all(each.room != CLUB for each in read_storage(removed))


EVENT = "http://jabber.org/protocol/pubsub#event"


@given(
    rubbish(
        f"{{{EVENT}}}event",
        ["node", "id"],
        [f"{{{EVENT}}}{name}" for name in ("items", "item", "retract", "purge", "delete")],
    )
)
def test_a_push_is_of_some_node_or_none(element: Element) -> None:
    found = reads(EventPayload, element)
    assert found is None or found.node


@pytest.mark.parametrize(
    "item", ["<item id='@'/>", "<item id='x.org'>x</item>", "<item id='club@x.org'><a/></item>"]
)
def test_what_is_no_bookmark_enters_nothing(actor: Make, item: str) -> None:
    alice = actor()
    Node(alice)
    alice.goes_online()
    alice.receives(push(item), push("<retract/>"), push("<retract id='@'/>"))
    assert joins(alice) == []
