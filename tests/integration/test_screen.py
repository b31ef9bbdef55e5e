"""The installed program in a real terminal against a real server, as its user meets it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from termxmpp.core.jid import Jid
from termxmpp.demo.server import PrivateProsody
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.xmpp.version import VersionPayload
from tests.support.account import Place, online
from tests.support.ejabberd import PrivateEjabberd
from tests.support.rosters import stored_roster
from tests.support.terminal import Terminal, environment

CTRL_C, CTRL_D, CTRL_Z = "\x03", "\x04", "\x1a"


def command(prosody: Place, *, jid: str = "alice@localhost") -> list[str]:
    place = f"127.0.0.1:{prosody.port}"
    options = ["--server", place, "--ca-file", str(prosody.ca_file)]
    return [sys.executable, "-m", "termxmpp", jid, *options]


def send_as_bob(prosody: PrivateProsody, text: str) -> None:
    """Let bob write to alice."""
    subprocess.run(
        [
            *(sys.executable, "-m", "termxmpp", "bob@localhost", "--send", "alice@localhost"),
            *("--server", f"127.0.0.1:{prosody.port}", "--ca-file", str(prosody.ca_file)),
        ],
        input=text.encode(),
        env=dict(os.environ, TERMXMPP_PASSWORD="build"),
        check=True,
        timeout=30,
    )


@pytest.fixture
def terminal(prosody: PrivateProsody, tmp_path: Path) -> Iterator[Terminal]:
    """alice, online."""
    with Terminal(command(prosody), environment(tmp_path), columns=100) as running:
        running.wait_for("alice@localhost: online")
        yield running


def test_a_message_is_sent_and_shown_with_the_servers_word(terminal: Terminal) -> None:
    terminal.type("/msg bob@localhost\r")
    terminal.wait_for("bob@localhost  offline")
    terminal.type("hello bob\r")
    terminal.wait_for("hello bob ✓")


def test_a_message_that_comes_is_counted_and_read_by_looking(
    terminal: Terminal, prosody: PrivateProsody
) -> None:
    send_as_bob(prosody, "hello alice")
    terminal.wait_for("1 unread")
    terminal.type("\x1ba")
    terminal.wait_for("hello alice")
    terminal.wait_until(lambda: "unread" not in terminal.text, "the count to go")


def test_what_a_peer_sends_can_not_touch_the_terminal(
    terminal: Terminal, prosody: PrivateProsody
) -> None:
    """XML itself lets no escape through; what it lets through is made visible."""
    send_as_bob(prosody, "a\u202eb\u009b31mc\u200bd")
    terminal.wait_for("1 unread")
    terminal.type("\x1ba")
    terminal.wait_for("31mc")
    shown = terminal.output.decode(errors="replace")
    assert "\u202e" not in shown
    assert "\u009b" not in shown
    assert "\u200b" not in shown


def test_a_bounce_is_shown_at_its_message_with_the_reason(terminal: Terminal) -> None:
    terminal.type("/msg nobody@localhost are you there\r")
    terminal.wait_for("are you there ✗")
    terminal.wait_for("no such user")


def test_an_unknown_command_offers_the_nearest(terminal: Terminal) -> None:
    terminal.type("/hlep\r")
    terminal.wait_for("Did you mean /help?")


def test_many_pasted_lines_are_one_message_and_very_many_ask_first(terminal: Terminal) -> None:
    terminal.type("/msg bob@localhost\r")
    terminal.wait_for("bob@localhost  offline")
    terminal.type("\x1b[200~one\ntwo\nthree\x1b[201~")
    terminal.wait_for("three")
    terminal.type("\r")
    terminal.wait_for("three ✓")
    # One mark for all three: what stands above may be of other tests, from the archive.
    assert [line[-1] for line in terminal.lines[-5:-2]] == ["e", "o", "✓"]
    terminal.type("\x1b[200~" + "\n".join(f"line{n}" for n in range(30)) + "\x1b[201~")
    terminal.wait_for("Paste 30 lines as one message? (y/n)")
    terminal.type("n")
    terminal.wait_until(lambda: "Paste" not in terminal.text, "the question to go")
    assert "line29" not in terminal.text


def test_the_screen_follows_the_terminals_size(terminal: Terminal) -> None:
    assert "│" in terminal.lines[0]
    terminal.resize(60, 20)
    os.kill(terminal.pid, signal.SIGWINCH)
    terminal.wait_until(
        lambda: "│" not in terminal.lines[0] and "online" in terminal.text, "a narrow screen"
    )


def test_idle_it_wakes_not_once_and_has_one_thread(terminal: Terminal) -> None:
    """Once it has settled: prompt_toolkit waits a second for the rest of a key's sequence."""
    terminal.read_for(1.5)
    before = terminal.wake_ups()
    terminal.read_for(3)
    assert terminal.wake_ups() == before
    assert terminal.threads() == 1


@pytest.mark.parametrize("leave", [CTRL_D, "/quit\r"])
def test_leaving_restores_the_terminal(terminal: Terminal, leave: str) -> None:
    assert not terminal.is_restored
    terminal.type(leave)
    assert terminal.wait_for_exit() == 0
    assert terminal.is_restored
    assert b"\x1b[?1049l" in terminal.output
    assert b"Traceback" not in terminal.output


def test_ctrl_c_twice_on_an_empty_line_asks_to_quit(terminal: Terminal) -> None:
    terminal.type("draft")
    terminal.wait_for("> draft")
    terminal.type(CTRL_C)
    terminal.wait_until(lambda: "draft" not in terminal.text, "the input to be cleared")
    terminal.type(CTRL_C + CTRL_C)
    terminal.wait_for("Quit termxmpp? (y/n)")
    terminal.type("y")
    assert terminal.wait_for_exit() == 0


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_it_with_the_terminal_restored(
    terminal: Terminal, number: signal.Signals, status: int
) -> None:
    os.kill(terminal.pid, number)
    assert terminal.wait_for_exit() == status
    assert terminal.is_restored
    assert b"Traceback" not in terminal.output


def test_suspended_it_gives_the_terminal_back_and_goes_on_where_it_was(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    """Ctrl-Z in a shell that has jobs, and `fg`."""
    shell = ["bash", "--norc", "-i"]
    with Terminal(shell, {**environment(tmp_path), "PS1": "shell$ "}, columns=100) as terminal:
        terminal.wait_for("shell$")
        terminal.type(" ".join(command(prosody)) + "\r")
        terminal.wait_for("alice@localhost: online")
        terminal.type("draft")
        terminal.wait_for("> draft")
        told = prosody.log().count("]: <inactive ")
        terminal.type(CTRL_Z)
        terminal.wait_for("Stopped")
        # The server knew before nobody could tell it any more (XEP-0352).
        terminal.wait_until(
            lambda: prosody.log().count("]: <inactive ") == told + 1, "the server to be told"
        )
        assert terminal.output.rindex(b"\x1b[?1004l") > terminal.output.rindex(b"\x1b[?1004h")
        terminal.type("echo $((6 * 7))\r")
        terminal.wait_for("42")
        terminal.type("fg\r")
        terminal.wait_for("> draft")
        terminal.wait_for("alice@localhost: online")
        terminal.type(CTRL_C)
        terminal.wait_until(lambda: "draft" not in terminal.text, "the input to be cleared")
        terminal.type(CTRL_D)
        terminal.wait_for("shell$")


def test_a_terminal_that_is_gone_ends_it_also_when_the_signal_is_ignored(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    """As under `nohup`: what is left to tell it is the end of its input."""
    ignoring = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *command(prosody)]
    with Terminal(ignoring, environment(tmp_path), columns=100) as terminal:
        terminal.wait_for("alice@localhost: online")
        terminal.hang_up()
        assert terminal.wait_for_exit() == 0


def test_an_exception_restores_the_terminal_and_is_a_bug(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    failing = (
        "import sys; from termxmpp.cli import main; from termxmpp.ui.application import Screen\n"
        "def fail(self): raise ZeroDivisionError('planted')\n"
        "Screen.toggle_sidebar = fail\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    program = [sys.executable, "-c", failing, *command(prosody)[3:]]
    with Terminal(program, environment(tmp_path), columns=100) as terminal:
        terminal.wait_for("alice@localhost: online")
        terminal.type("\x1b[20~")
        terminal.wait_for("a bug of termxmpp")
        terminal.wait_for("alice@localhost: online")
        terminal.type(CTRL_D)
        assert terminal.wait_for_exit() == 0
        assert terminal.is_restored


def test_a_wrong_password_is_refused_and_not_tried_again(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    with Terminal(command(prosody), environment(tmp_path, "wrong"), columns=120) as terminal:
        terminal.wait_for("alice@localhost: refused")
        terminal.wait_for("wrong user name or password")


def test_the_password_is_asked_for_where_nothing_else_has_it(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    without = environment(tmp_path)
    del without["TERMXMPP_PASSWORD"]
    with Terminal(command(prosody), without, columns=100) as terminal:
        terminal.wait_for("Password for alice@localhost:")
        terminal.type("wonder\r")
        terminal.wait_for("alice@localhost: online")
        assert b"wonder" not in terminal.output


def test_a_server_that_comes_back_is_found_again_and_gets_what_was_written_meanwhile(
    tmp_path: Path,
) -> None:
    own = PrivateProsody({"alice": "wonder", "bob": "build"})
    try:
        own.start()
        with Terminal(command(own), environment(tmp_path), columns=100) as terminal:
            terminal.wait_for("alice@localhost: online")
            own.stop(kills=True)
            terminal.wait_for("alice@localhost: reconnecting at ")
            terminal.type("/msg bob@localhost written offline\r")
            terminal.wait_for("written offline …")
            own.start()
            terminal.type("/connect\r")
            terminal.wait_for("alice@localhost: online")
            terminal.wait_for("written offline ✓")
    finally:
        own.close()


def test_two_accounts_share_a_window_and_nothing_else(
    prosody: PrivateProsody, ejabberd: PrivateEjabberd, tmp_path: Path
) -> None:
    """Each at a server of its own, with its own password, trust and state."""
    config = tmp_path / "config.toml"
    accounts: dict[str, tuple[Place, str]] = {
        "alice@localhost": (prosody, "wonder"),
        "bob@localhost": (ejabberd, "build"),
    }
    config.write_text(
        "".join(
            f'[account."{jid}"]\nserver = "127.0.0.1:{server.port}"\n'
            f'ca_file = "{server.ca_file}"\npassword_command = "echo {password}"\n'
            for jid, (server, password) in accounts.items()
        )
    )
    both = [sys.executable, "-m", "termxmpp", "--config", str(config), *accounts]
    surroundings = environment(tmp_path)
    del surroundings["TERMXMPP_PASSWORD"]
    with Terminal(both, surroundings, columns=110) as terminal:
        terminal.wait_for("alice@localhost: online │ bob@localhost: online")
        terminal.type("/win 2\r/away asleep\r/msg alice@localhost to ejabberd's alice\r")
        terminal.wait_for("to ejabberd's alice ✓")
        terminal.type("/win 1\r/msg bob@localhost to prosody's bob\r")
        terminal.wait_for("to prosody's bob ✓")
        terminal.type("/disconnect bob@localhost\r")
        terminal.wait_for("alice@localhost: online │ bob@localhost: offline")


@pytest.mark.parametrize("kind", ["prosody", "ejabberd"])
def test_a_big_roster_is_there_and_in_nobodys_way(kind: str, tmp_path: Path) -> None:
    """10,000 contacts that Prosody keeps; 300 for ejabberd, which is told them one by one."""
    users = {"alice": "wonder"}
    count = 10_000 if kind == "prosody" else 300
    contacts = [
        (f"c{number}@localhost", f"Contact {number:05}", f"Group {number % 10}")
        for number in range(count)
    ]
    server: PrivateProsody | PrivateEjabberd
    if kind == "prosody":
        server = PrivateProsody(users)
        server.store("roster", "alice", stored_roster(contacts))
    else:
        server = PrivateEjabberd(users, roster=contacts)
    with closing(server):
        server.start()
        with Terminal(command(server), environment(tmp_path), columns=100) as terminal:
            terminal.wait_for("alice@localhost: online")
            terminal.wait_for("Group 0")
            terminal.wait_for("○ Contact 00010")
            terminal.type(f"/msg c{count - 1}@local\thello\r")
            terminal.wait_for(f"Contact {count - 1:05}  c{count - 1}@localhost  offline")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a terminal away")
def test_a_terminal_that_belongs_to_somebody_else_is_used_all_the_same(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    """As after `su`: the name of the terminal can't be opened."""
    program = (
        "import os, sys; os.fchown(1, 1, 1); os.fchmod(1, 0); os.execvp(sys.argv[1], sys.argv[1:])"
    )
    unprivileged = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    strange = [sys.executable, "-c", program, *unprivileged, *command(prosody)]
    with Terminal(strange, environment(tmp_path), columns=100) as terminal:
        terminal.wait_for("alice@localhost: online")


def test_a_terminal_that_is_not_read_does_not_stop_the_client(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    """Its pty is full of frames that nobody has read, and it answers over XMPP all the same."""
    jid = "alice@localhost/screen"
    with Terminal(command(prosody, jid=jid), environment(tmp_path), columns=200) as terminal:
        terminal.wait_for("alice@localhost: online")
        terminal.type("/msg bob@localhost\r")
        terminal.wait_for("bob@localhost  offline")
        for number in range(20):
            # Each turns the page: a frame of some thousand bytes, more than a pty holds in all.
            send_as_bob(prosody, "\n".join(f"{number} {'x' * 150}" for _ in range(24)))
        send_as_bob(prosody, "the last one")
        assert version_of(prosody, jid) == "termxmpp"
        terminal.wait_for("the last one")


def version_of(prosody: PrivateProsody, jid: str) -> str:
    """Ask `jid` what it is, as bob (XEP-0092)."""

    async def ask(mainloop: EpollMainLoop) -> str:
        async with online(mainloop, prosody, "bob@localhost", "build") as client:
            answer = await client.get(Jid.parse(jid), VersionPayload())
            found = answer.get(VersionPayload)
            return found.name if found else ""

    return run(ask)
