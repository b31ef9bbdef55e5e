"""The sidebar: who is there, where something is unread, and what a click opens."""

from __future__ import annotations

from termxmpp.core.jid import Jid
from termxmpp.core.text import width
from termxmpp.errors import ConnectionFailed
from termxmpp.ui.heading import title_line
from termxmpp.ui.sidebar import COLUMNS, Sidebar, columns_of
from termxmpp.ui.theme import Symbols
from tests.support.accounts import opens_account
from tests.support.harness import BOB, CAROL, Actor
from tests.support.rooms import CLUB, announces, enters, said


def rows(alice: Actor) -> list[str]:
    found = Sidebar(alice.workspace).rows()
    return ["".join(fragment[1] for fragment in row.line).rstrip() for row in found]


def test_windows_then_contacts_by_group(alice: Actor) -> None:
    assert rows(alice) == [
        " 1 ● alice@example.org",
        "",
        "Contacts",
        "   ○ carol@example.org",
        "",
        "Friends",
        "   ○ Bob",
    ]


def test_a_contact_with_a_window_stands_with_the_windows(alice: Actor) -> None:
    alice.receives("<message from='bob@example.org/x' type='chat'><body>x</body></message>")
    shown = rows(alice)
    assert shown[1].split() == ["2", "○", "Bob", "1"]
    assert "Friends" not in shown


def test_rooms_have_a_group_of_their_own_behind_the_windows(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.looks_at(BOB)
    alice.receives(said("bob", "hello"))
    private = f"<message type='chat' from='{CLUB}/bob'><body>psst</body></message>"
    alice.receives(private)
    assert [row.split() for row in rows(alice)[:6]] == [
        ["1", "●", "alice@example.org"],
        ["3", "○", "Bob"],
        ["4", "●", "bob", "(club)", "1"],
        [],
        ["Rooms"],
        ["2", "#", "club", "1"],
    ]


def test_presence_has_a_sign_of_its_own(alice: Actor) -> None:
    alice.receives("<presence from='bob@example.org/x'><show>dnd</show></presence>")
    assert "   ⊘ Bob" in rows(alice)


def test_who_asks_to_see_us_stands_above_all_until_it_is_answered(alice: Actor) -> None:
    alice.receives(
        "<presence type='subscribe' from='dave@example.com'/>",
        "<presence type='subscribe' from='carol@example.org'/>",
    )
    assert rows(alice)[1:7] == [
        "",
        "Requests",
        "   ? dave@example.com",
        "",
        "Contacts",
        "   ? carol@example.org",
    ]
    alice.looks_at(Jid.parse("dave@example.com"))
    assert "Requests" not in rows(alice)
    title = "".join(part[1] for part in title_line(alice.workspace.current, 120, Symbols()))
    assert title.endswith("asks to see your presence: /subscription approve, or deny")
    alice.types("/subscription approve")
    alice.types("/subscription deny carol@example.org")
    assert not [row for row in rows(alice) if "?" in row]


def test_a_row_opens_its_window(alice: Actor) -> None:
    windows = [row.window.peer for row in Sidebar(alice.workspace).rows() if row.window]
    assert windows == [None, CAROL, BOB]


def test_with_several_accounts_each_has_a_heading_above_its_contacts(alice: Actor) -> None:
    opens_account(alice, "me@work.example", ConnectionFailed("gone"), "boss@work.example")
    assert rows(alice) == [
        " 1 ● alice@example.org",
        " 2 ○ me@work.example",
        "     reconnecting",
        "",
        "alice@example.org",
        "Contacts",
        "   ○ carol@example.org",
        "",
        "Friends",
        "   ○ Bob",
        "",
        "me@work.example",
        "Contacts",
        "   ○ boss@work.example",
    ]


def test_a_wide_screen_has_room_for_whole_names(alice: Actor) -> None:
    name = "a.rather.long.name@example.org"
    alice.receives(f"<message from='{name}/x' type='chat' id='m'><body>hello</body></message>")
    wide = Sidebar(alice.workspace, columns=lambda: columns_of(120)).rows()[1]
    assert "".join(fragment[1] for fragment in wide.line) == " 2 ○ a.rather.long.name@exampl… 1 "
    assert columns_of(119) == COLUMNS


def test_names_of_any_kind_keep_the_columns(alice: Actor) -> None:
    items = "".join(
        f"<item jid='u{number}@example.org' name='{name}'><group>{name}</group></item>"
        for number, name in enumerate(["漢字" * 20, "x" * 200, "a&#x202e;b", "👩‍👩‍👧" * 9, "\n\n"])
    )
    alice.receives(f"<iq type='set' id='p'><query xmlns='jabber:iq:roster'>{items}</query></iq>")
    for row in rows(alice):
        assert width(row) <= COLUMNS
        assert "\n" not in row


def test_ten_thousand_contacts_are_sorted_once(alice: Actor) -> None:
    """Drawing them again costs no sort: a frame must stay cheap."""
    items = "".join(f"<item jid='u{number}@example.org'/>" for number in range(10_000))
    alice.receives(f"<iq type='set' id='p'><query xmlns='jabber:iq:roster'>{items}</query></iq>")
    sidebar = Sidebar(alice.workspace)
    sidebar.rows(0, 50)
    [kept] = sidebar._kept.values()
    assert len(sidebar.rows(9000, 50)) == 50
    assert len(sidebar) > 10_000
    assert sidebar._kept[alice.client] is kept
