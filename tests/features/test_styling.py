"""Styling: that we draw it is announced, and where its author wants none there is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given

from termxmpp.xmpp.styling import NS, UnstyledPayload
from tests.support.acts import carbon, correction, message, only, retraction, shown
from tests.support.archive import ANNOUNCED, Archive, heard
from tests.support.harness import BOB, Actor
from tests.support.rooms import CLUB, announces, enters, said
from tests.support.rubbish import reads, rubbish

UNSTYLED = f"<unstyled xmlns='{NS}'/>"


@pytest.mark.parametrize(
    ("inside", "is_unstyled"),
    [
        (UNSTYLED, True),
        (f"<unstyled xmlns='{NS}' no='no'><b/>yes</unstyled>", True),
        ("<unstyled xmlns='urn:other'/>", False),
        ("", False),
    ],
)
def test_what_is_unstyled_stays_so_over_a_restart(
    alices: Callable[..., Actor], tmp_path: Path, inside: str, is_unstyled: bool
) -> None:
    alice = alices(tmp_path)
    alice.receives(message(f"<body>&gt; _ &lt;</body>{inside}", "m"))
    assert (only(alice).text, only(alice).is_unstyled) == ("> _ <", is_unstyled)
    alice.close()
    assert only(alices(tmp_path)).is_unstyled == is_unstyled


def test_it_is_drawn_as_it_stands(alice: Actor) -> None:
    alice.looks_at(BOB)
    alice.receives(message("<body>&gt; _ &lt;</body>", "m"))
    assert alice.lines()[-1].endswith("▎ _ <")
    alice.receives(message(f"<body>&gt; _ &lt;\n```\n*a* b</body>{UNSTYLED}", "n"))
    assert [line[15:] for line in alice.lines()[-3:]] == ["> _ <", "```", "*a* b"]


def test_it_comes_from_other_devices_and_the_archive_too(alices: Callable[..., Actor]) -> None:
    alice = alices(announced=ANNOUNCED)
    Archive(alice, heard("&gt; _ &lt;", "a", UNSTYLED))
    alice.loses_the_link()
    alice.goes_online()
    alice.looks_at(BOB)
    assert only(alice).is_unstyled
    ours = message(f"<body>*</body>{UNSTYLED}", "p", sender="alice@example.org/phone", to=str(BOB))
    alice.receives(carbon(ours))
    assert [each.is_unstyled for each in shown(alice)] == [True, True]


def test_it_comes_from_a_room_too(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.receives(said("bob", "&gt; _ &lt;").replace("</message>", f"{UNSTYLED}</message>"))
    assert only(alice, CLUB).is_unstyled


def test_a_correction_says_anew_whether_it_is_styled(alice: Actor) -> None:
    alice.receives(message("<body>&gt; _ &lt;</body>", "m"))
    alice.receives(correction("m", "&gt; _ &lt;", "c", inside=UNSTYLED))
    assert only(alice).is_unstyled
    alice.receives(correction("m", "*no*", "d"))
    assert not only(alice).is_unstyled


def test_of_what_is_retracted_nothing_is_left(alice: Actor) -> None:
    alice.receives(message(f"<body>a</body>{UNSTYLED}", "m"), retraction("m"))
    assert (only(alice).is_retracted, only(alice).is_unstyled) == (True, False)


def test_what_we_write_is_never_said_to_be_unstyled(alice: Actor) -> None:
    alice.types("/msg bob@example.org *a* > b")
    assert NS not in alice.sent()[-1]


def test_what_we_wrote_unstyled_elsewhere_is_so_when_it_is_corrected_here(alice: Actor) -> None:
    alice.looks_at(BOB)
    ours = message(f"<body>*</body>{UNSTYLED}", "p", sender="alice@example.org/phone", to=str(BOB))
    alice.receives(carbon(ours))
    alice.types("/correct * *")
    assert f'<unstyled  xmlns="{NS}"/>' in alice.sent()[-1]
    assert (only(alice).text, only(alice).is_unstyled) == ("* *", True)


@given(rubbish(f"{{{NS}}}unstyled"))
def test_whatever_it_holds_it_says_the_same(element: Element) -> None:
    assert reads(UnstyledPayload, element) == UnstyledPayload()
