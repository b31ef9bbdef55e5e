"""The wire form of a room's configuration (XEP-0045 §10): its form, for its owners."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.values import dataclass
from termxmpp.xmpp.forms import NS as FORM_NS
from termxmpp.xmpp.forms import Form
from termxmpp.xmpp.muc import OWNER_NS
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["RoomFormPayload"]


@payload(f"{{{OWNER_NS}}}query")
@dataclass(frozen=True)
class RoomFormPayload(Payload):
    """`<query/>`: asks for the form where there is none, else holds it, filled in or given up."""

    form: Form | None = None

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        found = element.find(f"{{{FORM_NS}}}x")
        return cls(Form.from_xml(found) if found is not None else None)

    def as_xml(self) -> Element:
        query = Element(f"{{{OWNER_NS}}}query")
        if self.form is not None:
            query.append(self.form.as_xml())
        return query
