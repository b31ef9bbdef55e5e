from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Literal

import pytest

from termxmpp.commands.signature import Kind, Name, Parameter, Rest, Takes, read_parameters
from termxmpp.core.jid import Jid


class Switch(StrEnum):
    ON = "on"
    OFF = "off"


def test_each_annotation_says_what_a_word_becomes() -> None:
    def function(
        ctx: object,
        jid: Jid,
        count: int,
        switch: Switch,
        how: Literal["once", "always"],
        room: Annotated[str, Kind.ROOM],
        owner: Annotated[Jid, Kind.CONTACT],
    ) -> None: ...

    assert read_parameters(function) == (
        Parameter("JID", Jid, Takes.WORD, Kind.JID),
        Parameter("COUNT", int, Takes.WORD),
        Parameter("SWITCH", Switch, Takes.WORD, choices=("on", "off")),
        Parameter("HOW", str, Takes.WORD, choices=("once", "always")),
        Parameter("ROOM", str, Takes.WORD, Kind.ROOM),
        Parameter("OWNER", Jid, Takes.WORD, Kind.CONTACT),
    )


def test_none_or_a_default_makes_an_argument_optional() -> None:
    def function(
        ctx: object,
        back: int | None,
        how: Literal["a", "b"] = "a",
        window: Annotated[Rest, Kind.WINDOW] | None = None,
    ) -> None: ...

    assert read_parameters(function) == (
        Parameter("BACK", int, Takes.WORD, is_optional=True),
        Parameter("HOW", str, Takes.WORD, choices=("a", "b"), is_optional=True, default="a"),
        Parameter("WINDOW", str, Takes.REST, Kind.WINDOW, is_optional=True),
    )


def test_the_last_argument_may_take_all_that_remains() -> None:
    def words(ctx: object, *group_names: str) -> None: ...
    def rest(ctx: object, text: Rest) -> None: ...
    def name(ctx: object, name_: Name) -> None: ...

    assert read_parameters(words) == (Parameter("GROUP-NAMES", str, Takes.WORDS, is_optional=True),)
    assert read_parameters(rest) == (Parameter("TEXT", str, Takes.REST),)
    assert read_parameters(name) == (Parameter("NAME", str, Takes.NAME),)


@pytest.mark.parametrize(
    ("parameter", "usage"),
    [
        (Parameter("JID", Jid, Takes.WORD), "JID"),
        (Parameter("TEXT", str, Takes.REST, is_optional=True), "[TEXT]"),
        (Parameter("SWITCH", str, Takes.WORD, choices=("on", "off")), "on|off"),
        (Parameter("GROUPS", str, Takes.WORDS, is_optional=True), "[GROUPS ...]"),
    ],
)
def test_the_usage_tells_what_may_be_left_out(parameter: Parameter, usage: str) -> None:
    assert parameter.usage == usage


def unannotated(ctx: object, jid) -> None: ...  # type: ignore[no-untyped-def]  # what is tested
def by_name(ctx: object, *, jid: Jid) -> None: ...
def not_typable(ctx: object, jids: list[Jid]) -> None: ...
def ambiguous(ctx: object, which: int | str) -> None: ...
def numbers(ctx: object, which: Literal[1, 2]) -> None: ...
def unmarked(ctx: object, which: Annotated[str, "room"]) -> None: ...
def repeated_rest(ctx: object, *texts: Rest) -> None: ...
def after_rest(ctx: object, text: Rest, jid: Jid) -> None: ...
def without_context() -> None: ...


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (unannotated, "'jid': it has no annotation"),
        (by_name, "none by its name"),
        (not_typable, "no typed word becomes"),
        (ambiguous, "leaves open"),
        (numbers, "no typed word becomes"),
        (unmarked, "one Kind"),
        (repeated_rest, "only words can be repeated"),
        (after_rest, "nothing can follow TEXT"),
        (without_context, "takes no context"),
    ],
)
def test_a_signature_that_is_no_grammar_fails_at_once(
    function: Callable[..., object], reason: str
) -> None:
    with pytest.raises(TypeError, match=reason):
        read_parameters(function)
