"""XEP-0004 Data Forms: what somebody wants to know, and the values that answer it.

Registration, the configuration of rooms and ad-hoc commands all ask by such forms. Reading is
lenient, as peers write what they like; `Form.answered` is strict: what it lets through, the form
allows. Nothing here is made harmless for the screen, which is up to who shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.core.jid import Jid
from termxmpp.core.picture import Picture
from termxmpp.errors import DataError
from termxmpp.standard import Standard
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.xmpp.payload import Payload, payload
from termxmpp.xmpp.validation import ANYTHING, Validation
from termxmpp.xmpp.validation import NS as VALIDATE_NS

__all__ = ["NS", "Field", "Form", "Option"]

FORM_TYPES_KEPT = Standard("XEP-0068", "Field Standardization for Data Forms", "1.3.0")

NS = "jabber:x:data"

FORM_TYPES = frozenset({"form", "submit", "cancel", "result"})

# XEP-0004 §3.3; any other is to be taken for text-single.
FIELD_TYPES = frozenset(
    {
        "boolean",
        "fixed",
        "hidden",
        "jid-multi",
        "jid-single",
        "list-multi",
        "list-single",
        "text-multi",
        "text-private",
        "text-single",
    }
)

# The two ways to write each truth (XEP-0004 §3.3, by XML Schema).
TRUE, FALSE = frozenset({"1", "true"}), frozenset({"0", "false"})


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a list: the value to be sent, and the words for it."""

    value: str
    label: str = ""

    @property
    def words(self) -> str:
        return self.label or self.value


@dataclass(frozen=True, slots=True)
class Field:
    """A field: `name` (its `var`), one of FIELD_TYPES, and the values that it has.

    `media` are the addresses of what is to be looked at for it (XEP-0221), such as a CAPTCHA's
    picture, and `pictures` is how those look that were looked at. `validation` is what XEP-0122
    asks of the values.
    """

    name: str
    type: str = "text-single"
    values: tuple[str, ...] = ()
    label: str = ""
    description: str = ""
    is_required: bool = False
    options: tuple[Option, ...] = ()
    media: tuple[str, ...] = ()
    validation: Validation = ANYTHING
    pictures: tuple[Picture, ...] = ()

    @property
    def words(self) -> str:
        """What it is called."""
        return self.label or self.name

    @property
    def value(self) -> str:
        """The only value; of several the first; of none nothing."""
        return self.values[0] if self.values else ""

    @property
    def is_asked(self) -> bool:
        """Whether it is the user who fills it in."""
        return self.type not in ("fixed", "hidden")

    @property
    def is_multi(self) -> bool:
        return self.type.endswith("-multi")

    @property
    def is_secret(self) -> bool:
        """Whether nobody is to see what is typed."""
        return self.type == "text-private"

    def words_of(self, value: str) -> str:
        """What `value` is called: of a list as the option is."""
        return next((each.words for each in self.options if each.value == value), value)

    def checked(self, values: Sequence[str]) -> Field:
        """The field with `values` in place of its own; DataError for what it does not allow."""
        kept = tuple(values) if self.type == "text-multi" else tuple(filter(None, values))
        if self.is_required and not any(kept):
            raise DataError(_("{field} must be filled in.").format(field=self.words))
        if len(kept) > 1 and not self.is_multi:
            raise DataError(_("{field} takes one value only.").format(field=self.words))
        made = tuple(self._value(each) for each in kept)
        # The lines of a text are one value, unless it says otherwise (XEP-0122 §3.2.2).
        if self.type != "text-multi" or self.validation.is_open:
            is_counted = self.type == "list-multi"
            given = tuple(filter(None, made))
            self.validation.check(self.words, given, is_counted=is_counted)
        return replace(self, values=made)

    def _value(self, text: str) -> str:
        """`text` as it is sent."""
        if self.type == "boolean":
            if text not in TRUE | FALSE:
                raise DataError(_("{field} is true or false.").format(field=self.words))
            return "1" if text in TRUE else "0"
        if self.type.startswith("jid-"):
            return str(Jid.parse(text))
        is_bound = self.type.startswith("list-") and not self.validation.is_open
        if is_bound and text not in {each.value for each in self.options}:
            choices = ", ".join(each.value for each in self.options)
            raise DataError(
                _("{field} is one of these: {choices}.").format(field=self.words, choices=choices)
            )
        return text


@payload(f"{{{NS}}}x")
@dataclass(frozen=True)
class Form(Payload):
    """`<x/>`: a form to fill in, one filled in (`submit`), or a result.

    A result may be a table: `reported` are its columns, `items` its rows (§3.4).
    """

    type: str = "form"
    fields: tuple[Field, ...] = ()
    title: str = ""
    instructions: tuple[str, ...] = ()
    reported: tuple[Field, ...] = ()
    items: tuple[tuple[Field, ...], ...] = ()

    @property
    def form_type(self) -> str:
        """What XEP-0068 says that the form is about; empty where it says nothing."""
        found = self.get("FORM_TYPE")
        return found.value if found is not None else ""

    def get(self, name: str) -> Field | None:
        """The field with that name."""
        return next((each for each in self.fields if each.name == name), None)

    @property
    def asked(self) -> tuple[Field, ...]:
        """What the user is to fill in, in order."""
        return tuple(each for each in self.fields if each.is_asked and each.name)

    def answered(self, values: Mapping[str, Sequence[str]]) -> Form:
        """The form to submit: with `values` by the fields' names, else as it was filled in.

        DataError for what the form does not allow, and for a name that it does not have.
        """
        unknown = values.keys() - {each.name for each in self.fields}
        if unknown:
            names = ", ".join(sorted(unknown))
            raise DataError(_("The form does not ask for {names}.").format(names=names))
        answers = []
        for each in self.fields:
            if not each.name or each.type == "fixed":
                continue
            if each.type == "hidden" and each.name not in values:
                answers.append(each)
                continue
            answer = each.checked(values.get(each.name, each.values))
            if answer.values:
                answers.append(answer)
        return Form("submit", tuple(answers))

    def with_values(self, answer: Form) -> Form:
        """The form with what was `answer`ed, to be asked once more."""
        given = {each.name: each.values for each in answer.fields}
        fields = (
            replace(each, values=given.get(each.name, ())) if each.is_asked and each.name else each
            for each in self.fields
        )
        return replace(self, fields=tuple(fields))

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        kind = element.get("type", "form")
        if kind not in FORM_TYPES:
            raise ValueError(f"a form of the unknown type {kind!r}")
        reported = element.find(f"{{{NS}}}reported")
        return cls(
            kind,
            _fields(element),
            (element.findtext(f"{{{NS}}}title") or "").strip(),
            tuple(each.text or "" for each in element.iterfind(f"{{{NS}}}instructions")),
            _fields(reported) if reported is not None else (),
            tuple(_fields(item) for item in element.iterfind(f"{{{NS}}}item")),
        )

    def as_xml(self) -> Element:
        form = Element(f"{{{NS}}}x", {"type": self.type})
        if self.title:
            SubElement(form, f"{{{NS}}}title").text = self.title
        for each in self.instructions:
            SubElement(form, f"{{{NS}}}instructions").text = each
        _put(form, self.fields, is_whole=self.type != "submit")
        if self.reported:
            _put(SubElement(form, f"{{{NS}}}reported"), self.reported)
        for item in self.items:
            _put(SubElement(form, f"{{{NS}}}item"), item)
        return form


def _fields(parent: Element) -> tuple[Field, ...]:
    return tuple(_field(each) for each in parent.iterfind(f"{{{NS}}}field"))


def _field(element: Element) -> Field:
    kind = element.get("type", "")
    name = element.get("var", "")
    if kind not in FIELD_TYPES:
        # XEP-0068 §3.1: FORM_TYPE is hidden, and in a submitted form it need not say so.
        kind = "hidden" if name == "FORM_TYPE" else "text-single"
    options = (
        Option(each.findtext(f"{{{NS}}}value") or "", each.get("label", ""))
        for each in element.iterfind(f"{{{NS}}}option")
    )
    validate = element.find(f"{{{VALIDATE_NS}}}validate")
    return Field(
        name,
        kind,
        tuple(each.text or "" for each in element.iterfind(f"{{{NS}}}value")),
        element.get("label", ""),
        (element.findtext(f"{{{NS}}}desc") or "").strip(),
        element.find(f"{{{NS}}}required") is not None,
        tuple(options),
        tuple(
            (each.text or "").strip()
            for each in element.iterfind(
                "{urn:xmpp:media-element}media/{urn:xmpp:media-element}uri"
            )
        ),
        Validation.from_xml(validate) if validate is not None else ANYTHING,
    )


def _put(parent: Element, fields: Iterable[Field], *, is_whole: bool = True) -> None:
    """Put `fields` into `parent`; what is submitted needs names and values only (§3.2)."""
    for each in fields:
        attributes = {"var": each.name} if each.name else {}
        if is_whole or each.type == "hidden":
            attributes["type"] = each.type
        if is_whole and each.label:
            attributes["label"] = each.label
        element = SubElement(parent, f"{{{NS}}}field", attributes)
        if is_whole and each.description:
            SubElement(element, f"{{{NS}}}desc").text = each.description
        if is_whole and each.is_required:
            SubElement(element, f"{{{NS}}}required")
        for value in each.values:
            SubElement(element, f"{{{NS}}}value").text = value
        for option in each.options if is_whole else ():
            attributes = {"label": option.label} if option.label else {}
            choice = SubElement(element, f"{{{NS}}}option", attributes)
            SubElement(choice, f"{{{NS}}}value").text = option.value
