"""XEP-0122 Data Forms Validation: what the values of a field have to be, besides its type.

Datatypes, ranges and counts are checked before anything is sent. A regular expression is not: it
is a peer's, in a syntax that is not Python's, and some take for ever on a few letters. Whoever
gave it checks it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Self
from xml.etree.ElementTree import Element

from termxmpp.errors import DataError
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["ANYTHING", "NS", "Validation"]

NS = "http://jabber.org/protocol/xdata-validate"

# What a peer may ask for of a number: digits enough for all that is counted.
_INTEGER = re.compile(r"[+-]?[0-9]{1,40}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})", re.ASCII)
_DOUBLE = re.compile(
    r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?", re.ASCII
)
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*", re.ASCII)
# Python's `fromisoformat` takes more than XML Schema, as 20260102.
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
_TIME = re.compile(_CLOCK, re.ASCII)
_DATE_TIME = re.compile(_DATE.pattern + "T" + _CLOCK, re.ASCII)

# The least and the most of the integers of XML Schema.
_BOUNDS: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "byte": (-(2**7), 2**7 - 1),
    "short": (-(2**15), 2**15 - 1),
    "int": (-(2**31), 2**31 - 1),
    "long": (-(2**63), 2**63 - 1),
    "unsignedByte": (0, 2**8 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedLong": (0, 2**64 - 1),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
}


@dataclass(frozen=True, slots=True)
class Validation:
    """`<validate/>`: the `datatype` of each value, where it has to lie, and how many there may be.

    `is_open`: a list also takes what it does not offer. `least` and `most` bound the value,
    `fewest` and `greatest` the number of values of a list-multi; what is empty or None does not.
    """

    datatype: str = "xs:string"
    is_open: bool = False
    least: str = ""
    most: str = ""
    fewest: int | None = None
    greatest: int | None = None

    def check(self, name: str, values: Sequence[str], *, is_counted: bool = False) -> None:
        """DataError where `values` of the field `name` are not what is asked for."""
        read = _reader(self.datatype)
        for value in values:
            found = _read(read, value)
            if found is None:
                raise DataError(
                    _("{field} is {kind}; {value!r} is none.").format(
                        field=name, kind=_kind_words(self.datatype), value=value
                    )
                )
            self._check_range(name, read, found)
        if is_counted and self.fewest is not None and len(values) < self.fewest:
            raise DataError(
                _("{field} takes at least {count} of these.").format(field=name, count=self.fewest)
            )
        if is_counted and self.greatest is not None and len(values) > self.greatest:
            raise DataError(
                _("{field} takes at most {count} of these.").format(field=name, count=self.greatest)
            )

    def _check_range(self, name: str, read: Callable[[str], Any], found: Any) -> None:
        # A bound that is no value of the datatype bounds nothing.
        least, most = _read(read, self.least), _read(read, self.most)
        if self.least and least is not None and found < least:
            raise DataError(_("{field} is at least {least}.").format(field=name, least=self.least))
        if self.most and most is not None and found > most:
            raise DataError(_("{field} is at most {most}.").format(field=name, most=self.most))

    @property
    def words(self) -> str:
        """What is asked for, in a few words; empty where any text will do."""
        kind = _kind_words(self.datatype) if _reader(self.datatype) is not _text else ""
        if self.least and self.most:
            bounds = _("{least} to {most}").format(least=self.least, most=self.most)
        elif self.least:
            bounds = _("at least {least}").format(least=self.least)
        else:
            bounds = _("at most {most}").format(most=self.most) if self.most else ""
        return ", ".join(filter(None, (kind, bounds)))

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        """What `<validate/>` asks for; what makes no sense asks for nothing."""
        methods = {name: element.find(f"{{{NS}}}{name}") for name in ("open", "range", "regex")}
        bounds = methods["range"]
        counts = element.find(f"{{{NS}}}list-range")
        return cls(
            element.get("datatype") or "xs:string",
            # Any of them but basic leaves lists open (§3.2).
            any(each is not None for each in methods.values()),
            bounds.get("min", "") if bounds is not None else "",
            bounds.get("max", "") if bounds is not None else "",
            _count(counts.get("min")) if counts is not None else None,
            _count(counts.get("max")) if counts is not None else None,
        )


# What asks for nothing.
ANYTHING = Validation()


def _reader(datatype: str) -> Callable[[str], Any]:
    """What makes comparable values of texts; it raises ValueError for what is none."""
    name = datatype.removeprefix("xs:")
    if name in _BOUNDS:
        least, most = _BOUNDS[name]
        return lambda text: _integer(text, least, most)
    readers: dict[str, Callable[[str], Any]] = {
        "decimal": _decimal,
        "double": lambda text: float(_matching(_DOUBLE, text)),
        "float": lambda text: float(_matching(_DOUBLE, text)),
        "boolean": lambda text: _matching(re.compile("0|1|true|false"), text),
        "date": lambda text: date.fromisoformat(_matching(_DATE, text)),
        "time": lambda text: _aware(time.fromisoformat(_matching(_TIME, text))),
        "dateTime": lambda text: _aware(datetime.fromisoformat(_matching(_DATE_TIME, text))),
        "language": lambda text: _matching(_LANGUAGE, text),
    }
    return readers.get(name, _text) if datatype.startswith("xs:") else _text


def _kind_words(datatype: str) -> str:
    name = datatype.removeprefix("xs:")
    if name in _BOUNDS:
        return _("a whole number")
    words = {
        "decimal": _("a number"),
        "double": _("a number"),
        "float": _("a number"),
        "boolean": _("true or false"),
        "date": _("a date, as 2026-12-31"),
        "time": _("a time, as 23:59:00"),
        "dateTime": _("a date and time, as 2026-12-31T23:59:00Z"),
        "language": _("a language, as en-GB"),
    }
    return words.get(name, _("a text"))


def _read(read: Callable[[str], Any], text: str) -> Any:
    """The value of `text`, or None if it is none."""
    try:
        return read(text)
    except ValueError:
        return None


def _text(text: str) -> str:
    return text


def _integer(text: str, least: int | None, most: int | None) -> int:
    number = int(_matching(_INTEGER, text))
    if (least is not None and number < least) or (most is not None and number > most):
        raise ValueError(f"{number} is out of bounds")
    return number


def _decimal(text: str) -> Any:
    # Half a megabyte, and few forms ask for one.
    from decimal import Decimal

    return Decimal(_matching(_DECIMAL, text))


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(f"{text!r} has another form")
    return text


def _aware(moment: Any) -> Any:
    """`moment` with a time zone, so that each can be compared with each."""
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _count(text: str | None) -> int | None:
    try:
        return int(_matching(_INTEGER, text or ""))
    except ValueError:
        return None
