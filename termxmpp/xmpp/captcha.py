"""The wire form of XEP-0158 CAPTCHA Forms: a challenge, and its answer."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.core.jid import Jid
from termxmpp.errors import UserError
from termxmpp.values import dataclass
from termxmpp.xmpp.forms import NS as FORM_NS
from termxmpp.xmpp.forms import Form
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["NS", "CaptchaPayload"]

NS = "urn:xmpp:captcha"

# A task for a machine, which costs minutes of its time (§4.2); people have the others.
FOR_MACHINES = frozenset({"SHA-256"})


@payload(f"{{{NS}}}captcha")
@dataclass(frozen=True)
class CaptchaPayload(Payload):
    """`<captcha/>`: the form of a challenge, or of the answer to one."""

    form: Form

    @property
    def concerns(self) -> Jid | None:
        """To whom that went which is held up by it."""
        try:
            return Jid.parse(self._value("from"))
        except UserError:
            return None

    @property
    def challenge(self) -> str:
        """What names it."""
        return self._value("challenge")

    @property
    def for_people(self) -> Form:
        """The form without tasks for machines."""
        fields = tuple(each for each in self.form.fields if each.name not in FOR_MACHINES)
        return Form(self.form.type, fields, self.form.title, self.form.instructions)

    def _value(self, name: str) -> str:
        found = self.form.get(name)
        return found.value if found is not None else ""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        found = element.find(f"{{{FORM_NS}}}x")
        if found is None:
            raise ValueError("a challenge without a form")
        form = Form.from_xml(found)
        if form.form_type != NS:
            raise ValueError("a form of another kind")
        return cls(form)

    def as_xml(self) -> Element:
        element = Element(f"{{{NS}}}captcha")
        element.append(self.form.as_xml())
        return element
