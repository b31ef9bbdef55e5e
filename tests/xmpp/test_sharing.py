"""The wire form of shared files and of uploads: what we write is read, rubbish hurts nobody."""

from __future__ import annotations

from dataclasses import replace
from xml.etree.ElementTree import Element

from hypothesis import given

from termxmpp.core.files import SharedFile, file_words
from termxmpp.xmpp.disco import NS as DISCO_NS
from termxmpp.xmpp.disco import DiscoPayload
from termxmpp.xmpp.oob import OobPayload
from termxmpp.xmpp.sharing import (
    HASHES_NS,
    METADATA_NS,
    MOST_HASHES,
    SHARING_NS,
    URL_NS,
    SharingPayload,
    files_of,
    payloads_for,
)
from termxmpp.xmpp.uploads import NS, SlotPayload, SlotRequestPayload, limit_of
from tests.support.rubbish import reads, rubbish

URL = "https://files.example.org/4a77/très%20cool.jpg"
FILE = SharedFile(
    URL, "très cool.jpg", "image/jpeg", 23456, "us", (("sha-256", "YQ=="), ("sha3-256", "Yg=="))
)

DESCRIBED = [
    f"{{{METADATA_NS}}}{name}"
    for name in (
        *("file", "name", "size", "media-type", "desc"),
        *("width", "height", "length", "dimensions"),
    )
]
INSIDE = [*DESCRIBED, f"{{{HASHES_NS}}}hash", f"{{{SHARING_NS}}}sources", f"{{{URL_NS}}}url-data"]


def test_a_file_is_read_as_it_was_written() -> None:
    for file in (FILE, replace(FILE, width=1920, height=1080), replace(FILE, length=63_000)):
        written = SharingPayload(file, "1")
        assert SharingPayload.from_xml(written.as_xml()) == written


def test_what_is_written_of_several_files_tells_them_apart() -> None:
    other = SharedFile("https://files.example.org/b", "b")
    payloads = payloads_for((FILE, other), f"{URL}\n{other.url}")
    shared = [each for each in payloads if isinstance(each, SharingPayload)]
    assert [(each.id, each.file) for each in shared] == [("1", FILE), ("2", other)]
    # A link besides the text can be only one.
    assert not any(isinstance(each, OobPayload) for each in payloads)
    assert payloads_for((), "text") == []


@given(rubbish(f"{{{SHARING_NS}}}file-sharing", ["id", "algo", "target"], INSIDE))
def test_rubbish_describes_no_file_or_a_harmless_one(element: Element) -> None:
    read = reads(SharingPayload, element)
    if read is not None:
        assert file_words(read.file).isprintable()
        assert len(read.file.hashes) <= MOST_HASHES
        assert files_of([read], [], "") == (read.file,)


@given(rubbish("{jabber:x:oob}x", [], ["{jabber:x:oob}url", "{jabber:x:oob}desc"]))
def test_rubbish_is_no_link(element: Element) -> None:
    read = reads(OobPayload, element)
    assert read is None or read.url.lower().startswith(("http://", "https://"))


def test_a_slot_and_a_request_are_read_as_they_were_written() -> None:
    slot = SlotPayload(URL, URL, (("Cookie", "a"), ("Authorization", "b"), ("Cookie", "c")))
    assert SlotPayload.from_xml(slot.as_xml()) == slot
    request = SlotRequestPayload("très cool.jpg", 1, "image/jpeg")
    assert SlotRequestPayload.from_xml(request.as_xml()) == request


@given(
    rubbish(f"{{{NS}}}slot", ["url", "name"], [f"{{{NS}}}{n}" for n in ("put", "get", "header")])
)
def test_rubbish_is_no_slot_or_one_that_is_encrypted(element: Element) -> None:
    read = reads(SlotPayload, element)
    if read is not None:
        assert read.put.startswith("https://")
        assert not any("\n" in part for header in read.headers for part in header)


@given(
    rubbish(
        f"{{{DISCO_NS}}}query",
        ["var", "type"],
        [f"{{jabber:x:data}}{name}" for name in ("x", "field", "value")],
    )
)
def test_rubbish_about_a_service_sets_no_limit_or_a_number(element: Element) -> None:
    read = reads(DiscoPayload, element)
    assert read is not None
    limit = limit_of(read)
    assert limit is None or limit >= 0
