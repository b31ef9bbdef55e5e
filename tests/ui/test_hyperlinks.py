"""Links that the terminal knows (OSC 8): begun and ended with their cells, and never obeyed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from termxmpp.ui.hyperlinks import MOST, Hyperlinks, href, knows_links
from tests.support.drawn import Drawn
from tests.support.harness import BOB, Actor

XTERM = {"TERM": "xterm-256color"}

_OSC_8 = re.compile(rb"\x1b\]8;([^;\x1b]*);([^\x1b]*)\x1b\\")


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as found:
        yield found


def shown(alice: Actor, stack: ExitStack, text: str, environment: dict[str, str]) -> Drawn:
    alice.receives(
        f"<message from='bob@example.org/x' type='chat' id='b'><body>{text} end</body></message>"
    )
    alice.looks_at(BOB)
    drawn = stack.enter_context(closing(Drawn(alice, 80, 24, environment)))
    drawn.shows("end")
    return drawn


def linked(output: bytes) -> list[tuple[str, str]]:
    """The texts that are links for a terminal that reads `output`, and where they lead."""
    found: list[tuple[str, str]] = []
    address = ""
    place = 0
    for match in _OSC_8.finditer(output):
        if address:
            found.append((_plain(output[place : match.start()]), address))
        address, place = match[2].decode(), match.end()
    assert not address, "a link is never ended"
    return found


def _plain(output: bytes) -> str:
    return re.sub(rb"\x1b\[[^a-zA-Z]*[a-zA-Z]", b"", output).decode()


def test_a_link_is_one_for_the_terminal(alice: Actor, stack: ExitStack) -> None:
    drawn = shown(alice, stack, "see https://example.org/a(b), and", XTERM)
    assert linked(drawn.written) == [("https://example.org/a(b)", "https://example.org/a(b)")]


def test_its_parts_in_two_lines_are_one_link(alice: Actor, stack: ExitStack) -> None:
    address = "https://example.org/" + "x" * 60
    drawn = shown(alice, stack, address, XTERM)
    parts = linked(drawn.written)
    assert len(parts) > 1
    assert "".join(text.strip() for text, _address in parts) == address
    assert {where for _text, where in parts} == {address}
    ids = {match[1] for match in _OSC_8.finditer(drawn.written) if match[2]}
    assert len(ids) == 1


def test_what_is_drawn_again_is_a_link_again_and_nothing_else_becomes_one(
    alice: Actor, stack: ExitStack
) -> None:
    drawn = shown(alice, stack, "https://example.org/one", XTERM)
    before = len(drawn.written)
    alice.receives(
        "<message from='bob@example.org/x' type='chat' id='c'>"
        "<body>https://example.org/two</body></message>"
    )
    drawn.shows("two")
    drawn.types("typed")
    drawn.shows("typed")
    for text, address in linked(drawn.written[before:]):
        assert text.strip()
        assert address.startswith("https://example.org/")
        assert "typed" not in text
    drawn.redraws(is_anew=True)
    assert {where for _text, where in linked(drawn.written[before:])} == {
        "https://example.org/one",
        "https://example.org/two",
    }


@pytest.mark.parametrize("term", ["linux", "dumb", "vt100", "", "eterm"])
def test_a_terminal_that_does_not_know_them_gets_none(
    alice: Actor, stack: ExitStack, term: str
) -> None:
    assert not knows_links({"TERM": term})
    drawn = shown(alice, stack, "https://example.org/one", {"TERM": term})
    assert b"\x1b]8" not in drawn.written


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("https://example.org/a?b=c#d", "href:https://example.org/a?b=c#d"),
        ("https://example.org/ä", "href:https://example.org/%C3%A4"),
        ("https://a\x1b\\\x07;x y", "href:https://a%1B%5C%07;x%20y"),
        ("https://a/\u202e", "href:https://a/%E2%80%AE"),
        ("https://a/" + "x" * 3000, ""),
    ],
)
def test_an_address_is_printable_ascii(address: str, word: str) -> None:
    assert href(address) == word


def test_many_links_are_forgotten_and_drawn_anew() -> None:
    links = Hyperlinks(is_on=True)
    for number in range(MOST + 1):
        links.numbered([(f"class:link href:https://a/{number}", "a")])
    [fragment] = links.numbered([("class:link href:https://a/7", "a")])
    assert fragment[0] == "class:link class:href-7"
    assert links.address(7) == "https://a/7"
    links.tidy()
    assert links.generation == 1
    assert links.address(7) == ""
    links.tidy()
    assert links.generation == 1
