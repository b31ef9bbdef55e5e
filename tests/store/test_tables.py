"""The records beside the messages: whose they are, and that they come back as they were."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import pytest

from termxmpp.core.events import PresenceChanged, RosterReceived
from termxmpp.core.jid import Jid
from termxmpp.core.roster import OFFLINE, Availability, Contact, Presence
from termxmpp.core.session import Session, Token
from termxmpp.store.tables import Tables

ALICE = Jid.parse("alice@example.org")
BOB, CAROL = Jid.parse("bob@example.org"), Jid.parse("carol@example.org")

STANZAS = (("<message id='a'/>", "a"), ("<presence/>", ""), ("<message id='b'/>", "b"))
SESSION = Session("id", ALICE.with_resource("a/b@c"), "[::1]:5222", 7, 3, STANZAS)


@pytest.fixture
def tables(db: sqlite3.Connection) -> Tables:
    """Those of the first instance."""
    return Tables(db, 0)


@pytest.fixture
def others(db: sqlite3.Connection) -> Tables:
    """Those of another instance on the same records."""
    return Tables(db, 1)


AWAY_SINCE = datetime(2026, 1, 2, 12, 0, 0, 5, tzinfo=UTC)


def online(jid: Jid, word: Availability = Availability.ONLINE) -> PresenceChanged:
    return PresenceChanged(jid, Presence(word, "here", 5, AWAY_SINCE))


# Facts.


def test_a_fact_is_of_one_instance_or_of_the_account(tables: Tables, others: Tables) -> None:
    tables.note("mine", "one")
    tables.note("ours", 2, of_account=True)
    assert (tables.fact("mine"), others.fact("mine")) == ("one", None)
    assert tables.fact("ours") is None
    assert others.fact("ours", of_account=True) == 2


def test_the_last_word_counts_and_nothing_forgets(tables: Tables) -> None:
    tables.note("name", "one")
    tables.note("name", "two")
    assert tables.fact("name") == "two"
    tables.note("name", None)
    assert tables.fact("name") is None


# The session.


def test_a_session_comes_back_with_what_was_not_acknowledged_in_its_order(
    tables: Tables, others: Tables
) -> None:
    assert tables.session() is None
    tables.begin_session(SESSION)
    assert tables.session() == SESSION
    assert others.session() is None


def test_the_server_acknowledges_the_oldest_first(tables: Tables) -> None:
    tables.begin_session(SESSION)
    tables.add_stanza("<iq/>", "c")
    tables.acknowledge(2, 5)
    tables.handle(2**32 - 1)
    session = tables.session()
    assert session is not None
    assert session.unacknowledged == (STANZAS[2], ("<iq/>", "c"))
    assert (session.acknowledged, session.handled) == (5, 2**32 - 1)


def test_acknowledging_takes_nothing_of_another_instance(tables: Tables, others: Tables) -> None:
    others.begin_session(SESSION)
    tables.begin_session(SESSION)
    tables.acknowledge(3, 6)
    assert others.session() == SESSION


def test_a_new_session_is_all_there_is(tables: Tables) -> None:
    tables.begin_session(SESSION)
    another = Session("other", ALICE.with_resource("there"))
    tables.begin_session(another)
    assert tables.session() == another
    tables.end_session()
    assert tables.session() is None


# Tokens.


@pytest.mark.parametrize("microsecond", [0, 5])
def test_a_token_comes_back_until_it_is_forgotten(tables: Tables, microsecond: int) -> None:
    expires_at = datetime(2026, 1, 2, 3, 4, 5, microsecond, tzinfo=UTC)
    token = Token("HT-SHA-256-ENDP", "s3cret ü", expires_at)
    assert tables.token() is None
    tables.keep_token(token)
    assert tables.token() == token
    tables.keep_token(None)
    assert tables.token() is None


def test_of_an_instance_that_is_forgotten_nothing_is_left_and_all_of_the_others(
    tables: Tables, others: Tables
) -> None:
    for each in (tables, others):
        each.begin_session(SESSION)
        each.set_presence(BOB.with_resource("desk"), online(BOB).presence)
        each.note("user agent", "uuid")
    tables.note("floor", 7, of_account=True)
    tables.forget_instance(0)
    assert (tables.session(), tables.presences(), tables.fact("user agent")) == (None, [], None)
    assert others.session() == SESSION
    assert len(others.presences()) == 1
    assert others.fact("user agent") == "uuid"
    assert tables.fact("floor", of_account=True) == 7


# Windows.


def test_windows_come_back_in_the_order_in_which_they_were_opened(tables: Tables) -> None:
    for peer in (BOB, CAROL, ALICE, CAROL):
        tables.open_window(peer)
    assert tables.windows() == [BOB, CAROL, ALICE]


def test_a_window_that_is_opened_again_is_the_last(tables: Tables) -> None:
    tables.open_window(BOB)
    tables.open_window(CAROL)
    tables.close_window(BOB)
    assert tables.windows() == [CAROL]
    tables.open_window(BOB)
    assert tables.windows() == [CAROL, BOB]


# The roster.

CONTACT = Contact(BOB, "Bob, 'the' builder", ("Friends", 'Work, "hard"'), "both")
ASKED = Contact(CAROL, is_asked=True, is_approved=True)


def roster(tables: Tables) -> tuple[dict[Jid, Contact], str]:
    found = tables.roster()
    return {contact.jid: contact for contact in found.contacts}, found.version


def test_there_is_a_roster_before_one_was_received(tables: Tables) -> None:
    assert tables.roster() == RosterReceived((), "")


def test_the_roster_comes_back_with_its_version(tables: Tables, others: Tables) -> None:
    tables.set_roster([CONTACT, ASKED], "ver1")
    assert roster(tables) == roster(others) == ({BOB: CONTACT, CAROL: ASKED}, "ver1")


def test_each_push_changes_one_contact_and_the_version(tables: Tables) -> None:
    tables.set_roster([CONTACT], "ver1")
    tables.set_contact(ASKED, "ver2")
    assert roster(tables) == ({BOB: CONTACT, CAROL: ASKED}, "ver2")
    tables.remove_contact(BOB, "ver3")
    assert roster(tables) == ({CAROL: ASKED}, "ver3")
    answered = Contact(CAROL, subscription="to")
    tables.set_contact(answered, "")
    assert roster(tables) == ({CAROL: answered}, "")


def test_a_new_roster_replaces_the_old(tables: Tables) -> None:
    tables.set_roster([CONTACT], "ver1")
    tables.set_roster([ASKED], "ver2")
    assert roster(tables) == ({CAROL: ASKED}, "ver2")


# Presence.


def test_presence_is_kept_for_each_resource_until_it_leaves(tables: Tables, others: Tables) -> None:
    desk, phone = online(BOB.with_resource("desk")), online(BOB.with_resource("phone"))
    for each in (desk, phone):
        tables.set_presence(each.jid, each.presence)
    away = online(desk.jid, Availability.AWAY)
    tables.set_presence(away.jid, away.presence)
    assert sorted(tables.presences(), key=str) == sorted([away, phone], key=str)
    tables.set_presence(desk.jid, OFFLINE)
    assert tables.presences() == [phone]
    assert others.presences() == []


def test_who_is_offline_as_a_whole_is_so_with_all_resources(tables: Tables) -> None:
    """And nobody else whose address begins like that."""
    others = [online(Jid.parse(text)) for text in ("bob@example.org.uk/desk", "bob@example.org0/x")]
    resources = ["", "a", "/", "0", "\U0010fffd"]
    for each in [*others, *(online(BOB.with_resource(name)) for name in resources)]:
        tables.set_presence(each.jid, each.presence)
    tables.set_presence(BOB, OFFLINE)
    assert sorted(tables.presences(), key=str) == sorted(others, key=str)


def test_a_new_session_knows_of_nobody(tables: Tables, others: Tables) -> None:
    for each in (tables, others):
        each.set_presence(BOB.with_resource("desk"), online(BOB).presence)
    tables.forget_presences()
    assert tables.presences() == []
    assert len(others.presences()) == 1


@pytest.mark.parametrize("text", ["example.org", "example.org/a@b/c", "a@b/c@d/e", "a@b"])
def test_an_address_comes_back_as_it_was(tables: Tables, text: str) -> None:
    jid = Jid.parse(text)
    tables.set_contact(Contact(jid), "")
    tables.set_presence(jid, online(jid).presence)
    assert [contact.jid for contact in tables.roster().contacts] == [jid]
    assert [each.jid for each in tables.presences()] == [jid]
