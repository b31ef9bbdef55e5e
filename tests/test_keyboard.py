"""Names of keys: each has one spelling, and each that is taken can be bound and pressed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.key_binding import KeyBindings

from termxmpp.errors import UserError
from termxmpp.keyboard import Action, Keyboard, canonical
from termxmpp.ui.keys import ACTIONS, sequence


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("ctrl-k", "ctrl-k"),
        ("Ctrl-K", "ctrl-k"),
        ("alt-ctrl-k", "ctrl-alt-k"),
        ("esc", "escape"),
        ("PgUp", "pageup"),
        ("meta-pgdn", "alt-pagedown"),
        # Terminals send the same.
        ("ctrl-m", "enter"),
        ("ctrl-i", "tab"),
        ("alt-ctrl-m", "alt-enter"),
        ("ctrl-h", "backspace"),
        ("ctrl-[", "escape"),
        ("ctrl-@", "ctrl-space"),
        ("-", "-"),
        ("alt--", "alt--"),
        (" ", "space"),
        ("ü", "ü"),
    ],
)
def test_a_key_has_one_spelling(typed: str, name: str) -> None:
    assert canonical(typed) == name
    assert canonical(name) == name


@pytest.mark.parametrize(
    "typed",
    ["", "ctrl-", "ctrl", "hyper-x", "ctrl-ü", "ctrl-enter", "shift-a", "f25", "alt", "ctrl-1",
     "ctrl-shift-k", "nothing", "--", "ctrl-f24", "\x1b", "ctrl--"],
)  # fmt: skip
def test_what_no_terminal_tells_of_is_no_key(typed: str) -> None:
    with pytest.raises(UserError, match="keys are written like ctrl-k"):
        canonical(typed)


@given(
    st.lists(st.sampled_from(["ctrl", "alt", "shift"]), unique=True),
    st.sampled_from(["up", "delete", "f1", "f22", "enter", "tab", "escape", "space", "a", "\\", "]",
                     "-", "é", "/", "^", "_", "@", "backspace", "7"]),
)  # fmt: skip
def test_each_key_can_be_bound(modifiers: list[str], name: str) -> None:
    try:
        key = canonical("-".join([*modifiers, name]))
    except UserError:
        return
    KeyBindings().add(*sequence(key))(lambda event: None)


def test_the_users_keys_come_before_ours() -> None:
    keyboard = Keyboard(
        [
            Action("quit", ("ctrl-q",), "end", print),
            Action("send", ("enter", "ctrl-j"), "send it", print),
        ]
    )
    changed = {"Ctrl-M": "", "ctrl-q": "/away", "f5": "send"}
    assert keyboard.bound(changed) == {"ctrl-j": "send", "ctrl-q": "/away", "f5": "send"}
    assert keyboard.default("enter") == "send"
    assert keyboard.default("f5") == ""
    assert keyboard.words("send") == "send it"
    assert keyboard.words("/away") == "/away"


def test_no_two_actions_have_a_name_or_a_key_in_common() -> None:
    names = [action.name for action in ACTIONS]
    keys = [canonical(key) for action in ACTIONS for key in action.keys]
    assert len(set(names)) == len(names)
    assert len(set(keys)) == len(keys)
    for key in keys:
        assert sequence(key)
