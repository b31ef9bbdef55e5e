"""Frozen dataclasses that cost little: to the code and the type checker, the standard ones.

termxmpp is made of some three hundred small frozen classes: events, stanzas' payloads, rows,
lines. For each of them the standard library compiles six methods when it is imported, and makes
an object for each of its fields: a third of the start, and three megabytes. Here a class has its
`__init__` compiled and shares the rest; what `dataclasses.fields`, `replace` and `asdict` ask for
is made when they ask.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError
from operator import attrgetter
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

# Where a class keeps its fields: name to default, a `Field`, or MISSING; those of bases first.
_FIELDS = "__value_fields__"

_set = object.__setattr__


def _frozen_dataclass(*, frozen: bool, slots: bool = False) -> Callable[[type], type]:
    """`dataclasses.dataclass(frozen=True)`, for classes that are compared by all they hold.

    Order, class variables among the fields, and what else is left out here, are a matter for the
    standard one; so is a class that is not frozen (TypeError).
    """
    if not frozen:
        raise TypeError("a class that is not frozen is one for dataclasses.dataclass")
    return _with_slots if slots else _made


def _made(cls: type) -> type:
    fields = _fields(cls)
    for name, method in _methods(cls, fields).items():
        setattr(cls, name, method)
    for name in _own_names(cls):
        default = cls.__dict__.get(name, MISSING)
        if isinstance(default, Field):
            if default.default is MISSING:
                delattr(cls, name)
            else:
                setattr(cls, name, default.default)
    return cls


def _with_slots(cls: type) -> type:
    """A class like `cls` with slots: they can't be added to one that is there."""
    fields = _fields(cls)
    names = _own_names(cls)
    inherited = {name for base in cls.__mro__[1:] for name in getattr(base, "__slots__", ())}
    namespace = {
        name: value
        for name, value in cls.__dict__.items()
        if name not in names and name not in {"__dict__", "__weakref__"}
    }
    namespace |= _methods(cls, fields)
    namespace["__slots__"] = tuple(name for name in names if name not in inherited)
    namespace["__qualname__"] = cls.__qualname__
    return type(cls)(cls.__name__, cls.__bases__, namespace)


def _own_names(cls: type) -> list[str]:
    return list(inspect.get_annotations(cls))


def _fields(cls: type) -> dict[str, object]:
    fields: dict[str, object] = {}
    for base in reversed(cls.__mro__[1:]):
        fields |= base.__dict__.get(_FIELDS, {})
    return fields | {name: cls.__dict__.get(name, MISSING) for name in _own_names(cls)}


def _methods(cls: type, fields: dict[str, object]) -> dict[str, object]:
    """What is added to `cls`, by name; what it says of its own stays."""
    given = {name for name, value in cls.__dict__.items() if value is not None}
    shared = {name: method for name, method in _SHARED.items() if name not in given}
    return {
        "__init__": _init(fields, has_more=hasattr(cls, "__post_init__")),
        "__match_args__": tuple(fields),
        _FIELDS: fields,
        "__value_key__": staticmethod(_key(fields)),
        **shared,
    }


def _init(fields: dict[str, object], *, has_more: bool) -> object:
    arguments, lines = [], []
    scope: dict[str, object] = {"_set": _set, "_MISSING": MISSING}
    for name, default in fields.items():
        value = name
        if isinstance(default, Field):
            if default.default_factory is not MISSING:
                scope[f"_make_{name}"] = default.default_factory
                value = f"_make_{name}() if {name} is _MISSING else {name}"
                arguments.append(f"{name}=_MISSING")
                lines.append(f"_set(self, {name!r}, {value})")
                continue
            default = default.default
        if default is MISSING:
            arguments.append(name)
        else:
            scope[f"_default_{name}"] = default
            if default.__class__.__hash__ is None:
                raise ValueError(f"all would share the default of {name}: take default_factory")
            arguments.append(f"{name}=_default_{name}")
        lines.append(f"_set(self, {name!r}, {value})")
    if has_more:
        lines.append("self.__post_init__()")
    body = "\n ".join(lines) or "pass"
    exec(f"def __init__(self, {', '.join(arguments)}):\n {body}", scope)  # noqa: S102 names of a class body, as the standard one
    return scope["__init__"]


def _key(fields: dict[str, object]) -> Callable[[object], object]:
    """What an object with `fields` is compared and hashed by."""
    names = [
        name
        for name, default in fields.items()
        if not (isinstance(default, Field) and default.compare is False)
    ]
    return attrgetter(*names) if names else lambda each: ()


def _eq(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    key = self.__value_key__
    return key(self) == key(other)


def _hash(self: Any) -> int:
    return hash(self.__value_key__(self))


def _repr(self: Any) -> str:
    shown = ", ".join(
        f"{each.name}={getattr(self, each.name)!r}"
        for each in dataclasses.fields(self)
        if each.repr
    )
    return f"{type(self).__qualname__}({shown})"


def _refuse_setting(self: object, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deleting(self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _reduce(self: Any) -> tuple[type, tuple[object, ...]]:
    """How it is copied and pickled: anew, as it can't be set."""
    return type(self), tuple(getattr(self, name) for name in self.__match_args__)


class _StandardFields:
    """The fields as the standard library has them, made when something asks for them."""

    def __get__(self, each: object, owner: type) -> dict[str, Field[Any]]:
        defaults: dict[str, object] = getattr(owner, _FIELDS)
        types: dict[str, object] = {}
        for base in reversed(owner.__mro__):
            types |= inspect.get_annotations(base)
        namespace = {name: value for name, value in defaults.items() if value is not MISSING}
        namespace["__annotations__"] = {name: types[name] for name in defaults}
        standard: Any = dataclasses.dataclass(type(owner.__name__, (), namespace))
        made: dict[str, Field[Any]] = standard.__dataclass_fields__
        setattr(owner, "__dataclass_fields__", made)  # noqa: B010 no attribute that mypy knows
        return made


_SHARED: dict[str, object] = {
    "__eq__": _eq,
    "__hash__": _hash,
    "__repr__": _repr,
    "__setattr__": _refuse_setting,
    "__delattr__": _refuse_deleting,
    "__reduce__": _reduce,
    "__dataclass_fields__": _StandardFields(),
}

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _frozen_dataclass
