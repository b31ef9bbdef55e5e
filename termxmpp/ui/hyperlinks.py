"""Links that the terminal knows as such (OSC 8), though prompt_toolkit does not.

The address goes with the style of its cells, so that it is drawn again just when they are. A
fragment of a line names it by a word of its style, `href:ADDRESS`; before it reaches
prompt_toolkit, which keeps every style that it has ever met, a class with a small number stands
for it.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Any
from urllib.parse import quote

from prompt_toolkit.styles import Attrs, BaseStyle

from termxmpp.ui.lines import Line

__all__ = ["Hyperlinks", "LinkedAttrs", "LinkedStyle", "href", "knows_links"]

# Terminals that draw what they do not understand, or whose line discipline is all there is.
_WITHOUT = ("linux", "dumb", "vt", "cons25", "eterm", "ansi", "unknown")

# So many addresses have a number at once; beyond that they get new ones.
MOST = 256

# Terminals ignore longer ones.
LONGEST = 2000

_CLASS = re.compile(r"class:href-(\d+)")


def knows_links(environment: Mapping[str, str]) -> bool:
    """Whether the terminal that `environment` tells of may be given OSC 8."""
    term = environment.get("TERM", "").lower()
    return bool(term) and not term.startswith(_WITHOUT)


def href(address: str) -> str:
    """The word of a style that makes a link to `address`; empty if it can't be one.

    All that is not printable ASCII is encoded (RFC 3986 §2.1), so nothing in it is obeyed.
    """
    encoded = quote(address, safe="!#$%&'()*+,/:;=?@[]~-._")
    return f"href:{encoded}" if len(encoded) <= LONGEST else ""


class LinkedAttrs(Attrs):
    """The attributes of a cell that belongs to the link `number` to `address`."""

    number: int
    address: str

    def __eq__(self, other: object) -> bool:
        return tuple.__eq__(self, other) is True and self.address == getattr(other, "address", "")

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = Attrs.__hash__


class Hyperlinks:
    """The numbers of the addresses that are shown."""

    def __init__(self, *, is_on: bool) -> None:
        self.is_on = is_on
        self.generation = 0
        self._numbers: dict[str, int] = {}
        self._addresses: list[str] = []

    def tidy(self) -> None:
        """A frame begins: if there are many numbers, forget them, and draw everything anew."""
        if len(self._addresses) > MOST:
            self._numbers, self._addresses = {}, []
            self.generation += 1

    def numbered(self, line: Line) -> Line:
        """`line` with a class for each address."""
        if not any("href:" in fragment[0] for fragment in line):
            return line
        return [(self._style(style), text) for style, text, *_others in line]

    def address(self, number: int) -> str:
        return self._addresses[number] if number < len(self._addresses) else ""

    def _style(self, style: str) -> str:
        words = []
        for word in style.split():
            if not word.startswith("href:"):
                words.append(word)
            elif self.is_on:
                words.append(f"class:href-{self._number(word[5:])}")
        return " ".join(words)

    def _number(self, address: str) -> int:
        number = self._numbers.get(address)
        if number is None:
            number = self._numbers[address] = len(self._addresses)
            self._addresses.append(address)
        return number


class LinkedStyle(BaseStyle):
    """`style`, whose attributes also tell the link of `links` that a cell belongs to."""

    def __init__(self, style: BaseStyle, links: Hyperlinks) -> None:
        self._style = style
        self._links = links

    def get_attrs_for_style_str(self, style_str: str, default: Any = None) -> Attrs:
        attrs = (
            self._style.get_attrs_for_style_str(style_str)
            if default is None
            else self._style.get_attrs_for_style_str(style_str, default)
        )
        found = _CLASS.search(style_str)
        if found is None:
            return attrs
        linked = LinkedAttrs(*attrs)
        linked.number = int(found[1])
        linked.address = self._links.address(linked.number)
        return linked

    @property
    def style_rules(self) -> list[tuple[str, str]]:
        return self._style.style_rules

    def invalidation_hash(self) -> Hashable:
        return self._style.invalidation_hash(), self._links.generation
