"""The command line's `main`: the only place that builds everything and starts the loop.

It picks its mode before importing what only one mode needs, so that `--send` never pays for
the screen; those are the only imports inside functions.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import platformdirs

from termxmpp.arguments import HELP_TOPICS, Arguments, help_text, parse_arguments
from termxmpp.bundled import foreign_pyxmpp2
from termxmpp.config import Config, NetworkConfig, config_help
from termxmpp.config_reading import default_path, load
from termxmpp.curtain import Curtain
from termxmpp.errors import ConfigError, OutputError, TermxmppError, UserError
from termxmpp.passwords import VARIABLE as PASSWORD_VARIABLE
from termxmpp.passwords import PasswordSources, find_password
from termxmpp.words import _

__all__ = ["main", "program"]

# What a shell reports for a program that a signal ended: 128 and the signal's number.
SIGNALLED = 128

Result = TypeVar("Result")


def main(argv: Sequence[str] | None = None) -> int:
    """Run termxmpp as `argv` says; the exit status of sysexits.h (contract §1)."""
    _open_standard_streams()
    foreign = foreign_pyxmpp2()
    if foreign is not None:
        return _complain(foreign, ConfigError.exit_status)
    try:
        return _main(parse_arguments(sys.argv[1:] if argv is None else argv))
    except OutputError as error:
        # Python would complain once more while it closes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _complain(str(error), error.exit_status)
    except TermxmppError as error:
        return _complain(str(error), error.exit_status)
    except KeyboardInterrupt:
        return SIGNALLED + signal.SIGINT
    except _Signalled as signalled:
        return SIGNALLED + signalled.number
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SIGNALLED + signal.SIGPIPE
    except Exception:
        traceback.print_exc()
        return _complain(_("this is a bug of termxmpp; please report the lines above."), 70)


def program() -> NoReturn:
    """What the command runs: `main`, and no tidying up of a memory that is given back anyway.

    That takes a tenth of the time in which a message is sent.
    """
    status = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        status = SIGNALLED + signal.SIGPIPE
    except OSError as error:
        status = _complain(
            _("The output can't be written: {reason}.").format(reason=error.strerror),
            OutputError.exit_status,
        )
    os._exit(status)


def _open_standard_streams() -> None:
    """Put /dev/null where standard input, output or error is closed.

    The next thing opened would get that number, and be taken for it.
    """
    spare = os.open(os.devnull, os.O_RDWR)
    while spare <= 2:
        spare = os.open(os.devnull, os.O_RDWR)
    os.close(spare)
    # Python has none where one was closed when it began.
    for name, mode, fd in (("stdin", "r", 0), ("stdout", "w", 1), ("stderr", "w", 2)):
        if getattr(sys, name) is None:
            setattr(sys, name, open(fd, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def _complain(text: str, status: int) -> int:
    print(f"termxmpp: {text}", file=sys.stderr)
    return status


def _main(arguments: Arguments) -> int:
    if arguments.help_topic is not None:
        return _help(arguments.help_topic)
    if arguments.asks_unread:
        return _unread(arguments)
    if arguments.tells_completions or arguments.completes:
        return _complete(arguments)
    _set_up_log(arguments.debug)
    if arguments.is_demo:
        return _demo(arguments)
    path = Path(arguments.config) if arguments.config else default_path()
    config = load(path, is_required=bool(arguments.config))
    if arguments.send_to or arguments.is_raw:
        return _send(arguments, config)
    if arguments.listens:
        return _listen(arguments, config)
    if arguments.registers:
        return _assist(arguments, config, path)
    return _chat(arguments, config, path)


def _help(topic: str) -> int:
    if topic and topic not in HELP_TOPICS:
        raise UserError(
            _("There is no help on {topic!r}; there is on {help_topics}.").format(
                topic=topic, help_topics=", ".join(HELP_TOPICS)
            )
        )
    if topic == "json":
        from termxmpp.script.lines import json_help  # only this needs it

        text = json_help()
    else:
        text = config_help() if topic else help_text()
    print(text, end="")
    return 0


def _unread(arguments: Arguments) -> int:
    # A status bar asks often, so only what is needed is loaded.
    from termxmpp.script.unread import unread

    address = ""
    if arguments.words:
        from termxmpp.core.jid import Jid

        address = str(Jid.parse(arguments.words[0]).bare)
    return unread(address, sys.stdout, as_json=arguments.as_json)


def _complete(arguments: Arguments) -> int:
    """What the shells ask."""
    from termxmpp import completing  # only this mode needs it

    if arguments.tells_completions:
        print(completing.places())
        return 0
    try:
        config = load(default_path(), is_required=False)
    except ConfigError:
        # Here is nobody to whom it could be told.
        config = Config()
    for address in completing.addresses(config):
        print(address)
    return 0


def _set_up_log(debug: str | None) -> None:
    """Warnings go to the log file; with `--debug` everything does, or to the file it names."""
    path = Path(debug) if debug else platformdirs.user_state_path("termxmpp") / "termxmpp.log"
    handler: logging.Handler
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = logging.FileHandler(path, delay=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o600))
    except OSError as error:
        if debug is not None:
            raise UserError(
                _("The log {path} can't be written: {strerror}.").format(
                    path=path, strerror=error.strerror
                )
            ) from None
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    level = logging.WARNING if debug is None else logging.DEBUG
    logging.basicConfig(level=level, handlers=[handler])
    # pyxmpp2 logs stanzas and the words of the log-in at this level, secrets among them.
    logging.getLogger("pyxmpp2").setLevel(logging.WARNING)


def _send(arguments: Arguments, config: Config) -> int:
    from termxmpp.script.sending import Sending  # only this mode needs it

    sending = Sending(arguments, config)
    status = sending.send_nearby()
    if status is not None:
        return status
    sending.prepare()
    return _run(sending.run)


def _listen(arguments: Arguments, config: Config) -> int:
    from termxmpp.script.listening import Listening  # only this mode needs it

    listening = Listening(arguments, config)
    listening.prepare()
    try:
        return _run(listening.run)
    except _Signalled as signalled:
        if signalled.number == signal.SIGTERM:
            # For who listens, that is how it ends.
            return 0
        raise


class _Signalled(Exception):
    """A signal has ended what ran."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def _run(work: Callable[[Any], Coroutine[Any, Any, Result]]) -> Result:
    """The result of `work` on the main loop that it gets; raises _Signalled if a signal ends it."""
    from termxmpp.mainloop.selector import run  # who only asks for help needs no loop

    signals: list[int] = []

    async def until_signal(mainloop: Any) -> Result:
        _end_on_signals(signals)
        return await work(mainloop)

    try:
        return run(until_signal)
    except asyncio.CancelledError:
        raise _Signalled(signals[0]) from None


def _end_on_signals(signals: list[int]) -> None:
    """SIGTERM and SIGHUP cancel what runs, so that it ends in good order; they are noted."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None

    def end(number: int) -> None:
        signals.append(number)
        task.cancel()

    for number in (signal.SIGTERM, signal.SIGHUP):
        # What nohup has told to be ignored stays so.
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, end, number)


def _demo(arguments: Arguments) -> int:
    if arguments.words:
        raise UserError(_("--demo brings its own account; leave the address out."))
    _require_terminal()
    from termxmpp.demo import stage  # only this mode needs it

    with stage() as guest:
        return _chat(
            replace(arguments, words=(guest.jid,), server=guest.server, ca_file=str(guest.ca_file)),
            # Its server is on this machine.
            Config(network=NetworkConfig(local_files=True)),
            folder=guest.folder,
            password=guest.password,
        )


def _assist(arguments: Arguments, config: Config, path: Path) -> int:
    """Ask on the terminal for an account, or make the one that `--register` names; then chat.

    The password goes on in memory only: what the environment holds every child would get.
    """
    _require_terminal()
    # Only this mode needs these.
    from termxmpp import session
    from termxmpp.assistant import Assistant, invitation
    from termxmpp.core.jid import Jid
    from termxmpp.core.uris import is_uri
    from termxmpp.questions import Terminal

    word, token = arguments.words[0] if arguments.registers else "", ""
    jid: Any = None
    if is_uri(word):
        jid, token = invitation(word)
    elif word:
        jid = Jid.parse(word)
    if jid is not None and not jid.local and not token:
        raise UserError(_("--register makes one account: termxmpp --register me@host."))
    # What can't be meant is told before anything is asked.
    session.connection_settings(jid or Jid("", "localhost"), arguments, config)
    password = "" if jid else _given_password(arguments)

    async def ask(mainloop: Any) -> Any:
        assistant = Assistant(mainloop, Terminal(), arguments, config, path, password)
        return await (assistant.first_run() if jid is None else assistant.register(jid, token))

    chosen = _run(ask)
    if chosen.is_kept:
        # All that was said on the command line of its server stands in the file now.
        config = load(path, is_required=False)
        arguments = replace(arguments, server="", direct_tls=False, ca_file="", pin="")
    arguments = replace(arguments, words=(str(chosen.jid),))
    return _chat(arguments, config, path, password=chosen.password)


def _given_password(arguments: Arguments) -> str:
    """The password that the command line or the environment tell of no account in particular."""
    file, command = arguments.password_file, arguments.password_command
    if file or command or os.environ.get(PASSWORD_VARIABLE):
        return find_password(PasswordSources("", file, command), os.environ)
    return ""


def _is_plain(arguments: Arguments) -> bool:
    """Whether the terminal gets lines; one that can't move its cursor gets nothing else."""
    return arguments.is_plain or os.environ.get("TERM", "dumb") in ("", "dumb")


def _require_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError(_("Chatting needs a terminal; in a script, use --send."))


def _chat(
    arguments: Arguments,
    config: Config,
    path: Path | None = None,
    folder: Path | None = None,
    password: str = "",
) -> int:
    """Chat on the terminal, with the `config` from `path` (None: from no file).

    What is said is kept in `folder`, or with the user's data. `password` is that of the only
    account, where it is known already.
    """
    _require_terminal()
    from termxmpp.core.jid import Jid  # only these modes need it

    addresses = arguments.words or [
        address for address, account in config.accounts.items() if account.auto
    ]
    if not addresses:
        return _assist(arguments, config, path or default_path())
    accounts = list(dict.fromkeys(Jid.parse(address) for address in addresses))
    with Curtain([str(jid.bare) for jid in accounts], config.ui.theme) as curtain:
        if not _is_plain(arguments):
            curtain.draw()
        return _show(accounts, arguments, config, path, folder, curtain, password)


def _arguments_for(jid: Any, accounts: Sequence[Any], arguments: Arguments) -> Arguments:
    """What of the command line is meant for `jid` too, which may have been added since.

    Where to dial and whom to trust is said of the servers of the `accounts` given there; a proxy
    is for all that leaves this machine.
    """
    if any(jid.domain == each.domain for each in accounts):
        return arguments
    return replace(arguments, server="", direct_tls=False, ca_file="", pin="")


def _shown_by(
    arguments: Arguments, settings: Any, curtain: Curtain
) -> Callable[[Any], Coroutine[Any, Any, int]]:
    """What shows a workspace: the screen, which takes the place of `curtain`, or lines."""
    if _is_plain(arguments):
        from termxmpp.plain import run_plain

        return run_plain
    from termxmpp.ui import run_screen
    from termxmpp.ui.keys import ACTIONS

    settings.know_actions([action.name for action in ACTIONS])
    return partial(run_screen, begin=curtain.lifted)


def _show(
    accounts: Sequence[Any],
    arguments: Arguments,
    config: Config,
    path: Path | None,
    folder: Path | None,
    curtain: Curtain,
    password: str,
) -> int:
    """Show the accounts of these Jids until the user quits; the exit status."""
    # Only this mode needs these, and they take several times as long as the first frame.
    from termxmpp import session
    from termxmpp.access import password_given_by
    from termxmpp.features import FEATURES
    from termxmpp.gate import Gate
    from termxmpp.mainloop.notices import Notices
    from termxmpp.settings import Settings
    from termxmpp.store.store import Store
    from termxmpp.workspace import Workspace

    settings = Settings(config, path)
    run_shown = _shown_by(arguments, settings, curtain)
    plans = [
        session.plan_with(jid, password, arguments, config)
        if password
        else session.plan(jid, arguments, config, curtain.lift)
        for jid in accounts
    ]

    async def chat(mainloop: Any) -> int:
        def make_client(plan: session.Plan) -> Any:
            jid = plan.connection.jid
            return session.make_client(
                plan,
                mainloop,
                FEATURES,
                Store(session.records_path(plan, folder)),
                settings_now=lambda: session.connection_settings(
                    jid, _arguments_for(jid, accounts, arguments), settings.config
                ),
            )

        def new_client(jid: Any, password: str) -> Any:
            given = _arguments_for(jid, accounts, arguments)
            return make_client(session.plan_with(jid, password, given, settings.config))

        clients = [make_client(plan) for plan in plans]
        workspace = Workspace(clients, settings)
        workspace.new_client = new_client
        workspace.password_given_by = password_given_by(arguments)
        workspace.records_of = lambda jid: session.records_of(jid, folder)
        notices = Notices(lambda kind: workspace.world_changed())
        notices.open()
        settings.open()
        gate = Gate(workspace)
        if folder is None:
            # The demo's guest is nobody whom scripts know.
            await gate.open()
        for client in clients:
            client.connect()
        try:
            return await run_shown(workspace)
        finally:
            await gate.close()
            settings.close()
            notices.close()
            await workspace.end()

    # What start-up has made stays for good. Looking through it took a full collection 25 ms,
    # in which no key was echoed.
    gc.freeze()
    return _run(chat)
