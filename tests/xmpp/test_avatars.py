"""Pictures of people on the wire: which of them is fetched, and that it is the one."""

from __future__ import annotations

import base64
import hashlib
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given

from termxmpp.xmpp.avatars import (
    DATA_NODE,
    METADATA_NODE,
    AvatarInfo,
    avatar_data,
    avatar_info,
    card_picture,
)
from tests.support.rubbish import rubbish

DATA = b"\x89PNG not really"
HASH = hashlib.sha1(DATA).hexdigest()
TEXT = base64.b64encode(DATA).decode()
INFO = AvatarInfo(HASH, "image/png", len(DATA))
OTHER = "0" * 40


def metadata(*infos: str) -> Element:
    return fromstring(f"<metadata xmlns='{METADATA_NODE}'>{''.join(infos)}</metadata>")


def info(id: str = HASH, type: str = "image/png", bytes: str = "15", more: str = "") -> str:
    return f"<info id='{id}' type='{type}' bytes='{bytes}' {more}/>"


def data(text: str) -> Element:
    return fromstring(f"<data xmlns='{DATA_NODE}'>{text}</data>")


def test_the_picture_that_everybody_can_show_is_chosen() -> None:
    found = avatar_info(metadata(info(OTHER, "image/webp"), info(HASH), info(OTHER, "image/gif")))
    assert found == INFO


@pytest.mark.parametrize(
    "told",
    [
        "",
        info(more="url='http://tracker.example/me.png'"),
        info(bytes="many"),
        info(bytes="-1"),
        info(bytes="9999999"),
        info(bytes="9" * 5000),
        info(type="image/svg+xml"),
        info(type=""),
        info(id="../../etc/passwd"),
        info(id=""),
    ],
)
def test_what_is_elsewhere_or_too_large_or_no_picture_is_not_fetched(told: str) -> None:
    assert avatar_info(metadata(told)) is None
    assert avatar_info(None) is None
    assert avatar_info(Element("other")) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TEXT, DATA),
        (f" {TEXT[:4]}\n{TEXT[4:]} ", DATA),
        (base64.b64encode(b"another").decode(), None),
        ("", None),
        ("!!!", None),
        ("A" * 2_000_000, None),
    ],
)
def test_only_the_picture_that_was_named_is_taken(text: str, found: bytes | None) -> None:
    assert avatar_data(data(text), INFO) == found
    assert avatar_data(Element("other"), INFO) is None
    assert avatar_data(None, INFO) is None


def test_a_picture_in_a_card_is_read() -> None:
    """XEP-0153: not one that lies elsewhere."""
    card = "<vCard xmlns='vcard-temp'><PHOTO><TYPE>image/png</TYPE>{}</PHOTO></vCard>"
    assert card_picture(fromstring(card.format(f"<BINVAL>{TEXT}</BINVAL>"))) == DATA
    assert card_picture(fromstring(card.format("<EXTVAL>http://a.b/c</EXTVAL>"))) is None
    assert card_picture(None) is None


INNER = [f"{{{METADATA_NODE}}}info"]


@given(rubbish(f"{{{METADATA_NODE}}}metadata", ["id", "type", "bytes", "url"], INNER))
def test_rubbish_names_no_picture_or_one_that_can_be_fetched(element: Element) -> None:
    found = avatar_info(element)
    assert found is None or (len(found.id) == 40 and found.size <= 1_000_000)


@given(rubbish(f"{{{DATA_NODE}}}data"))
def test_rubbish_is_no_picture(element: Element) -> None:
    assert avatar_data(element, INFO) is None
