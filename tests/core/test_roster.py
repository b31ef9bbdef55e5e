"""Contacts: what they are called, and which presence speaks for them."""

from __future__ import annotations

from termxmpp.core.roster import Availability, Contact, Presence, best_presence
from tests.support.harness import BOB


def test_a_contact_is_called_by_its_name_or_else_its_address() -> None:
    assert Contact(BOB, "Bob").title == "Bob"
    assert Contact(BOB).title == "bob@example.org"


def test_priority_speaks_first_then_who_is_most_reachable() -> None:
    away = Presence(Availability.AWAY, priority=10)
    chat, dnd = Presence(Availability.CHAT), Presence(Availability.DND)
    assert best_presence([chat, away]) == away
    assert best_presence([dnd, chat]) == chat
    assert best_presence([]).availability is Availability.OFFLINE


def test_an_unknown_show_is_plainly_online() -> None:
    assert Availability.of("dancing") is Availability.ONLINE
    assert Availability.of(None) is Availability.ONLINE
    assert Availability.of("offline") is Availability.ONLINE
    assert Availability.of("dnd") is Availability.DND
