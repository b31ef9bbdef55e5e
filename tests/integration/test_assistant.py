"""The first run on a real terminal, at a real server: questions, and what is left of them."""

from __future__ import annotations

import os
import signal
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import termxmpp
from termxmpp.config import AccountConfig
from termxmpp.config_reading import load
from termxmpp.demo.server import PrivateProsody
from tests.support.dialogue import Dialogue
from tests.support.servers import registering
from tests.support.snapshots import SIZES, assert_looks_like
from tests.support.terminal import Terminal, environment

FILE, COMMAND, NOWHERE = "2\n", "1\n", "3\n"


@pytest.fixture(scope="module")
def open_server() -> Iterator[PrivateProsody]:
    with registering() as server:
        yield server


class FirstRun(Dialogue):
    """termxmpp without an address, whose home is `folder`."""

    def __init__(self, folder: Path, *options: str, **more: str) -> None:
        self.folder = folder
        surroundings = environment(folder)
        for name in ("TERMXMPP_PASSWORD", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            surroundings.pop(name, None)
        surroundings |= more
        super().__init__([sys.executable, "-m", "termxmpp", *options], surroundings)

    @property
    def config(self) -> Path:
        return self.folder / ".config" / "termxmpp" / "config.toml"

    @property
    def written(self) -> list[str]:
        """The names of all files that there are now but the log, which every run has."""
        return sorted(
            str(path.relative_to(self.folder))
            for path in self.folder.rglob("*")
            if path.is_file() and path.suffix != ".log"
        )


def options(server: PrivateProsody) -> Sequence[str]:
    return ("--server", f"{server.host}:{server.port}", "--ca-file", str(server.ca_file))


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_the_questions_are_legible_at_any_width(tmp_path: Path, columns: int, rows: int) -> None:
    with FirstRun(tmp_path) as screen:
        screen.resize(columns, rows)
        screen.answers(
            ("Number [1]: ", "1\n"),
            ("me@example.org: ", "me@nowhere.invalid\n"),
            ("shown): ", "wonder\n"),
            ("keep nothing", ""),
        )
        screen.wait_until(lambda: screen.text.rstrip().endswith("[1]:"), "the last question")
        assert_looks_like(screen.text + "\n", f"assistant-{columns}x{rows}")


EXISTING = [
    ("Number [1]: ", "1\n"),
    ("such as me@example.org: ", "alice@localhost\n"),
]


def test_the_first_run_finds_the_way_and_the_second_goes_straight_to_the_chat(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    with FirstRun(tmp_path) as screen:
        screen.hears("Welcome to termxmpp")
        screen.answers(
            ("Number [1]: ", "7\n"),
            ("A number from 1 to 3", ""),
            ("Number [1]: ", "\n"),
            ("such as me@example.org: ", "al ice@\n"),
            ("is no XMPP address", ""),
            ("such as me@example.org: ", "localhost\n"),
            ("names a server only", ""),
            ("such as me@example.org: ", "alice@localhost\n"),
            ("(it is not shown): ", "wrong\n"),
            # Nobody is there.
            ("… tcp localhost:5222", ""),
            ("can't be reached", ""),
            ("3  Dial another HOST:PORT for alice@localhost", ""),
            ("Number [1]: ", "3\n"),
            ("Dial HOST or HOST:PORT: ", "localhost:x\n"),
            ("must be HOST", ""),
            ("Dial HOST or HOST:PORT: ", f"{prosody.host}:{prosody.port}\n"),
            ("By STARTTLS", ""),
            ("Number [1]: ", "1\n"),
            # Nobody vouches for it.
            ("is not to be trusted", ""),
            ("Number [1]: ", "3\n"),
            ("issued by localhost", ""),
            ('Type "yes"', "no\n"),
            ("It is not trusted.", ""),
            ("Number [1]: ", "3\n"),
            ('Type "yes"', "yes\n"),
            ("… login", ""),
            ("wrong user name or password", ""),
        )
        assert screen.written == []
        screen.answers(
            ("1  Type the password again", ""),
            ("Number [1]: ", "\n"),
            ("(it is not shown): ", "wonder\n"),
            ("alice@localhost is logged in.", ""),
            ("Where shall the password be kept?", ""),
        )
        assert screen.written == []
        # There is no keyring here.
        screen.answers(("1  In a password manager", ""), ("Number [1]: ", FILE))
        screen.wait_for("alice@localhost: online")
        assert b"keyring" not in screen.output
        assert b"wonder" not in screen.output
        assert b"Password for alice@localhost: " not in screen.output
        file = screen.config.with_name("alice@localhost.password")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.read_text() == "wonder\n"
        account = load(screen.config, is_required=True).account("alice@localhost")
        assert account == AccountConfig(
            auto=True,
            server=f"{prosody.host}:{prosody.port}",
            pin=account.pin,
            password_file="~/.config/termxmpp/alice@localhost.password",
        )
        assert account.pin.startswith("sha256:")
        screen.type("\x04")
        assert screen.wait_for_exit() == 0
        assert screen.is_restored
    with FirstRun(tmp_path) as screen:
        screen.wait_for("alice@localhost: online")
        assert b"Welcome" not in screen.output
        screen.type("\x04")
        assert screen.wait_for_exit() == 0


def test_a_new_account_is_made_tried_and_kept(open_server: PrivateProsody, tmp_path: Path) -> None:
    with FirstRun(tmp_path, *options(open_server)) as screen:
        screen.answers(
            ("Number [1]: ", "2\n"),
            ("https://providers.xmpp.net", ""),
            ("such as example.org: ", "localhost\n"),
            ("Username: ", "\n"),
            ("must be filled in", ""),
            ("Username: ", "alice\n"),
            ("Password: ", "secret\n"),
            ("Once more: ", "secret\n"),
            ("name is taken", ""),
            ("Username: ", "erin\n"),
            ("Password: ", "secret\n"),
            ("Once more: ", "secret\n"),
            ("erin@localhost is made.", ""),
            ("erin@localhost is logged in.", ""),
            ("Number [1]: ", COMMAND),
            ("`pass show xmpp`", "exit 3\n"),
            ("failed (status 3)", ""),
            ("`pass show xmpp`", "echo other\n"),
            ("not the password typed here", ""),
            ("`pass show xmpp`", "echo secret; echo more\n"),
        )
        screen.wait_for("erin@localhost: online")
        # What was said of the server on the command line is kept too.
        assert load(screen.config, is_required=True).accounts == {
            "erin@localhost": AccountConfig(
                auto=True,
                server=f"{open_server.host}:{open_server.port}",
                ca_file=str(open_server.ca_file),
                password_command="echo secret; echo more",
            )
        }
        screen.type("\x04")
        assert screen.wait_for_exit() == 0
        assert screen.is_restored
    with FirstRun(tmp_path) as screen:
        screen.wait_for("erin@localhost: online")


def test_what_stands_in_the_configuration_stays(prosody: PrivateProsody, tmp_path: Path) -> None:
    with FirstRun(tmp_path, *options(prosody)) as screen:
        before = "# mine\n[ui]\nsidebar = false  # narrow\n"
        screen.config.parent.mkdir(parents=True)
        screen.config.write_text(before)
        screen.answers(*EXISTING, ("(it is not shown): ", "wonder\n"), ("Number [1]: ", NOWHERE))
        screen.wait_for("alice@localhost: online")
        after = screen.config.read_text()
        assert after.startswith(before)
        assert "auto = true" in after
        assert "password" not in after
        assert not list(screen.config.parent.glob("*.password"))


def test_what_is_configured_is_not_asked_for(prosody: PrivateProsody, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[account."alice@localhost"]\npassword_command = "echo wonder"\n')
    with FirstRun(tmp_path, "--config", str(path), *options(prosody)) as screen:
        screen.answers(("Number [1]: ", "\n"), ("[alice@localhost]: ", "\n"))
        screen.wait_for("alice@localhost: online")
        assert b"not shown" not in screen.output
        assert b"Where shall" not in screen.output
        account = load(path, is_required=True).account("alice@localhost")
        assert account.auto
        assert account.password_command == "echo wonder"


def test_another_address_takes_the_way_to_the_server_along_and_nothing_else(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    text = '[account."alice@localhost"]\npassword_command = "echo wrong"\nmarkers = false\n'
    path.write_text(text)
    place = f"{prosody.host}:{prosody.port}"
    with FirstRun(
        tmp_path,
        "--config",
        str(path),
        "--ca-file",
        str(prosody.ca_file),
        "--server",
        "localhost:1",
    ) as screen:
        screen.answers(
            ("Number [1]: ", "1\n"),
            ("such as me@example.org [alice@localhost]: ", "\n"),
            ("can't be reached", ""),
            *(("Number [1]: ", "3\n"), ("HOST:PORT: ", f"{place}\n"), ("Number [1]: ", "1\n")),
            ("wrong user name or password", ""),
            ("Number [1]: ", "2\n"),
            ("such as me@example.org: ", "bob@localhost\n"),
            ("Password for bob@localhost (it is not shown): ", "build\n"),
            ("be kept?", ""),
            ("Number [1]: ", NOWHERE),
        )
        screen.wait_for("bob@localhost: online")
        assert path.read_text().startswith(text)
        assert load(path, is_required=True).account("bob@localhost") == AccountConfig(
            auto=True, server=place, ca_file=str(prosody.ca_file)
        )


def test_an_account_that_can_not_be_tried_is_kept_if_the_user_says_so(tmp_path: Path) -> None:
    with FirstRun(tmp_path, "--server", "127.0.0.1:1", TERMXMPP_PASSWORD="wonder") as screen:
        screen.answers(
            *EXISTING,
            ("can't be reached", ""),
            ("4  Keep alice@localhost", "4\n"),
            ("Number [1]: ", NOWHERE),
        )
        screen.wait_for("alice@localhost: reconnecting")
        assert b"not shown" not in screen.output
        account = load(screen.config, is_required=True).account("alice@localhost")
        assert account == AccountConfig(auto=True, server="127.0.0.1:1")


def test_the_way_through_a_proxy_is_kept_too(tmp_path: Path) -> None:
    """Else the next start would go past it."""
    proxy = "socks5://127.0.0.1:1"
    with FirstRun(tmp_path, "--proxy", proxy, TERMXMPP_PASSWORD="wonder") as screen:
        screen.answers(
            *EXISTING,
            ("The proxy 127.0.0.1 can't be reached", ""),
            ("4  Keep alice@localhost", "4\n"),
            ("Number [1]: ", NOWHERE),
        )
        screen.wait_for("alice@localhost: reconnecting")
        account = load(screen.config, is_required=True).account("alice@localhost")
        assert account == AccountConfig(auto=True, proxy=proxy)


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ([("can't be reached", ""), ("5  Leave", "5\n")], 69),
        ([("can't be reached", ""), ("2  Take another", "2\n"), ("me@example.org: ", "\x04")], 65),
    ],
)
def test_who_leaves_after_a_failure_gets_its_status(
    tmp_path: Path, answers: Sequence[tuple[str, str]], status: int
) -> None:
    with FirstRun(tmp_path, "--server", "127.0.0.1:1", TERMXMPP_PASSWORD="wonder") as screen:
        screen.answers(*EXISTING, *answers)
        assert screen.wait_for_exit() == status
        assert screen.written == []


# Each question, with what leads there.
QUESTIONS: Sequence[Sequence[tuple[str, str]]] = (
    (("Number [1]: ", ""),),
    (("Number [1]: ", "1\n"), ("such as me@example.org: ", "")),
    (("Number [1]: ", "2\n"), ("such as example.org: ", "")),
    (*EXISTING, ("(it is not shown): ", "")),
    (*EXISTING, ("(it is not shown): ", "wrong\n"), ("What now?", ""), ("Number [1]: ", "")),
    (*EXISTING, ("(it is not shown): ", "wonder\n"), ("be kept?", ""), ("Number [1]: ", "")),
    (
        *(*EXISTING, ("(it is not shown): ", "wonder\n"), ("be kept?", "")),
        *(("Number [1]: ", COMMAND), ("`pass show xmpp`; nothing to go back: ", "")),
    ),
)


@pytest.mark.parametrize(("keys", "status"), [("\x03", 130), ("\x04", 65)])
@pytest.mark.parametrize("dialogue", QUESTIONS, ids=range(len(QUESTIONS)))
def test_each_question_can_be_left_and_nothing_is_kept(
    prosody: PrivateProsody,
    tmp_path: Path,
    dialogue: Sequence[tuple[str, str]],
    keys: str,
    status: int,
) -> None:
    with FirstRun(tmp_path, *options(prosody)) as screen:
        screen.answers(*dialogue)
        screen.type(keys)
        screen.wait_until(lambda: screen.is_restored, "the terminal as it was")
        assert screen.wait_for_exit() == status
        # What the shell says next begins a line.
        assert screen.output.endswith(b"\n")
        assert screen.is_restored
        assert screen.written == []


def test_a_signal_ends_a_secret_question_with_the_terminal_as_it_was(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    with FirstRun(tmp_path, *options(prosody)) as screen:
        screen.answers(*EXISTING, ("(it is not shown): ", ""))
        os.kill(screen.pid, signal.SIGTERM)
        assert screen.wait_for_exit() == 143
        assert screen.is_restored
        assert screen.written == []


def test_where_the_configuration_can_not_be_written_no_password_stays(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    with FirstRun(tmp_path, *options(prosody)) as screen:
        screen.answers(*EXISTING, ("(it is not shown): ", "wonder\n"), ("Number [1]: ", ""))
        screen.config.parent.mkdir(parents=True)
        screen.config.write_text("this is = no\n")
        screen.type(FILE)
        assert screen.wait_for_exit() == 78
        assert screen.written == [".config/termxmpp/config.toml"]
        assert screen.config.read_text() == "this is = no\n"


def test_an_account_that_was_registered_is_kept_if_the_user_wants_it(
    open_server: PrivateProsody, tmp_path: Path
) -> None:
    place = options(open_server)
    with FirstRun(tmp_path, "--register", *place, "frank@localhost") as screen:
        screen.answers(
            ("Username [frank]: ", "\n"),
            ("Password: ", "secret\n"),
            ("Once more: ", "secret\n"),
            ("Keep frank@localhost, and open it whenever", ""),
            ("Number [1]: ", "\n"),
            ("frank@localhost is logged in.", ""),
            ("Number [1]: ", FILE),
        )
        screen.wait_for("frank@localhost: online")
    with FirstRun(tmp_path) as screen:
        screen.wait_for("frank@localhost: online")


def test_without_a_terminal_nobody_is_asked(tmp_path: Path) -> None:
    command = ["/bin/sh", "-c", f"{sys.executable} -m termxmpp </dev/null"]
    with Terminal(command, environment(tmp_path, "")) as screen:
        assert screen.wait_for_exit() == 64
        assert "Chatting needs a terminal; in a script, use --send." in screen.text


KEYRING = """
import pathlib, sys
class Backend:
    priority = 5
get_keyring = Backend
def _file(account): return pathlib.Path.home() / f"{account}.kept"
def get_password(service, account):
    return _file(account).read_text() if _file(account).exists() else None
def set_password(service, account, password): _file(account).write_text(password)
if __name__ == "__main__":
    found = get_password(*sys.argv[2:])
    print(found) if found else sys.exit(1)
"""


def test_a_keyring_that_works_is_offered_first_and_asked_from_then_on(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "keyring.py").write_text(KEYRING)
    more = {"PYTHONPATH": f"{library}:{Path(termxmpp.__file__).parent.parent}"}
    with FirstRun(tmp_path, *options(prosody), **more) as screen:
        screen.answers(*EXISTING, ("(it is not shown): ", "wonder\n"))
        screen.answers(("1  In the keyring of the system", ""), ("Number [1]: ", "\n"))
        screen.wait_for("alice@localhost: online")
        screen.type("\x04")
        assert screen.wait_for_exit() == 0
    assert (tmp_path / "alice@localhost.kept").read_text() == "wonder"
    with FirstRun(tmp_path, **more) as screen:
        screen.wait_for("alice@localhost: online")
