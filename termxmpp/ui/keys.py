"""What the keys do: one table of actions, by the contract's §4, which `[keys]` and /bind change.

An action has a name, the keys that it has unless the user says otherwise, and words for the help.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from prompt_toolkit.application import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition, Filter
from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from termxmpp.keyboard import Action, Keyboard, canonical, parts
from termxmpp.ui.selection import MESSAGE_KEYS, unselect
from termxmpp.words import _

__all__ = ["ACTIONS", "make_bindings", "sequence", "unselect_by_typing"]

# `application.Screen`, which imports this.
Screen = Any

# The terminal's focus reports, which prompt_toolkit does not know, as keys that no keyboard has.
FOCUS_IN, FOCUS_OUT = Keys.ControlF23, Keys.ControlF24
ANSI_SEQUENCES["\x1b[I"] = FOCUS_IN
ANSI_SEQUENCES["\x1b[O"] = FOCUS_OUT

# What is about the input, and nothing while something else is typed into: a search.
WRITING = frozenset(
    {"send", "new-line", "complete", "send-file", "editor", "clear-or-quit", "delete-or-quit"}
)

# Escape and another key that come at once are Alt and that; else it need not wait for another.
IS_ALONE = Condition(lambda: not get_app().key_processor.input_queue)

# Ctrl-C so soon after another asks whether to quit (seconds).
TWICE = 1.0


def sequence(key: str) -> tuple[str, ...]:
    """The key `key`, as users write it, for prompt_toolkit; UserError if there is no such key.

    Several, with spaces between, are pressed one after the other.
    """
    if " " in key.strip():
        return tuple(each for part in key.split() for each in sequence(part))
    *modifiers, name = parts(canonical(key))
    prefix = ("escape",) if "alt" in modifiers else ()
    if name == "space":
        return (*prefix, "c-@" if "ctrl" in modifiers else " ")
    short = [each[0] for each in modifiers if each != "alt"]
    return (*prefix, "-".join([*short, name]))


def _send(screen: Screen) -> None:
    if screen.prompt.buffer.text:
        viewport = screen.viewport
        before = viewport.jumps
        screen.prompt.send()
        if viewport.jumps == before:
            # What was sent has not led elsewhere: it is to be seen.
            viewport.to_end()


def _clear_or_quit(screen: Screen) -> None:
    if screen.prompt.buffer.text:
        screen.prompt.clear()
        return
    now = time.monotonic()
    if now - screen.interrupted_at < TWICE:
        screen.ask(_("Quit termxmpp? (y/n)"), screen.workspace.on_quit)
    screen.interrupted_at = now


def _delete_or_quit(screen: Screen) -> None:
    if screen.prompt.buffer.text:
        screen.prompt.buffer.delete()
    else:
        screen.workspace.on_quit()


def _next_unread(screen: Screen) -> None:
    screen.workspace.next_unread()
    screen.viewport.to_end()


def _go(number: int) -> Callable[[Screen], None]:
    def act(screen: Screen) -> None:
        if number <= len(screen.workspace.windows):
            screen.workspace.go(number)

    return act


ACTIONS: tuple[Action, ...] = (
    Action("send", ("enter",), _("send what is written"), _send),
    Action(
        "new-line",
        ("alt-enter", "ctrl-j"),
        _("begin a new line"),
        lambda screen: screen.prompt.buffer.insert_text("\n"),
    ),
    Action("complete", ("tab",), _("complete"), lambda screen: screen.prompt.complete()),
    Action(
        "send-file",
        ("alt-s",),
        _("send the file whose path is written"),
        lambda screen: screen.attempt(screen.dropped.send),
    ),
    Action(
        "editor",
        ("alt-e", "ctrl-x ctrl-e"),
        _("write in your editor"),
        lambda screen: screen.edit_input(),
    ),
    Action(
        "next-window", ("ctrl-n",), _("the next window"), lambda screen: screen.workspace.step(1)
    ),
    Action(
        "previous-window",
        ("ctrl-p",),
        _("the window before"),
        lambda screen: screen.workspace.step(-1),
    ),
    Action(
        "next-unread",
        ("alt-a",),
        _("the next window with something unread"),
        _next_unread,
    ),
    *(
        Action(
            f"window-{number}",
            (f"alt-{number % 10}",),
            _("window {number}").format(number=number),
            _go(number),
        )
        for number in range(1, 11)
    ),
    Action(
        "scroll-up",
        ("pageup",),
        _("look further back"),
        lambda screen: screen.viewport.scroll(screen.viewport.page),
    ),
    Action(
        "scroll-down",
        ("pagedown",),
        _("look further on"),
        lambda screen: screen.viewport.scroll(-screen.viewport.page),
    ),
    Action(
        "scroll-to-beginning",
        ("alt-home",),
        _("look at the beginning of what is at hand"),
        lambda screen: screen.viewport.to_beginning(),
    ),
    Action(
        "scroll-to-end",
        ("alt-end",),
        _("look at the newest message"),
        lambda screen: screen.viewport.to_end(),
    ),
    Action(
        "day-before",
        ("alt-pageup",),
        _("look at the beginning of the day, or of the day before"),
        lambda screen: screen.viewport.day_before(),
    ),
    Action(
        "day-behind",
        ("alt-pagedown",),
        _("look at the next day"),
        lambda screen: screen.viewport.day_behind(),
    ),
    Action(
        "select-before",
        ("alt-up",),
        _("select the message before; keys then act on it"),
        lambda screen: screen.viewport.select_next(-1),
    ),
    Action(
        "select-behind",
        ("alt-down",),
        _("select the message behind"),
        lambda screen: screen.viewport.select_next(1),
    ),
    Action(
        "switcher",
        ("ctrl-k",),
        _("go to a contact, room, account or command by a few letters"),
        lambda screen: screen.switch(),
    ),
    Action("search", ("alt-/", "f3"), _("search"), lambda screen: screen.search()),
    Action(
        "go-back",
        ("alt-left",),
        _("look again where the search began"),
        lambda screen: screen.attempt(lambda: screen.hits.go_back(screen)),
    ),
    Action(
        "help",
        ("f1",),
        _("help on where one is; twice: all keys"),
        lambda screen: screen.help(),
    ),
    Action(
        "sidebar", ("f9",), _("show or hide the sidebar"), lambda screen: screen.toggle_sidebar()
    ),
    Action("redraw", ("ctrl-l",), _("draw everything anew"), lambda screen: screen.repaint()),
    Action(
        "suspend", ("ctrl-z",), _("stop, as a job of the shell"), lambda screen: screen.suspend()
    ),
    Action("clear-or-quit", ("ctrl-c",), _("clear the input; twice: quit"), _clear_or_quit),
    Action(
        "delete-or-quit",
        ("ctrl-d",),
        _("delete a character; on an empty line: quit"),
        _delete_or_quit,
    ),
)


def make_bindings(screen: Screen, changed: Mapping[str, str]) -> KeyBindings:
    """The bindings of `screen`; `changed` are key: action, as in `[keys]`.

    An action may also be a command line, with its slash; an empty one takes the key's away.
    """
    bindings = KeyBindings()
    is_asking = Condition(lambda: bool(screen.question))
    keyboard = Keyboard(ACTIONS)
    acts = {
        sequence(key): keyboard.actions[does].act if does in keyboard.actions else _entering(does)
        for key, does in keyboard.bound(changed).items()
        if does in keyboard.actions or does.startswith("/")
    }
    writing = {action.act for action in ACTIONS if action.name in WRITING}
    is_open = screen.overlay.is_open | screen.secret.is_open | screen.has_form
    is_free = ~is_asking & ~is_open
    for keys, act in acts.items():
        where = is_free & screen.prompt.has_focus if act in writing else is_free
        bindings.add(*keys, filter=where, eager=True)(_calling(act, screen))
    _bind_selection(bindings, screen, is_free)
    is_open = ~is_asking & screen.overlay.is_open
    _bind_overlay(bindings, screen, is_open)
    for key, does in keyboard.bound(changed).items():
        if does == "help":
            bindings.add(*sequence(key), filter=is_open, eager=True)(lambda event: screen.help())
    _bind_reports(bindings, screen, is_asking, is_free)
    return bindings


def _bind_selection(bindings: KeyBindings, screen: Screen, is_free: Filter) -> None:
    """The keys that act on the message that is selected, while nothing is written."""
    is_selecting = is_free & Condition(lambda: screen.viewport.selected is not None)
    for each in MESSAGE_KEYS:
        act = each.act
        bindings.add(each.key, filter=is_selecting & screen.prompt.is_empty, eager=True)(
            lambda event, act=act: screen.act_on_selected(act)
        )

    @bindings.add("escape", filter=is_selecting & IS_ALONE, eager=True)
    def _end(event: KeyPressEvent) -> None:
        unselect(screen)


def unselect_by_typing(screen: Screen) -> None:
    """Who writes a text means no message any more."""

    def typed(buffer: Buffer) -> None:
        if buffer.text and not buffer.text.startswith("/"):
            screen.viewport.unselect()

    screen.prompt.buffer.on_text_changed += typed


def _bind_overlay(bindings: KeyBindings, screen: Screen, is_open: Filter) -> None:
    """The keys of a list over the screen; all others edit the line in it."""
    overlay = screen.overlay
    acts: dict[str, Callable[[], None]] = {
        "enter": overlay.choose,
        "up": lambda: overlay.move(-1),
        "down": lambda: overlay.move(1),
        "c-p": lambda: overlay.move(-1),
        "c-n": lambda: overlay.move(1),
        "pageup": lambda: overlay.page(-1),
        "pagedown": lambda: overlay.page(1),
        "tab": overlay.switch,
        "c-c": overlay.close,
        "c-g": overlay.close,
        "c-k": overlay.close,
    }
    for key, act in acts.items():
        bindings.add(key, filter=is_open, eager=True)(lambda event, act=act: act())

    @bindings.add("escape", filter=is_open & IS_ALONE, eager=True)
    def _close(event: KeyPressEvent) -> None:
        overlay.close()

    @bindings.add(Keys.BracketedPaste, filter=is_open, eager=True)
    def _paste(event: KeyPressEvent) -> None:
        overlay.insert(event.data)


def _entering(line: str) -> Callable[[Screen], None]:
    return lambda screen: screen.workspace.submit(line)


def _calling(act: Callable[[Screen], None], screen: Screen) -> Callable[[KeyPressEvent], None]:
    return lambda event: act(screen)


def _bind_reports(
    bindings: KeyBindings, screen: Screen, is_asking: Condition, is_free: Filter
) -> None:
    """What is no key of the user's choice: pastes, answers, and what the terminal reports."""

    @bindings.add(FOCUS_IN, eager=True)
    def _focus_in(event: KeyPressEvent) -> None:
        screen.set_focus(is_focused=True)

    @bindings.add(FOCUS_OUT, eager=True)
    def _focus_out(event: KeyPressEvent) -> None:
        screen.set_focus(is_focused=False)

    @bindings.add(Keys.Any, filter=is_asking, eager=True)
    @bindings.add("enter", filter=is_asking, eager=True)
    @bindings.add("escape", filter=is_asking, eager=True)
    @bindings.add("c-c", filter=is_asking, eager=True)
    def _answer(event: KeyPressEvent) -> None:
        screen.answer(event.data.lower() == "y")
        screen.pastes.go_on()

    # Behind the answers, which would take it for one.
    @bindings.add(Keys.BracketedPaste, filter=is_asking | screen.prompt.has_focus, eager=True)
    def _paste(event: KeyPressEvent) -> None:
        screen.pastes.take(event.data)
