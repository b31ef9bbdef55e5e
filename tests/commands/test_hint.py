"""What is said of a command while it is typed."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.commands.hint import Hint, hint
from termxmpp.commands.registry import Kind, Registry, Rest, command
from termxmpp.core.jid import Jid


@command("msg", aliases=("query",))
def msg(ctx: object, jid: Jid, text: Rest | None = None) -> None:
    """Write to JID."""


@command("reply")
def reply(ctx: object, n: int | None, text: Rest) -> None:
    """Answer."""


@command("quit")
def quit_(ctx: object) -> None:
    """Leave."""


@command("mouse")
def mouse(ctx: object, switch: Literal["on", "off"]) -> None:
    """Use the mouse."""


@command("roster add")
def roster_add(ctx: object, jid: Jid, name: Rest | None = None) -> None:
    """Add JID."""


@command("roster remove")
def roster_remove(ctx: object, *jids: Annotated[Jid, Kind.CONTACT]) -> None:
    """Remove JIDS."""


registry = Registry([msg, reply, quit_, mouse, roster_add, roster_remove])

MSG = ("/msg", "JID", "[TEXT]")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("/msg", Hint(MSG, None, "Write to JID.")),
        ("/msg ", Hint(MSG, 1, "Write to JID.")),
        ("/msg bob@exam", Hint(MSG, 1, "Write to JID.")),
        ("/msg bob@example.org ", Hint(MSG, 2, "Write to JID.")),
        ("/msg bob@example.org and more\nof it", Hint(MSG, 2, "Write to JID.")),
        ("/QUERY ", Hint(MSG, 1, "Write to JID.")),
        ("/reply 2 x", Hint(("/reply", "[N]", "TEXT"), 2, "Answer.")),
        ("/reply x", Hint(("/reply", "[N]", "TEXT"), 2, "Answer.")),
        ("/quit", Hint(("/quit",), None, "Leave.")),
        ("/quit now", Hint(("/quit",), None, "Leave.")),
        ("/mouse o", Hint(("/mouse", "on|off"), 1, "Use the mouse.")),
        ("/roster", Hint(("/roster", "add|remove"), None)),
        ("/roster ", Hint(("/roster", "add|remove"), 1)),
        ("/roster re", Hint(("/roster", "add|remove"), 1)),
        ("/roster remove a@b ", Hint(("/roster remove", "[JIDS ...]"), 1, "Remove JIDS.")),
        ("/roster remve a@b",
         Hint(problem="There is no command /roster remve. Did you mean /roster remove?")),
        ("/qiut", Hint(problem="There is no command /qiut. Did you mean /quit?")),
        ("/ms hello", Hint(problem="There is no command /ms. Did you mean /msg?")),
        ("/etc/passwd",
         Hint(problem="There is no command /etc/passwd; a text that begins with / is typed with "
                      "//.")),
    ],
)  # fmt: skip
def test_a_command_shows_how_it_goes_on(typed: str, expected: Hint) -> None:
    assert hint(typed, len(typed), registry) == expected


@pytest.mark.parametrize("typed", ["", "hello", "//msg", "/", "/ ", "/m", "/q", " /msg"])
def test_of_a_text_and_of_half_a_name_there_is_nothing_to_say(typed: str) -> None:
    assert hint(typed, len(typed), registry) is None


def test_only_what_stands_before_the_cursor_counts() -> None:
    found = hint("/msg bob@example.org hi", 6, registry)
    assert found is not None
    assert found.current == 1


@given(st.text(), st.integers(0, 30))
def test_whatever_is_typed_it_never_fails(line: str, cursor: int) -> None:
    for start in ("", "/", "/msg ", "/roster ", "/reply "):
        hint(start + line, cursor, registry)
