"""Where the password comes from, in the contract's order; never from an argument.

Called before the loop runs: a password command or a keyring may ask the user something. The
keyring is asked in a child process, since its backends use threads and may hang.
"""

from __future__ import annotations

import getpass
import importlib.util
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from termxmpp.errors import ConfigError, InputError

__all__ = ["PasswordSources", "find_password"]

# A keyring that is locked may ask the user to unlock it; one that hangs must not hang us.
KEYRING_TIMEOUT = 60.0

VARIABLE = "TERMXMPP_PASSWORD"


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
        return _from_file(sources.file)
    if sources.command:
        on_question()
        return _from_command(sources.command)
    if VARIABLE in environment:
        return environment[VARIABLE]
    if sources.configured_file:
        return _from_file(sources.configured_file)
    if sources.configured_command:
        on_question()
        return _from_command(sources.configured_command)
    password = _from_keyring(sources.account)
    if not password:
        on_question()
        password = _from_terminal(sources.account)
    return password


def _from_file(name: str) -> str:
    path = Path(name).expanduser()
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            line = file.readline()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The password file {path} can't be read: {error}.") from None
    if stat.S_ISREG(mode) and mode & (stat.S_IRGRP | stat.S_IROTH):
        print(
            f"termxmpp: others can read the password file {path}; chmod 600 ends that.",
            file=sys.stderr,
        )
    return _password(line, f"the password file {path}")


def _from_command(command: str) -> str:
    ran = subprocess.run(["/bin/sh", "-c", command], stdout=subprocess.PIPE, check=False)
    if ran.returncode != 0:
        raise ConfigError(f"The password command {command!r} failed (status {ran.returncode}).")
    line = ran.stdout.decode("utf-8", "replace").partition("\n")[0]
    return _password(line, f"the password command {command!r}")


def _from_keyring(account: str) -> str:
    """The password that the system keyring has for `account`; empty if it has none."""
    if importlib.util.find_spec("keyring") is None:
        return ""
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "keyring", "get", "termxmpp", account],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=KEYRING_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        print("termxmpp: the keyring gave no answer; going on without it.", file=sys.stderr)
        return ""
    return ran.stdout.decode("utf-8", "replace").removesuffix("\n") if ran.returncode == 0 else ""


def _from_terminal(account: str) -> str:
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        raise ConfigError(
            f"No password for {account}: give --password-file or --password-command, set "
            f"{VARIABLE}, or run termxmpp on a terminal to be asked."
        ) from None
    os.close(terminal)
    try:
        return getpass.getpass(f"Password for {account}: ")
    except EOFError:
        raise ConfigError(f"No password for {account} was typed.") from None


def _password(line: str, source: str) -> str:
    password = line.removesuffix("\n").removesuffix("\r")
    if not password:
        raise ConfigError(f"The first line of {source} is empty, where the password should be.")
    return password
