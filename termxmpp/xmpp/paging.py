"""XEP-0059 Result Set Management: a long answer in pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from xml.etree.ElementTree import Element, SubElement

__all__ = ["NS", "Page"]

NS = "http://jabber.org/protocol/rsm"


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

        def number(name: str) -> int | None:
            text = (element.findtext(f"{{{NS}}}{name}") or "").strip()
            return int(text) if text.isascii() and text.isdecimal() else None

        return cls(
            max=number("max"),
            first=element.findtext(f"{{{NS}}}first") or "",
            last=element.findtext(f"{{{NS}}}last") or "",
            count=number("count"),
        )

    def as_xml(self) -> Element:
        """The `<set/>` of a question."""
        element = Element(f"{{{NS}}}set")
        if self.max is not None:
            SubElement(element, f"{{{NS}}}max").text = str(self.max)
        if self.after is not None:
            SubElement(element, f"{{{NS}}}after").text = self.after
        if self.before is not None:
            SubElement(element, f"{{{NS}}}before").text = self.before
        return element
