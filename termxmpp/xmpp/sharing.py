"""The wire form of XEP-0447 Stateless File Sharing, XEP-0446 File Metadata, XEP-0300 Hashes.

Of the sources of a file only links to the web are known here (XEP-0103).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.core import quoting
from termxmpp.core.files import Digest, SharedFile, has_only_links, web_link
from termxmpp.standard import Standard
from termxmpp.values import dataclass
from termxmpp.xmpp.oob import OobPayload
from termxmpp.xmpp.payload import Payload, payload
from termxmpp.xmpp.replies import FallbackPayload

__all__ = [
    "HASHES_NS",
    "METADATA_NS",
    "SHARING_NS",
    "SharingPayload",
    "files_of",
    "payloads_for",
    "text_besides",
]

ADDRESSES = Standard(
    "XEP-0103",
    "URL Address Information",
    "0.4.1",
    note="as sources of files (XEP-0447)",
    is_partial=True,
)

SHARING_NS = "urn:xmpp:sfs:0"
METADATA_NS = "urn:xmpp:file:metadata:0"
HASHES_NS = "urn:xmpp:hashes:2"
URL_NS = "http://jabber.org/protocol/url-data"

# Of a peer's no more files, hashes and characters are taken.
MOST_FILES, MOST_HASHES, LONGEST = 10, 10, 1000

# No picture has more pixels on a side, and nothing plays longer than a month (milliseconds).
WIDEST, LONGEST_PLAY = 1_000_000, 2_678_400_000

_DIMENSIONS = re.compile("([1-9][0-9]{0,5})x([1-9][0-9]{0,5})", re.ASCII)
_NUMBER = re.compile("[0-9]{1,15}", re.ASCII)
_DIGEST = re.compile("[A-Za-z0-9+/]{1,200}={0,2}", re.ASCII)
_ALGORITHM = re.compile("[a-z0-9-]{1,40}", re.ASCII)
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}", re.ASCII)


@payload(f"{{{SHARING_NS}}}file-sharing")
@dataclass(frozen=True)
class SharingPayload(Payload):
    """`<file-sharing/>`: one file, described; `id` tells it from others of the message."""

    file: SharedFile
    id: str = ""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        """What can't be meant is left out; ValueError where nothing is described."""
        described = element.find(f"{{{METADATA_NS}}}file")
        if described is None:
            raise ValueError("a shared file that nothing is said of")
        sources = element.iterfind(f"{{{SHARING_NS}}}sources/{{{URL_NS}}}url-data")
        links = (web_link(each.get("target", "")) for each in sources)
        width, height = _dimensions(described)
        media_type = _word(described, "media-type")
        return cls(
            SharedFile(
                next(filter(None, links), ""),
                _word(described, "name"),
                media_type if _MEDIA_TYPE.fullmatch(media_type) else "",
                _number(described, "size"),
                _word(described, "desc"),
                _hashes(described),
                width=width,
                height=height,
                length=_number(described, "length", LONGEST_PLAY),
            ),
            element.get("id", "")[:LONGEST],
        )

    def as_xml(self) -> Element:
        attributes = {"disposition": "inline" if self.file.kind == "picture" else "attachment"}
        if self.id:
            attributes["id"] = self.id
        element = Element(f"{{{SHARING_NS}}}file-sharing", attributes)
        described = SubElement(element, f"{{{METADATA_NS}}}file")
        words = {
            "media-type": self.file.media_type,
            "name": self.file.name,
            "size": _said(self.file.size),
            "width": _said(self.file.width),
            "height": _said(self.file.height),
            "length": _said(self.file.length),
            "desc": self.file.description,
        }
        for name, word in words.items():
            if word:
                SubElement(described, f"{{{METADATA_NS}}}{name}").text = word
        for algorithm, digest in self.file.hashes:
            found = SubElement(described, f"{{{HASHES_NS}}}hash", {"algo": algorithm})
            found.text = digest
        if self.file.url:
            sources = SubElement(element, f"{{{SHARING_NS}}}sources")
            SubElement(sources, f"{{{URL_NS}}}url-data", {"target": self.file.url})
        return element


def files_of(
    shared: Sequence[SharingPayload], links: Sequence[OobPayload], text: str
) -> tuple[SharedFile, ...]:
    """The files of a message with these payloads and the body `text`.

    A link that is the whole text is a file (as clients without XEP-0447 send them); another is
    but a link. One file that is said to be nowhere is where the only link leads.
    """
    files = [each.file for each in shared[:MOST_FILES]]
    if len(files) == len(links) == 1 and not files[0].url:
        return (replace(files[0], url=links[0].url),)
    known = {file.url for file in files}
    for link in links[:MOST_FILES]:
        if link.url not in known:
            known.add(link.url)
            is_link = link.url != text.strip() and bool(text.strip())
            description = link.description[:LONGEST]
            files.append(SharedFile(link.url, description=description, is_link=is_link))
    return tuple(files)


def text_besides(
    text: str, files: Sequence[SharedFile], fallbacks: Iterable[FallbackPayload]
) -> str:
    """What `text` says besides where `files` are: parts of it may be for who can't read those.

    A text that is nothing but that remains, as their links.
    """
    ours = [each for each in fallbacks if each.namespace == SHARING_NS]
    if not ours or not any(file.url for file in files) or has_only_links(text, files):
        return text
    if any(each.ranges is None for each in ours):
        return "\n".join(file.url for file in files if file.url)
    kept, _ = quoting.without(text, [span for each in ours for span in each.ranges or ()])
    return kept.rstrip("\n")


def payloads_for(files: Sequence[SharedFile], text: str) -> list[Payload]:
    """What belongs into a message of ours with `files`, whose body is `text` (§3.1)."""
    payloads: list[Payload] = []
    for number, file in enumerate(files, 1):
        payloads.append(SharingPayload(file, str(number) if len(files) > 1 else ""))
    if has_only_links(text, files):
        payloads.append(FallbackPayload(SHARING_NS))
    if len(files) == 1 and files[0].url:
        # As it is written by most: without it, others would show the link alone.
        payloads.append(OobPayload(files[0].url))
    return payloads


def _said(number: int | None) -> str:
    return "" if number is None else str(number)


def _number(described: Element, name: str, most: int = 10**15) -> int | None:
    text = _word(described, name)
    number = int(text) if _NUMBER.fullmatch(text) else most + 1
    return number if number <= most else None


def _dimensions(described: Element) -> tuple[int | None, int | None]:
    """Width and height in pixels, also as they were told before XEP-0446 0.2."""
    old = _DIMENSIONS.fullmatch(_word(described, "dimensions"))
    if old is not None:
        return int(old[1]), int(old[2])
    width = _number(described, "width", WIDEST)
    height = _number(described, "height", WIDEST)
    return (width, height) if width and height else (None, None)


def _word(described: Element, name: str) -> str:
    return (described.findtext(f"{{{METADATA_NS}}}{name}") or "").strip()[:LONGEST]


def _hashes(described: Element) -> tuple[Digest, ...]:
    """Each algorithm once (XEP-0300 §3)."""
    found: dict[str, str] = {}
    for each in described.iterfind(f"{{{HASHES_NS}}}hash"):
        algorithm, digest = each.get("algo", "").lower(), "".join((each.text or "").split())
        if _ALGORITHM.fullmatch(algorithm) and _DIGEST.fullmatch(digest):
            found.setdefault(algorithm, digest)
    return tuple(found.items())[:MOST_HASHES]
