"""XEP-0059 Result Set Management: a long answer in pages."""

from __future__ import annotations

import re
from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.standard import Standard
from termxmpp.values import dataclass

__all__ = ["NS", "Page"]

PAGING = Standard("XEP-0059", "Result Set Management", "1.0")

NS = "http://jabber.org/protocol/rsm"

# As many digits as a count may have: thousands of them Python refuses to read.
_NUMBER = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class Page:
    """`<set/>`, as asked for or as answered.

    Asked: at most `max` items, before or after an item; an empty `before` means the last page,
    None no bound. Answered: the ids of the `first` and `last` item, and the `count` of all.
    """

    max: int | None = None
    before: str | None = None
    after: str | None = None
    first: str = ""
    last: str = ""
    count: int | None = None

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        """Read a `<set/>`; what can't be read in it is as good as absent."""

        def text(name: str) -> str | None:
            return element.findtext(f"{{{NS}}}{name}")

        def number(name: str) -> int | None:
            found = (text(name) or "").strip()
            return int(found) if _NUMBER.fullmatch(found) else None

        return cls(
            max=number("max"),
            before=text("before"),
            after=text("after"),
            first=text("first") or "",
            last=text("last") or "",
            count=number("count"),
        )

    def as_xml(self) -> Element:
        """The `<set/>`, with what there is to say."""
        said = {
            "max": self.max,
            "after": self.after,
            "before": self.before,
            "first": self.first or None,
            "last": self.last or None,
            "count": self.count,
        }
        element = Element(f"{{{NS}}}set")
        for name, value in said.items():
            if value is not None:
                SubElement(element, f"{{{NS}}}{name}").text = str(value)
        return element
