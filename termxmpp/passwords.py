"""Where the password comes from, in the contract's order; never from an argument.

`find_password` is called before the loop runs: a password command or a keyring may ask the user
something. While it runs `known_password` asks, and nobody but the user's own programs. The keyring
is asked in a child process, since its backends use threads and may hang.
"""

from __future__ import annotations

import asyncio
import getpass
import importlib.util
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from termxmpp.errors import ConfigError, InputError
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = [
    "PasswordSources",
    "find_password",
    "has_keyring",
    "is_keyring_usable",
    "is_own_file",
    "keep_in_file",
    "keep_in_keyring",
    "known_password",
    "password_in",
    "told_password",
]

# A keyring that is locked may ask the user to unlock it; one that hangs must not hang us.
KEYRING_TIMEOUT = 60.0

VARIABLE = "TERMXMPP_PASSWORD"

# No password file is larger (bytes).
LARGEST = 4096

SERVICE = "termxmpp"

# Its own command line asks a terminal or takes an argument; a password belongs into neither.
_KEEP = "import keyring, sys; keyring.set_password(sys.argv[1], sys.argv[2], sys.stdin.read())"


# A backend of it that keeps nothing is none: its priority says so.
_IS_USABLE = (
    "import keyring, sys; keyring.get_password(sys.argv[1], sys.argv[2]); "
    "sys.exit(keyring.get_keyring().priority <= 0)"
)


@dataclass(frozen=True, slots=True)
class PasswordSources:
    """What the command line and the configuration say of the password of `account`."""

    account: str
    file: str = ""
    command: str = ""
    configured_file: str = ""
    configured_command: str = ""


def find_password(
    sources: PasswordSources,
    environment: Mapping[str, str],
    on_question: Callable[[], None] = lambda: None,
) -> str:
    """The password of `sources.account`.

    Asked in this order: `--password-file`, `--password-command`, TERMXMPP_PASSWORD, the
    configuration, the system keyring, a prompt on the terminal. `on_question` is called before
    anybody may use the terminal, as commands do that ask for the passphrase of a key. Raises
    InputError for a file that can't be read, ConfigError where a command fails or nobody has it.
    """
    if sources.file:
        return password_in(sources.file)
    if sources.command:
        on_question()
        return _from_command(sources.command)
    if VARIABLE in environment:
        return environment[VARIABLE]
    if sources.configured_file:
        return password_in(sources.configured_file)
    if sources.configured_command:
        on_question()
        return _from_command(sources.configured_command)
    password = _from_keyring(sources.account)
    if not password:
        on_question()
        password = _from_terminal(sources.account)
    return password


async def known_password(sources: PasswordSources) -> str:
    """The configured password of `sources.account`, or that of the keyring; empty if none has it.

    For a program whose terminal is taken: nobody can ask the user anything. Raises as
    `find_password` does.
    """
    if sources.configured_file:
        return password_in(sources.configured_file)
    if sources.configured_command:
        command = sources.configured_command
        told = await _told_by(("/bin/sh", "-c", command))
        if told is None:
            raise ConfigError(_("The password command {command!r} failed.").format(command=command))
        return _password(
            told.partition("\n")[0], _("the password command {command!r}").format(command=command)
        )
    if not has_keyring():
        return ""
    told = await _told_by((sys.executable, "-m", "keyring", "get", SERVICE, sources.account))
    return (told or "").removesuffix("\n")


async def keep_in_keyring(account: str, password: str) -> bool:
    """Let the system keyring have the password; whether it took it."""
    if not has_keyring():
        return False
    told = await _told_by((sys.executable, "-c", _KEEP, SERVICE, account), password)
    return told is not None


async def is_keyring_usable(account: str) -> bool:
    """Whether there is a system keyring that would answer about `account`."""
    if not has_keyring():
        return False
    told = await _told_by((sys.executable, "-c", _IS_USABLE, SERVICE, account))
    return told is not None


async def told_password(command: str) -> str:
    """The password that the shell command `command` prints, which may use the terminal.

    ConfigError if it fails, prints none, or takes too long.
    """
    child = await asyncio.create_subprocess_exec(
        *("/bin/sh", "-c", command), stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(KEYRING_TIMEOUT):
            told, _errors = await child.communicate()
    except TimeoutError:
        raise ConfigError(
            _("The password command {command!r} does not end.").format(command=command)
        ) from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        raise ConfigError(
            _("The password command {command!r} failed (status {returncode}).").format(
                command=command, returncode=child.returncode
            )
        )
    line = told.decode("utf-8", "replace").partition("\n")[0]
    return _password(line, _("the password command {command!r}").format(command=command))


def keep_in_file(path: Path, password: str) -> None:
    """Put `password` into the file at `path`, whole or not at all, for nobody else to read.

    Raises ConfigError if it can't be written.
    """
    made = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made.unlink(missing_ok=True)
        fd = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(f"{password}\n".encode())
                file.flush()
                os.fsync(file.fileno())
            made.replace(path)
        finally:
            made.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(
            _("The password file {path} can't be written: {reason}.").format(
                path=path, reason=error.strerror
            )
        ) from None


def is_own_file(path: Path) -> bool:
    """Whether the password is all that is in the file at `path`, which is only the user's.

    Then it can be replaced without a loss.
    """
    try:
        facts = path.lstat()
        lines = path.read_bytes().count(b"\n") if facts.st_size <= LARGEST else 2
    except OSError:
        return False
    is_private = not facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    return stat.S_ISREG(facts.st_mode) and is_private and lines <= 1


def has_keyring() -> bool:
    """Whether the library is installed that knows the system keyring."""
    return importlib.util.find_spec("keyring") is not None


async def _told_by(arguments: Sequence[str], typed: str = "") -> str | None:
    """What a program prints that gets `typed` as its input; None if it fails or hangs."""
    # The command line loads this module, and not every mode a main loop.
    from termxmpp.mainloop.children import output_of

    told = await output_of(arguments, given=typed.encode(), timeout=KEYRING_TIMEOUT)
    return told.decode("utf-8", "replace") if told is not None else None


def password_in(name: str) -> str:
    """The first line of the file `name`; InputError if it can't be read, ConfigError if empty."""
    path = Path(name).expanduser()
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            line = file.readline()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            _("The password file {path} can't be read: {error}.").format(
                path=path, error=getattr(error, "strerror", None) or error
            )
        ) from None
    if stat.S_ISREG(mode) and mode & (stat.S_IRGRP | stat.S_IROTH):
        print(
            _("termxmpp: others can read the password file {path}; chmod 600 ends that.").format(
                path=path
            ),
            file=sys.stderr,
        )
    return _password(line, _("the password file {path}").format(path=path))


def _from_command(command: str) -> str:
    ran = subprocess.run(["/bin/sh", "-c", command], stdout=subprocess.PIPE, check=False)
    if ran.returncode != 0:
        raise ConfigError(
            _("The password command {command!r} failed (status {returncode}).").format(
                command=command, returncode=ran.returncode
            )
        )
    line = ran.stdout.decode("utf-8", "replace").partition("\n")[0]
    return _password(line, _("the password command {command!r}").format(command=command))


def _from_keyring(account: str) -> str:
    """The password that the system keyring has for `account`; empty if it has none."""
    if not has_keyring():
        return ""
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "keyring", "get", SERVICE, account],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=KEYRING_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        print(_("termxmpp: the keyring gave no answer; going on without it."), file=sys.stderr)
        return ""
    return ran.stdout.decode("utf-8", "replace").removesuffix("\n") if ran.returncode == 0 else ""


def _from_terminal(account: str) -> str:
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        raise ConfigError(
            _(
                "No password for {account}: give --password-file or "
                "--password-command, set {variable}, or run termxmpp on a terminal to "
                "be asked."
            ).format(account=account, variable=VARIABLE)
        ) from None
    os.close(terminal)
    try:
        return getpass.getpass(_("Password for {account}: ").format(account=account))
    except EOFError:
        raise ConfigError(
            _("No password for {account} was typed.").format(account=account)
        ) from None


def _password(line: str, source: str) -> str:
    password = line.removesuffix("\n").removesuffix("\r")
    if not password:
        raise ConfigError(
            _("The first line of {source} is empty, where the password should be.").format(
                source=source
            )
        )
    return password
