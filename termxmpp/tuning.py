"""The commands that make termxmpp the user's own: settings, theme, keys and aliases.

Each lists what there is, tells of one, and changes it at once and in the configuration file. What
is `default` stands in the file no longer.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from typing import Annotated, Protocol

from termxmpp.commands.aliases import is_alias_name
from termxmpp.commands.parser import Text, parse
from termxmpp.commands.registry import Command, Kind, Name, Registry, Rest, command
from termxmpp.config import Config, Effect
from termxmpp.config_keys import (
    DEFAULT,
    Edit,
    SettingKey,
    all_keys,
    find,
    read_value,
    value_words,
)
from termxmpp.core.jid import Jid
from termxmpp.errors import DataError, UserError
from termxmpp.feature import CommandContext
from termxmpp.keyboard import Keyboard, canonical, parts
from termxmpp.nearest import nearest
from termxmpp.overviews import columns, key_lines, setting_lines
from termxmpp.settings import Settings
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["TUNING_COMMANDS", "Tuned", "TuningContext", "tuning_offers"]

# Both ways of typing nothing.
_NOTHING = ("''", '""')


class Tuned(Protocol):
    """What can be made the user's own."""

    @property
    def settings(self) -> Settings:
        """What holds now."""
        ...

    @property
    def keyboard(self) -> Keyboard:
        """What keys can do; nothing where there are none to be pressed."""
        ...

    @property
    def own_registry(self) -> Registry:
        """Every command but the aliases."""
        ...

    def theme_names(self) -> Sequence[str]:
        """The themes that there are, by their names."""
        ...


@dataclass(frozen=True, slots=True)
class TuningContext:
    """Where a command was typed, and what it changes."""

    desk: Tuned
    here: CommandContext

    @property
    def config(self) -> Config:
        return self.desk.settings.config

    @property
    def account(self) -> str:
        """The address of the window's account."""
        return str(self.here.client.state.account.bare)

    def tell(self, *lines: str) -> None:
        self.here.tell("\n".join(filter(None, lines)))

    async def change(self, *edits: Edit, told: Iterable[str]) -> None:
        """Make the `edits`, and tell so when they are in the file."""
        await self.desk.settings.change(edits)
        without = self.desk.settings.path is None
        self.tell(*told, _("It is not written into any file here.") if without else "")


@command("set")
async def set_(
    ctx: TuningContext,
    key: Annotated[str, Kind.SETTING] | None = None,
    value: Annotated[Name, Kind.VALUE] | None = None,
) -> None:
    """List the settings, tell of KEY, or set it to VALUE, at once and in the configuration file.

    KEY is written as `ui.theme`, or without its table where that is clear; of the window's
    account as `markers`, of another as `account.me@example.org.markers`. The VALUE `default` takes
    it out of the file.
    """
    if key is None:
        ctx.tell(*setting_lines(ctx.config, ctx.account))
        return
    found = _find(ctx, key)
    if value is None:
        ctx.tell(*_told(found, ctx.config))
        return
    await _set(ctx, found, value)


@command("theme")
async def theme(ctx: TuningContext, name: Annotated[Name, Kind.THEME] | None = None) -> None:
    """Tell which themes there are, or take NAME, which may be the path of a file of yours."""
    now = ctx.config.ui.theme
    if name is None:
        names = ", ".join(ctx.desk.theme_names())
        ctx.tell(_("The theme is {now}; there are {names}.").format(now=now, names=names))
        return
    await _set(ctx, SettingKey("ui", "theme"), name)


@command("bind")
async def bind_(
    ctx: TuningContext,
    key: Annotated[str, Kind.KEY] | None = None,
    action: Annotated[Name, Kind.ACTION] | None = None,
) -> None:
    """List the keys, tell what KEY does, or let it do ACTION, which may be a /command line.

    Keys are written like `ctrl-k`, `alt-enter`, `f9`. The ACTION `""` takes away what the key does,
    `default` gives it back.
    """
    keyboard = ctx.desk.keyboard
    if not keyboard.actions:
        raise UserError(_("There are no keys to bind in this mode."))
    if key is None:
        ctx.tell(*key_lines(keyboard, ctx.config.keys))
        return
    name = canonical(key)
    bound = keyboard.bound(ctx.config.keys)
    if action is None:
        ctx.tell(_key_told(keyboard, name, bound.get(name, "")), _same_as(key, name))
        return
    does = keyboard.default(name) if action == DEFAULT else action
    _check_action(ctx, does)
    edits = [Edit(("keys", each), None) for each in ctx.config.keys if canonical(each) == name]
    if does != keyboard.default(name):
        # In the spelling that it has in the file, if it is there.
        spelled = edits.pop().path[1] if edits else name
        edits.append(Edit(("keys", spelled), does))
    told = [
        _key_told(keyboard, name, does),
        _same_as(key, name),
        _lost(ctx, name, bound.get(name, ""), does),
        _typed_no_more(name, does),
    ]
    await ctx.change(*edits, told=told)


@command("alias")
async def alias(
    ctx: TuningContext,
    name: Annotated[str, Kind.ALIAS] | None = None,
    line: Annotated[Rest, Kind.COMMAND] | None = None,
) -> None:
    """List your own commands, tell of NAME, or let /NAME stand for LINE.

    In LINE, `$1` to `$9` are the words typed behind the name, `$*` is all of them, `$$` a dollar;
    without any, what is typed is put behind it. A LINE without a slash is said. The LINE `""`
    takes the alias away. An alias stands for no other, and takes no command's name.
    """
    aliases = ctx.config.aliases
    if name is None:
        none = _("There are no aliases; /alias brb /away back soon makes one.")
        ctx.tell(*columns((f"/{each}", aliases[each]) for each in sorted(aliases)) or [none])
        return
    name = name.removeprefix("/").lower()
    if line is None or line in (*_NOTHING, DEFAULT):
        if name not in aliases:
            raise UserError(_("There is no alias /{name}.").format(name=name))
        if line is None:
            ctx.tell(f"/{name}  {aliases[name]}")
            return
        gone = _("/{name} is no alias any more.").format(name=name)
        await ctx.change(Edit(("alias", name), None), told=[gone])
        return
    _check_alias(ctx, name, line)
    told = _("/{name} stands for {line}").format(name=name, line=line)
    await ctx.change(Edit(("alias", name), line), told=[told])


def _told(key: SettingKey, config: Config) -> list[str]:
    lines = [f"{key} = {value_words(key.value(config))}", key.words]
    if key.choices:
        lines.append(_("It can be {choices}.").format(choices=", ".join(key.choices)))
    lines.append(_("Without a word of yours it is {value}.").format(value=value_words(key.default)))
    return [*lines, _effect_words(key)]


def _effect_words(key: SettingKey) -> str:
    match key.effect:
        case Effect.AT_ONCE:
            return ""
        case Effect.NEXT_CONNECTION:
            return _("It holds from the next connection on: /disconnect and /connect make one.")
        case Effect.NEXT_START:
            return _("It holds from the next start on.")


async def _set(ctx: TuningContext, key: SettingKey, typed: str) -> None:
    value = read_value(key, typed)
    if key == SettingKey("ui", "theme") and isinstance(value, str):
        _check_theme(ctx, value)
    shown = value_words(key.default if value is None else value)
    told = _("{key} is {value} now.") if value is not None else _("{key} is {value} again.")
    await ctx.change(
        Edit(key.path, value), told=[told.format(key=key, value=shown), _effect_words(key)]
    )


def _check_theme(ctx: TuningContext, name: str) -> None:
    names = ctx.desk.theme_names()
    if name not in names and "/" not in name and not name.endswith(".toml"):
        raise UserError(
            _("There is no theme {name}; there are {names}, and paths of files.").format(
                name=name, names=", ".join(names)
            )
        )


def _find(ctx: TuningContext, typed: str) -> SettingKey:
    """The setting that is meant; also one of an account of which nothing is said so far."""
    addresses = [*ctx.config.accounts]
    table, _dot, rest = typed.partition(".")
    address = rest.rpartition(".")[0]
    if table == "account" and address:
        try:
            bare = str(Jid.parse(address).bare)
        except DataError as error:
            raise UserError(str(error)) from None
        if address not in addresses:
            typed = typed.replace(address, bare, 1)
            addresses.append(bare)
    return find(typed, addresses, ctx.account)


def _key_told(keyboard: Keyboard, key: str, does: str) -> str:
    if not does:
        return _("{key} does nothing of ours.").format(key=key)
    if does in keyboard.actions:
        return _("{key}: {action} ({words})").format(
            key=key, action=does, words=keyboard.words(does)
        )
    return _("{key}: {line}").format(key=key, line=does)


def _same_as(typed: str, key: str) -> str:
    """That terminals know no difference between what was typed and another key."""
    *modifiers, name = parts(typed.lower())
    if name in parts(key) or len(name) > 1 or "ctrl" not in modifiers:
        return ""
    return _("Terminals send the same for {typed} and {key}.").format(typed=typed, key=key)


def _lost(ctx: TuningContext, key: str, before: str, does: str) -> str:
    """What the key did until now and, if nothing else does it, that no key does it any more."""
    keyboard = ctx.desk.keyboard
    if not before or before == does:
        return ""
    others = [
        each
        for each, done in keyboard.bound(ctx.config.keys).items()
        if done == before and each != key
    ]
    if others:
        return _("It was {action} before, which {keys} still does.").format(
            action=before, keys=", ".join(others)
        )
    return _("It was {action} before, which no key does any more.").format(action=before)


def _typed_no_more(key: str, does: str) -> str:
    if does and (len(key) == 1 or key == "space"):
        return _("It can't be typed into a text any more.")
    return ""


def _check_action(ctx: TuningContext, does: str) -> None:
    """UserError if `does` is neither an action nor a line that a command would take."""
    names = ctx.desk.keyboard.actions
    if does.startswith("/"):
        _check_line(ctx, does)
    elif does and does not in names:
        meant = nearest(does, names)
        hint = (
            _("Did you mean {nearest}?").format(nearest=meant)
            if meant
            else _("Tab lists them; a /command line will do too.")
        )
        raise UserError(_("There is no action {name}. {hint}").format(name=repr(does), hint=hint))


def _check_alias(ctx: TuningContext, name: str, line: str) -> None:
    """UserError if there can't be the alias `name`, or `line` is none that can be entered."""
    if not is_alias_name(name):
        raise UserError(
            _("{name} can't be a command's name: one word of small letters can.").format(
                name=repr(name)
            )
        )
    if any(name == each.partition(" ")[0] for each in ctx.desk.own_registry.names):
        raise UserError(
            _("/{name} is a command; an alias needs a name of its own.").format(name=name)
        )
    _check_line(ctx, line)


def _check_line(ctx: TuningContext, line: str) -> None:
    """UserError if `line` is a command that there is not."""
    entered = parse(line)
    if not isinstance(entered, Text):
        ctx.desk.own_registry.lookup(entered)


TUNING_COMMANDS: tuple[Command, ...] = (set_, theme, bind_, alias)


def tuning_offers(desk: Tuned, kind: Kind, before: str, account: str) -> Iterable[tuple[str, str]]:
    """What can be typed for an argument of `kind` behind the word `before`, with its meaning."""
    config = desk.settings.config
    match kind:
        case Kind.SETTING:
            for key in all_keys(dict.fromkeys((account, *config.accounts))):
                yield str(key), f"{value_words(key.value(config))}: {key.words}"
        case Kind.VALUE:
            with contextlib.suppress(UserError):
                key = find(before, [*config.accounts], account)
                yield from _values(desk, key, config)
        case Kind.THEME:
            yield from _themes(desk, config.ui.theme)
        case Kind.KEY:
            for name, does in desk.keyboard.bound(config.keys).items():
                yield name, desk.keyboard.words(does)
        case Kind.ACTION:
            yield from ((name, each.words) for name, each in desk.keyboard.actions.items())
            yield DEFAULT, _("what the key does if nothing is set")
            yield '""', _("nothing")
        case Kind.ALIAS:
            yield from config.aliases.items()


def _values(desk: Tuned, key: SettingKey, config: Config) -> Iterable[tuple[str, str]]:
    now = key.value(config)
    if key == SettingKey("ui", "theme"):
        yield from _themes(desk, str(now))
    for choice in key.choices:
        yield choice, _("as it is now") if choice == value_words(now) else ""
    if not key.choices and now not in ("", key.default) and key.name != "theme":
        yield value_words(now), _("as it is now")
    default = value_words(key.default)
    yield DEFAULT, _("{value}, which it is if nothing is set").format(value=default)


def _themes(desk: Tuned, now: str) -> Iterable[tuple[str, str]]:
    for name in desk.theme_names():
        yield name, _("as it is now") if name == now else ""
