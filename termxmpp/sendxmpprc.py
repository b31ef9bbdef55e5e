"""`~/.sendxmpprc`, the account file of the other senders, for who comes from them.

Both forms are read: lines of `me@host[;server[:port]] password`, as the older sendxmpp has it, and
lines of `key: value`, as the newer one and go-sendxmpp do.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from termxmpp.errors import ConfigError
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["FILE", "ForeignAccount", "foreign_account"]

FILE = "~/.sendxmpprc"

# No such file is larger (bytes).
LARGEST = 65536

# What stands there besides is about what is done here by itself, or by an option.
_KEYS = ("username", "jserver", "port", "password", "eval_password", "alias", "resource")
_IGNORED = ("component", "allow_plain", "muc_password")


@dataclass(frozen=True, slots=True)
class ForeignAccount:
    """The account of the file: `address` is bare, `server` is HOST or HOST:PORT or empty.

    The password is `password`, or what the shell command `command` prints. `nick` is for rooms.
    """

    address: str
    password: str = ""
    command: str = ""
    server: str = ""
    nick: str = ""


def foreign_account(address: str, path: Path | None = None) -> ForeignAccount | None:
    """The account `address` (bare; empty: whichever) of the file, by default the user's.

    None where there is no such file, or it is about another account. ConfigError if others can read
    it, or if nothing can be understood.
    """
    path = path or Path(FILE).expanduser()
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(LARGEST)
    except FileNotFoundError:
        return None
    except OSError as error:
        if address:
            return None
        raise ConfigError(
            _("{path} can't be read: {reason}.").format(path=path, reason=error.strerror)
        ) from None
    try:
        found = _read(path, data)
    except ConfigError:
        if address:
            return None
        raise
    if found is None or address not in ("", found.address):
        return None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(
            _("Others can read {path}, and it holds a password: chmod 600 {path}.").format(
                path=path
            )
        )
    return found


def _read(path: Path, data: bytes) -> ForeignAccount | None:
    lines = data.decode("utf-8", "replace").splitlines()
    numbered = [
        (number, line.strip())
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not numbered:
        return None
    first = numbered[0][1].partition(" ")[0]
    if first.endswith(":") or ":" in first.partition("@")[0]:
        return _by_keys(path, numbered)
    return _by_words(path, numbered[0])


def _by_words(path: Path, numbered: tuple[int, str]) -> ForeignAccount:
    """`me@host[;server][:port] password`, and a component, which is for servers of old."""
    number, line = numbered
    account, _space, rest = line.partition(" ")
    password = rest.strip()
    if password.startswith('"') and '"' in password[1:]:
        password = password[1 : password.index('"', 1)]
    else:
        password = password.partition(" ")[0]
    address, separator, server = account.partition(";")
    if not separator:
        address, colon, port = account.partition(":")
        server = f"{address.rpartition('@')[2]}:{port}" if colon else ""
    if "@" not in address or not password:
        raise _wrong(path, number, _("it should look like: me@host password"))
    return ForeignAccount(address, password, server=server)


def _by_keys(path: Path, numbered: list[tuple[int, str]]) -> ForeignAccount:
    values = dict.fromkeys(_KEYS, "")
    for number, line in numbered:
        key, colon, value = line.partition(":")
        key, value = key.strip(), value.strip()
        if not colon or key not in (*_KEYS, *_IGNORED):
            raise _wrong(
                path, number, _("there are {keys}").format(keys=", ".join((*_KEYS, *_IGNORED)))
            )
        if len(value) > 1 and value[0] == value[-1] == '"':
            value = value[1:-1]
        values[key] = value
    address, server = values["username"], values["jserver"]
    if address and "@" not in address and server:
        # So does the older one put them together.
        address, server = f"{address}@{server}", ""
    if "@" not in address:
        raise _wrong(path, numbered[0][0], _("username: has no address, me@host"))
    port = values["port"]
    if port and not server:
        server = address.rpartition("@")[2]
    return ForeignAccount(
        address,
        values["password"],
        values["eval_password"],
        f"{server}:{port}" if port and ":" not in server else server,
        values["alias"] or values["resource"],
    )


def _wrong(path: Path, number: int, words: str) -> ConfigError:
    return ConfigError(
        _("{path}, line {number}: {problem}.").format(path=path, number=number, problem=words)
    )
