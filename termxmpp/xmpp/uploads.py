"""The wire form of XEP-0363 HTTP File Upload."""

from __future__ import annotations

import re
from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.core.files import web_link
from termxmpp.values import dataclass
from termxmpp.xmpp.disco import DiscoPayload
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["NS", "SlotPayload", "SlotRequestPayload", "limit_of"]

NS = "urn:xmpp:http:upload:0"

# What a service may let us tell the web server (§4); nothing else is passed on.
ALLOWED_HEADERS = frozenset({"authorization", "cookie", "expires"})

# No server takes more headers, or larger ones.
MOST_HEADERS, LONGEST_HEADER = 20, 8192

_NUMBER = re.compile("[0-9]{1,18}", re.ASCII)


@payload(f"{{{NS}}}request")
@dataclass(frozen=True)
class SlotRequestPayload(Payload):
    """`<request/>`: where a file of that name, size in bytes and media type may go."""

    name: str
    size: int
    media_type: str = ""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        name, size = element.get("filename", ""), element.get("size", "")
        if not name or not _NUMBER.fullmatch(size):
            raise ValueError("a request for nothing")
        return cls(name, int(size), element.get("content-type", ""))

    def as_xml(self) -> Element:
        attributes = {"filename": self.name, "size": str(self.size)}
        if self.media_type:
            attributes["content-type"] = self.media_type
        return Element(f"{{{NS}}}request", attributes)


@payload(f"{{{NS}}}slot")
@dataclass(frozen=True)
class SlotPayload(Payload):
    """`<slot/>`: to where a file is put, with which headers, and from where all can get it."""

    put: str
    get: str
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        """Headers that are not allowed are left out, as are line breaks in others (§4)."""
        put, get = element.find(f"{{{NS}}}put"), element.find(f"{{{NS}}}get")
        if put is None or get is None:
            raise ValueError("a slot without both its links")
        links = [web_link(each.get("url", "")) for each in (put, get)]
        if not all(link.startswith("https://") for link in links):
            # §4: the host must provide TLS.
            raise ValueError("a slot without links that are encrypted")
        headers = []
        for each in put.iterfind(f"{{{NS}}}header"):
            name, value = _in_a_line(each.get("name", "")), _in_a_line(each.text or "")
            if name.lower() in ALLOWED_HEADERS and _is_header(value):
                headers.append((name, value))
        return cls(links[0], links[1], tuple(headers[:MOST_HEADERS]))

    def as_xml(self) -> Element:
        element = Element(f"{{{NS}}}slot")
        put = SubElement(element, f"{{{NS}}}put", {"url": self.put})
        for name, value in self.headers:
            SubElement(put, f"{{{NS}}}header", {"name": name}).text = value
        SubElement(element, f"{{{NS}}}get", {"url": self.get})
        return element


def limit_of(service: DiscoPayload) -> int | None:
    """How many bytes `service` takes at most (§3); None where it does not say."""
    for form in service.forms:
        field = form.get("max-file-size")
        if form.form_type == NS and field is not None and _NUMBER.fullmatch(field.value.strip()):
            return int(field.value)
    return None


def _in_a_line(text: str) -> str:
    return text.replace("\r", "").replace("\n", "").strip()


def _is_header(value: str) -> bool:
    """Whether `value` can stand in a header as it is (RFC 9110 §5.5)."""
    return len(value) <= LONGEST_HEADER and all(
        char == "\t" or (" " <= char <= "\xff" and char != "\x7f") for char in value
    )
