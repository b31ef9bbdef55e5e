"""Writes settings into the configuration file, as a program of its own: comments and order stay.

A child of termxmpp, since it waits for the disk and for whoever else writes, and since only it
needs a library that keeps comments: `write` starts it. It changes the file as it finds it at that
moment, never as anybody remembers it, and puts it in the place of the old one whole or not at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from termxmpp.config import AccountConfig, Config
from termxmpp.config_keys import Edit, with_edits
from termxmpp.config_reading import parse, read
from termxmpp.errors import ConfigError
from termxmpp.words import _

__all__ = ["edited", "rewrite", "write"]

# A disk that takes longer is not going to (seconds).
PATIENCE = 20.0

# More than one empty line before a table of one key that ends the file.
_WIDE_GAP = re.compile(r"\n{3,}(\[[^\n]+\]\n[^\n]+\n)\Z")

# Somebody who writes the file all the time is not waited for.
TRIES = 10


async def write(path: Path, edits: Sequence[Edit]) -> None:
    """Bring `edits` into the file at `path`; ConfigError if that can't be."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "termxmpp.config_writing", str(path)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    words = json.dumps([(edit.path, edit.value) for edit in edits]).encode()
    try:
        async with asyncio.timeout(PATIENCE):
            _out, told = await child.communicate(words)
    except TimeoutError:
        raise ConfigError(_("{path}: it could not be written in time.").format(path=path)) from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        raise ConfigError(told.decode(errors="replace").strip().rpartition("\n")[2])


def main() -> int:
    """The child: the file is named by the argument, the edits come in by standard input."""
    path = Path(sys.argv[1])
    edits = [Edit(tuple(where), value) for where, value in json.load(sys.stdin)]
    try:
        rewrite(path, edits)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    return 0


def rewrite(path: Path, edits: Sequence[Edit]) -> None:
    """Bring `edits` into the file at `path`, or the one that it is a link to."""
    try:
        target = path.resolve()
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(target.parent):
            for _try in range(TRIES):
                before = read(target)
                if _replaced(target, before, edited(before or "", edits, path)):
                    return
    except (OSError, RuntimeError) as error:
        # A RuntimeError is what a link to itself is to pathlib.
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(
            _("{path}: it can't be written ({reason}).").format(path=path, reason=reason)
        ) from None
    raise ConfigError(
        _("{path}: another program writes it all the time; nothing was changed.").format(path=path)
    )


def edited(text: str, edits: Sequence[Edit], path: Path) -> str:
    """`text` of the file at `path` behind `edits`; ConfigError if it says anything wrong."""
    for edit in edits:
        text = _behind(text, edit, path)
    return text


def _behind(text: str, edit: Edit, path: Path) -> str:
    wanted = _meaning(with_edits(parse(text, path), [edit]))
    for way in (_edited, _with_line_in_front):
        try:
            changed = way(text, edit)
            if _meaning(parse(changed, path)) == wanted:
                return changed
        # Where tables are in several pieces the library stumbles in many ways.
        except (ConfigError, AttributeError, LookupError, TypeError, ValueError):
            continue
    # Nobody's file is worth less than a setting.
    raise ConfigError(
        _("{path}: it is written in a way that can't be changed here: change it by hand.").format(
            path=path
        )
    )


def _meaning(config: Config) -> Config:
    """`config` without accounts of which nothing is said, which may be left out."""
    said = {
        address: account
        for address, account in config.accounts.items()
        if account != AccountConfig()
    }
    return replace(config, accounts=said)


def _edited(text: str, edit: Edit) -> str:
    import tomlkit  # only this program needs it

    document = tomlkit.parse(text)
    *tables, name = edit.path
    if edit.value is None:
        _take_out(document, edit.path)
    else:
        _table(document, tables)[name] = edit.value
    changed = tomlkit.dumps(document)
    if not text.endswith("\n\n"):
        # A table that was made at the end stands one line below the others.
        changed = _WIDE_GAP.sub(r"\n\n\1", changed)
    return changed


def _with_line_in_front(text: str, edit: Edit) -> str:
    """As files have it that are written without any table: `account."me@host".auto = true`."""
    import tomlkit

    if edit.value is None:
        raise ValueError("nothing to say")
    key = tomlkit.key([str(name) for name in edit.path]).as_string()
    return f"{key} = {tomlkit.item(edit.value).as_string()}\n{text}"


def _table(document: Any, names: Sequence[str]) -> Any:
    """The table that `names` lead to, made where it is missing."""
    import tomlkit

    table = document
    for depth, name in enumerate(names):
        if name not in table:
            is_last = depth == len(names) - 1
            made: Any = tomlkit.table(is_super_table=not is_last)
            if isinstance(table, tomlkit.items.InlineTable):
                made = tomlkit.inline_table()
            elif is_last and document.as_string().strip():
                # A line between it and what stands before it.
                _end_line(document)
                made.trivia.indent = "\n"
            table.append(name, made)
        table = table[name]
    return table


def _end_line(document: Any) -> None:
    """Let what is appended begin on a line of its own."""
    import tomlkit

    text = document.as_string()
    if text and not text.endswith("\n"):
        document.add(tomlkit.ws("\n"))


def _take_out(document: Any, path: Sequence[str]) -> None:
    """Take what `path` leads to out of `document`, but not what is said about it."""
    from tomlkit.items import Comment, InlineTable, Null, Table, Trivia

    for chain in list(_chains(document.body, path)):
        items = [body[place][1] for body, place in chain]
        if any(isinstance(each, InlineTable) for each in items[:-1]):
            # Nothing can be said about a part of a line.
            items[-2].remove(path[-1])
            continue
        body, place = _whole(chain)
        trivia = None if isinstance(items[-1], Table) else items[-1].trivia
        body[place] = (
            (None, Comment(Trivia(trivia.indent, "", trivia.comment, trivia.trail)))
            if trivia is not None and trivia.comment
            else (None, Null())
        )


_Place = tuple[list[Any], int]
"""A list of keys and items of tomlkit's, and the place of one of them."""


def _chains(body: list[Any], path: Sequence[str]) -> Iterator[list[_Place]]:
    """The places to go through to what `path` leads to; a table may be in several pieces."""
    for place, (key, item) in enumerate(body):
        if key is None or key.key != path[0]:
            continue
        if len(path) == 1:
            yield [(body, place)]
        elif hasattr(item, "value") and hasattr(item.value, "body"):
            yield from ([(body, place), *rest] for rest in _chains(item.value.body, path[1:]))


def _whole(chain: list[_Place]) -> _Place:
    """The place of the whole line that `chain` leads to: of `ui.theme = ...` that of `ui`."""
    whole = chain[-1]
    for body, place in reversed(chain[:-1]):
        key, item = body[place]
        if not key.is_dotted() or sum(each is not None for each, _ in item.value.body) > 1:
            break
        whole = body, place
    return whole


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Only one termxmpp writes in `folder` at a time; the kernel lets go however it ends."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # Where nothing can be locked the comparison before the change must do.
        with contextlib.suppress(OSError):
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def _replaced(target: Path, before: str | None, after: str) -> bool:
    """Put `after` in the place of `before`; False if that is not what stands there any more."""
    if before == after:
        return True
    import tempfile  # only this program needs it

    fd, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    made = Path(name)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(after.encode())
            _take_over_mode(target, file.fileno())
            file.flush()
            os.fsync(file.fileno())
        if read(target) != before:
            return False
        made.replace(target)
    finally:
        made.unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True


def _take_over_mode(target: Path, fd: int) -> None:
    """Who may read the old file may read the new one; one that is new is the user's alone."""
    try:
        old = target.stat()
    except FileNotFoundError:
        return
    os.fchmod(fd, stat.S_IMODE(old.st_mode))
    with contextlib.suppress(OSError):
        os.fchown(fd, old.st_uid, old.st_gid)


if __name__ == "__main__":
    sys.exit(main())
