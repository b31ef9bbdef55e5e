"""Frozen dataclasses at little cost: the standard library's are the judge of each."""

import copy
import dataclasses
import functools
import inspect
import pickle
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

import pytest

from termxmpp import values


class Empty:
    pass


class Point:
    x: int
    y: int


class Named:
    """One that has a default, a factory, and things of its own."""

    address: str
    name: str = "nobody"
    groups: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return f"{self.name} <{self.address}>"


class Login:
    user: str
    password: str = field(repr=False)
    turn: int = field(default=0, compare=False)


class Checked:
    number: int = 1

    def __post_init__(self) -> None:
        if self.number < 0:
            raise ValueError("below nothing")


class Odd:
    number: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Odd) and other.number % 2 == self.number % 2

    def __hash__(self) -> int:
        return self.number % 2

    def __repr__(self) -> str:
        return f"<{self.number}>"


@values.dataclass(frozen=True, slots=True)
class Kept:
    """One that a module has, as only such can be pickled."""

    x: int
    label: str = "here"
    more: tuple[int, ...] = ()


Maker = Callable[[type], Any]

WITH_SLOTS: dict[str, Maker] = {
    "ours": values.dataclass(frozen=True, slots=True),
    "standard": dataclasses.dataclass(frozen=True, slots=True),
}
WITHOUT: dict[str, Maker] = {
    "ours": values.dataclass(frozen=True),
    "standard": dataclasses.dataclass(frozen=True),
}

Calls = list[tuple[tuple[Any, ...], dict[str, Any]]]

CLASSES: list[tuple[type, Calls]] = [
    (Empty, [((), {}), ((1,), {})]),
    (Point, [((1, 2), {}), ((1,), {"y": 2}), ((), {"x": 2, "y": 1}), ((1,), {}), ((1, 2, 3), {})]),
    (Point, [((1, 2), {"z": 3}), ((1, 2), {"x": 3}), ((float("nan"), [2]), {})]),
    (Named, [(("a@b",), {}), (("a@b", "Anna"), {}), (("a@b",), {"groups": {"x": "y"}}), ((), {})]),
    (Login, [(("me", "secret"), {}), (("me", "secret", 3), {}), (("me",), {"password": "other"})]),
    (Checked, [((), {}), ((2,), {}), ((-1,), {})]),
    (Odd, [((1,), {}), ((3,), {}), ((4,), {})]),
]


def made(maker: Maker, body: type) -> Any:
    """A class of its own with the body of `body`."""
    namespace = {
        name: copy.copy(value) if isinstance(value, dataclasses.Field) else value
        for name, value in body.__dict__.items()
        if name not in {"__dict__", "__weakref__"}
    }
    return maker(type(body.__name__, (), namespace))


def told(act: Callable[[], object]) -> object:
    """What `act` gives, or the class of its error."""
    try:
        return act()
    except Exception as error:
        return type(error)


def is_refused(act: Callable[[], object]) -> bool:
    # With slots, the standard one of Python 3.11 raises a TypeError where it should say "frozen".
    return told(act) in {dataclasses.FrozenInstanceError, TypeError}


def seen_of(each: Any, others: list[Any]) -> dict[str, object]:
    """All that can be seen of one object, and of it beside `others`."""
    return {
        "shown": repr(each),
        "values": [getattr(each, name) for name in each.__match_args__],
        "equal": [each == other for other in others],
        "unlike others": each == each.__match_args__,
        "hashed": told(lambda: [hash(each) == hash(other) for other in others if each == other]),
        "as a dict": dataclasses.asdict(each),
        "replaced": repr(dataclasses.replace(each)),
        "copied": copy.copy(each) == each,
        "deeply": repr(copy.deepcopy(each)),
        "can't be set": is_refused(lambda: setattr(each, "x", 1)),
        "nor anew": is_refused(lambda: setattr(each, "unheard_of", 1)),
        "nor deleted": is_refused(lambda: delattr(each, "x")),
    }


def seen(cls: Any, calls: Calls) -> dict[str, object]:
    """All that can be seen of `cls` and of what `calls` make of it."""
    tried = [told(functools.partial(cls, *words, **named)) for words, named in calls]
    objects = [each for each in tried if not isinstance(each, type)]
    return {
        "refused": [each for each in tried if isinstance(each, type)],
        "objects": [seen_of(each, objects) for each in objects],
        "matched by": cls.__match_args__,
        "fields": [(each.name, each.default, each.repr) for each in dataclasses.fields(cls)],
        "slots": cls.__dict__.get("__slots__"),
        "parameters": list(inspect.signature(cls).parameters),
        # The standard one writes the signature where there is no docstring: nobody reads it.
        "documented": cls.__doc__ if cls.__doc__ and "(" not in cls.__doc__ else None,
    }


@pytest.mark.parametrize("makers", [WITH_SLOTS, WITHOUT], ids=["slots", "no slots"])
@pytest.mark.parametrize(("body", "calls"), CLASSES)
def test_one_is_as_the_standard_library_would_make_it(
    body: type,
    calls: Calls,
    makers: dict[str, Maker],
) -> None:
    ours, standard = (seen(made(maker, body), calls) for maker in makers.values())
    assert ours == standard


@pytest.mark.parametrize("makers", [WITH_SLOTS, WITHOUT], ids=["slots", "no slots"])
def test_one_that_is_derived_has_the_fields_of_its_base_first(makers: dict[str, Maker]) -> None:
    def derived(maker: Maker) -> Any:
        base = made(maker, Named)
        namespace = {"__annotations__": {"name": "str", "age": "int"}, "name": "Anna", "age": 7}
        return maker(type("Aged", (base,), namespace))

    calls: Calls = [
        (("a@b",), {}),
        (("a@b", "B", {}, 3), {}),
    ]
    ours, standard = (seen(derived(maker), calls) for maker in makers.values())
    assert ours == standard


def test_what_is_not_to_be_shown_is_not() -> None:
    login = made(WITH_SLOTS["ours"], Login)("me", "secret")
    assert repr(login) == "Login(user='me', turn=0)"


def test_a_field_of_one_is_replaced_by_name() -> None:
    moved = dataclasses.replace(Kept(1), label="there")
    assert (moved, moved.x, moved.label) == (Kept(1, "there"), 1, "there")
    with pytest.raises(TypeError):
        dataclasses.replace(Kept(1), unheard_of=1)  # type: ignore[call-arg]


def test_one_is_pickled() -> None:
    assert pickle.loads(pickle.dumps(Kept(3, more=(1, 2)))) == Kept(3, more=(1, 2))


def test_one_is_matched_by_place() -> None:
    match Kept(3, "there"):
        case Kept(number, label):
            assert (number, label) == (3, "there")


def test_one_that_can_change_is_not_made_here() -> None:
    with pytest.raises(TypeError, match=r"dataclasses\.dataclass"):
        values.dataclass(frozen=False)


def test_a_default_that_all_would_share_is_refused() -> None:
    with pytest.raises(ValueError, match="groups"):
        values.dataclass(frozen=True)(
            type("Shared", (), {"__annotations__": {"groups": "list"}, "groups": []})
        )
