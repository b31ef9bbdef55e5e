"""What the words behind /export wish."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.errors import UserError
from termxmpp.export.wishes import Wishes, file_name, offers
from tests.support.harness import NOON

BOB = Jid.parse("bob@example.org/phone")
DAY = timedelta(days=1)
TODAY = NOON.replace(hour=0)


@pytest.mark.parametrize(
    ("typed", "wished"),
    [
        ("", Wishes()),
        ("html all", Wishes("html", is_all=True)),
        ("JSON by me", Wishes("json", by="me")),
        ("to ~/x.txt", Wishes(path="~/x.txt")),
        ("since 2026-01-01", Wishes(since=TODAY - DAY)),
        ("since today until today", Wishes(since=TODAY, until=TODAY + DAY)),
        ("since 7d", Wishes(since=TODAY - 7 * DAY)),
        ("until yesterday", Wishes(until=TODAY)),
        ("until 2026-01-01T10:00", Wishes(until=TODAY - DAY + timedelta(hours=10))),
        ("since 2026-01-01T10:00+02:00", Wishes(since=TODAY - DAY + timedelta(hours=8))),
    ],
)
def test_words_wish(typed: str, wished: Wishes) -> None:
    assert Wishes.read(typed.split(), NOON) == wished


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("pdf", "is no wish"),
        ("since", "since wants to know more"),
        ("since soon", "is no day"),
        ("until 2026-13-01", "is no day"),
        ("since 9999999d", "is no day"),
    ],
)
def test_what_can_not_be_meant_is_told(typed: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        Wishes.read(typed.split(), NOON)


def said(at: datetime, *, is_own: bool = False) -> Message:
    return Message("m", BOB, "text", at, is_own=is_own)


@pytest.mark.parametrize(
    ("wishes", "fits"),
    [
        (Wishes(), True),
        (Wishes(since=NOON), True),
        (Wishes(since=NOON + timedelta(seconds=1)), False),
        (Wishes(until=NOON), False),
        (Wishes(until=NOON + timedelta(seconds=1)), True),
        (Wishes(by="bob@example.org"), True),
        (Wishes(by="BOB@example.org/phone"), True),
        (Wishes(by="Bobby"), True),
        (Wishes(by="carol"), False),
        (Wishes(by="me"), False),
    ],
)
def test_a_message_fits(wishes: Wishes, fits: bool) -> None:
    assert wishes.fits(said(NOON), "Bobby") is fits


def test_me_is_who_asks() -> None:
    assert Wishes(by="me").fits(said(NOON, is_own=True), "alice")


@pytest.mark.parametrize(
    ("what", "number", "name"),
    [
        ("bob@example.org", 1, "termxmpp-bob@example.org-2026-01-02.txt"),
        ("club@c/Zoë /x", 2, "termxmpp-club@c_Zo_x-2026-01-02-2.txt"),
        ("../../etc/passwd", 1, "termxmpp-etc_passwd-2026-01-02.txt"),
        ("-rf", 1, "termxmpp-rf-2026-01-02.txt"),
        ("\u202e", 1, "termxmpp-conversation-2026-01-02.txt"),
        ("x" * 500, 1, f"termxmpp-{'x' * 100}-2026-01-02.txt"),
    ],
)
def test_a_name_is_fit_for_every_file_system(what: str, number: int, name: str) -> None:
    assert file_name(what, NOON, "txt", number) == name


def test_days_are_offered_behind_since() -> None:
    assert next(iter(offers("since", NOON))) == ("2026-01-02", "today")
    assert ("html", "for browsers") in list(offers("", NOON))
