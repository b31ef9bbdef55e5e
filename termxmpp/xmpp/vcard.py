"""vCards on the wire: XEP-0054 vcard-temp, and vCard4 by PEP (XEP-0292), as the same few fields.

Only the fields of `Field` are read and written; what else stands in a card stays as it is.
"""

from __future__ import annotations

import copy
import enum
from collections.abc import Mapping, Sequence
from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.standard import Standard
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.xmpp.payload import Payload, payload
from termxmpp.xmpp.stanzas import xml_text

__all__ = ["NS", "VCARD4", "VCARD4_NODE", "Field", "VCardPayload", "fields_of", "with_field"]

CARDS = Standard(
    "XEP-0292",
    "vCard4 Over XMPP",
    "0.12.0",
    note="the fields that people use; the others stay as they are",
    is_partial=True,
)

NS = "vcard-temp"
VCARD4 = "urn:ietf:params:xml:ns:vcard-4.0"
VCARD4_NODE = "urn:xmpp:vcard4"

# So much of a card is told: values of a field, and characters of a value.
MOST_VALUES, LONGEST = 10, 2000


_WORDS = {
    "name": _("name"),
    "nickname": _("nickname"),
    "email": _("email"),
    "phone": _("phone"),
    "url": _("url"),
    "birthday": _("birthday"),
    "organisation": _("organisation"),
    "title": _("title"),
    "role": _("role"),
    "city": _("city"),
    "country": _("country"),
    "note": _("note"),
}


class Field(enum.StrEnum):
    """What a card can tell, as it is called in a command."""

    NAME = "name"
    NICKNAME = "nickname"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    BIRTHDAY = "birthday"
    ORGANISATION = "organisation"
    TITLE = "title"
    ROLE = "role"
    CITY = "city"
    COUNTRY = "country"
    NOTE = "note"

    @property
    def words(self) -> str:
        """What the user reads of it."""
        return _WORDS[self.value]


# Where a field stands: the first way is the one that is written.
_TEMP: Mapping[Field, Sequence[str]] = {
    Field.NAME: ("FN",),
    Field.NICKNAME: ("NICKNAME",),
    Field.EMAIL: ("EMAIL/USERID", "EMAIL"),
    Field.PHONE: ("TEL/NUMBER", "TEL"),
    Field.URL: ("URL",),
    Field.BIRTHDAY: ("BDAY",),
    Field.ORGANISATION: ("ORG/ORGNAME",),
    Field.TITLE: ("TITLE",),
    Field.ROLE: ("ROLE",),
    Field.CITY: ("ADR/LOCALITY",),
    Field.COUNTRY: ("ADR/CTRY",),
    Field.NOTE: ("DESC", "NOTE"),
}
_FOUR: Mapping[Field, Sequence[str]] = {
    Field.NAME: ("fn/text",),
    Field.NICKNAME: ("nickname/text",),
    Field.EMAIL: ("email/text",),
    Field.PHONE: ("tel/uri", "tel/text"),
    Field.URL: ("url/uri",),
    Field.BIRTHDAY: ("bday/date", "bday/date-time", "bday/text"),
    Field.ORGANISATION: ("org/text",),
    Field.TITLE: ("title/text",),
    Field.ROLE: ("role/text",),
    Field.CITY: ("adr/locality",),
    Field.COUNTRY: ("adr/country",),
    Field.NOTE: ("note/text",),
}
_TELEPHONE = "tel:"


@payload(f"{{{NS}}}vCard")
@dataclass(frozen=True)
class VCardPayload(Payload):
    """`<vCard/>` (XEP-0054): the whole of a card, or in a question an empty one."""

    element: Element | None = None

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        return cls(element)

    def as_xml(self) -> Element:
        return Element(f"{{{NS}}}vCard") if self.element is None else self.element


def fields_of(card: Element | None) -> list[tuple[Field, str]]:
    """What `card`, of either kind, tells, in the order of `Field`; nothing for what is none."""
    if card is None:
        return []
    found = []
    for field, ways in _paths(card).items():
        values = [_value(each) for way in ways for each in card.iterfind(_path(card, way))]
        kept = [value for value in dict.fromkeys(values) if value]
        found += [(field, value) for value in kept[:MOST_VALUES]]
    return found


def with_field(card: Element | None, field: Field, value: str, *, is_four: bool) -> Element:
    """A copy of `card` whose first `field` is `value`; an empty one takes all of them out.

    Without a card it is a new one, vCard4 if it `is_four`.
    """
    tag = f"{{{VCARD4}}}vcard" if is_four else f"{{{NS}}}vCard"
    made = copy.deepcopy(card) if card is not None else Element(tag)
    ways = _paths(made)[field]
    if not value:
        _take_out(made, ways)
        return made
    text = xml_text(value)
    if field is Field.PHONE and is_four:
        text = _TELEPHONE + text.replace(" ", "-")
    _put(made, ways[0], text)
    return made


def _paths(card: Element) -> Mapping[Field, Sequence[str]]:
    if card.tag == f"{{{VCARD4}}}vcard":
        return _FOUR
    return _TEMP if card.tag == f"{{{NS}}}vCard" else {}


def _tags(card: Element, way: str) -> list[str]:
    """The qualified names of the elements on the `way`."""
    namespace = card.tag[1:].partition("}")[0]
    return [f"{{{namespace}}}{name}" for name in way.split("/")]


def _path(card: Element, way: str) -> str:
    return "/".join(_tags(card, way))


def _value(element: Element) -> str:
    return (element.text or "").strip()[:LONGEST].removeprefix(_TELEPHONE)


def _put(card: Element, way: str, text: str) -> None:
    found = card.find(_path(card, way))
    if found is None:
        # Beside what others have put there: a card may have several addresses.
        found = card
        for tag in _tags(card, way):
            found = SubElement(found, tag)
    found.text = text


def _take_out(card: Element, ways: Sequence[str]) -> None:
    for way in ways:
        first, _, leaf = way.partition("/")
        for outer in card.findall(_path(card, first)):
            if not leaf:
                if not len(outer):
                    card.remove(outer)
                continue
            for inner in outer.findall(_path(card, leaf)):
                outer.remove(inner)
            # What says only of which kind nothing is, says nothing.
            if not any((each.text or "").strip() for each in outer):
                card.remove(outer)
