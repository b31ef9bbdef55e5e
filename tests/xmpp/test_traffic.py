"""The filter of the console of stanzas."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from termxmpp.xmpp.traffic import Traffic
from tests.support.harness import Actor

MESSAGE = "<message to='bob@example.org'><body>Hello Ping</body></message>"
PRESENCE = "<presence/>"
IQ = "<iq type='get' id='i'><ping xmlns='urn:xmpp:ping'/></iq>"


def line(wanted: str, xml: str, *, is_ours: bool = True) -> str:
    element = ElementTree.fromstring(f"<x xmlns='jabber:client'>{xml}</x>")[0]
    return Traffic.read(wanted.split()).lines(element, is_ours=is_ours)


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ("", "mpi"),
        ("message", "m"),
        ("iq presence", "pi"),
        ("out", "mpi"),
        ("in", ""),
        ("in out", "mpi"),
        ("PING", "mi"),
        ("ping hello", "m"),
        ("iq ping", "i"),
        ("-ping", "p"),
        ("-iq", "mp"),
        ("-out", ""),
        ("- --", "mpi"),
        ("bob@example.org", "m"),
    ],
)
def test_what_is_wanted_is_shown(wanted: str, shown: str) -> None:
    found = [
        name for name, xml in (("m", MESSAGE), ("p", PRESENCE), ("i", IQ)) if line(wanted, xml)
    ]
    assert "".join(found) == shown


def test_its_way_stands_before_it() -> None:
    assert line("", PRESENCE).startswith("out  <presence")
    assert line("", PRESENCE, is_ours=False).startswith("in   <presence")


def test_the_console_shows_what_is_wanted_until_it_is_off(alice: Actor) -> None:
    message, iq = (
        ElementTree.fromstring(f"<x xmlns='jabber:client'>{xml}</x>")[0] for xml in (MESSAGE, IQ)
    )
    alice.types("/xml on message")
    alice.run_now(alice.client.link.traffic, iq, True)
    alice.run_now(alice.client.link.traffic, message, True)
    alice.types("/xml off")
    alice.run_now(alice.client.link.traffic, message, True)
    [told] = alice.told()
    assert told.startswith("out  <message")
    typed = "/xml on mess"
    assert next(each.text for each in alice.workspace.complete(typed, len(typed))) == "message"
