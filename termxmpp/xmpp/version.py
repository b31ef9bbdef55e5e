"""The wire form of XEP-0092 Software Version."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["NS", "VersionPayload"]

NS = "jabber:iq:version"


@payload(f"{{{NS}}}query")
@dataclass(frozen=True)
class VersionPayload(Payload):
    """`<query/>`: name and version of a program, and the system it runs on; empty in a question."""

    name: str = ""
    version: str = ""
    os: str = ""

    @property
    def words(self) -> str:
        """What it is called, with version and system; empty where nothing was said."""
        words = f"{self.name} {self.version}".strip()
        return f"{words} ({self.os})" if words and self.os else words

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        def said(name: str) -> str:
            return (element.findtext(f"{{{NS}}}{name}") or "").strip()

        return cls(said("name"), said("version"), said("os"))

    def as_xml(self) -> Element:
        query = Element(f"{{{NS}}}query")
        for name in ("name", "version", "os"):
            if getattr(self, name):
                SubElement(query, f"{{{NS}}}{name}").text = getattr(self, name)
        return query
