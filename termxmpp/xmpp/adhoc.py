"""The wire form of XEP-0050 Ad-Hoc Commands: what one is asked to do, and how far that has come."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.values import dataclass
from termxmpp.xmpp.forms import NS as FORM_NS
from termxmpp.xmpp.forms import Form
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["NS", "CommandNote", "CommandPayload"]

NS = "http://jabber.org/protocol/commands"

STATUSES = frozenset({"executing", "completed", "canceled"})
WAYS = ("next", "complete", "prev")


@dataclass(frozen=True, slots=True)
class CommandNote:
    """What a command says of itself; `type` is `info`, `warn` or `error` (§4.5)."""

    text: str
    type: str = "info"


@payload(f"{{{NS}}}command")
@dataclass(frozen=True)
class CommandPayload(Payload):
    """`<command/>`: the command `node` in its `session`.

    Going out, `action` is what to do. Coming in, `status` tells how far it has come, `ways` are the
    actions that are allowed next, the default first, `form` is what is asked or told, and `links`
    are the addresses that it tells (XEP-0066).
    """

    node: str
    session: str = ""
    action: str = ""
    status: str = ""
    ways: tuple[str, ...] = ()
    notes: tuple[CommandNote, ...] = ()
    form: Form | None = None
    links: tuple[str, ...] = ()

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        status = element.get("status", "")
        found = element.find(f"{{{FORM_NS}}}x")
        notes = (
            CommandNote((each.text or "").strip(), each.get("type", "info"))
            for each in element.iterfind(f"{{{NS}}}note")
        )
        links = (each.findtext("{jabber:x:oob}url") for each in element.iterfind("{jabber:x:oob}x"))
        return cls(
            element.get("node", ""),
            element.get("sessionid", ""),
            status=status if status in STATUSES else "",
            ways=_ways(element.find(f"{{{NS}}}actions")),
            notes=tuple(note for note in notes if note.text),
            form=_form(found) if found is not None else None,
            links=tuple(link.strip() for link in links if link and link.strip()),
        )

    def as_xml(self) -> Element:
        attributes = {"node": self.node, "sessionid": self.session, "action": self.action}
        given = {name: value for name, value in attributes.items() if value}
        command = Element(f"{{{NS}}}command", given)
        if self.form is not None:
            command.append(self.form.as_xml())
        return command


def _ways(actions: Element | None) -> tuple[str, ...]:
    """The actions allowed, the default first; without any, it is completed (§3.4)."""
    if actions is None:
        return ("complete",)
    allowed = [name for name in WAYS if actions.find(f"{{{NS}}}{name}") is not None]
    default = actions.get("execute", "next")
    if default in allowed:
        allowed.remove(default)
        allowed.insert(0, default)
    return tuple(allowed) or ("complete",)


def _form(element: Element) -> Form | None:
    try:
        return Form.from_xml(element)
    except ValueError:
        return None
