"""The command line: its grammar, and what was asked as a frozen value.

Wrong usage is an error of ours with exit status 64, never argparse's own 2.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import NoReturn

import termxmpp
from termxmpp.errors import UserError
from termxmpp.nearest import nearest
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["HELP_TOPICS", "Arguments", "help_text", "parse_arguments", "parser"]

HELP_TOPICS = ("config", "json")

# RFC 6121 §5.2.2.
TYPES = ("chat", "normal", "headline", "groupchat")

_DESCRIPTION = _("""\
Chat over XMPP in the terminal, or send messages from a script.

  termxmpp                                           chat; the first time, set up an account
  termxmpp [OPTIONS] JID ...                         chat; several addresses: several accounts
  termxmpp [OPTIONS] JID --send TO [TEXT ...]        send, wait for the server's word, exit
  termxmpp [OPTIONS] JID --listen [FROM ...]         tell what comes, a line for each message
  termxmpp --unread [--json] [JID]                   what is unread in the running termxmpp
  termxmpp --demo                                    try everything with no account
  termxmpp --help config                             what the configuration file may hold
  termxmpp --help json                               what --listen --json tells
""")

_EPILOG = _("""\
The password comes from --password-file, --password-command, the variable TERMXMPP_PASSWORD,
the configuration, the system keyring, or a prompt on the terminal, in this order.

Exit status: 0 done, every message confirmed; 64 wrong usage; 65 bad address or empty message;
66 file unreadable; 67 a message bounced; 68 host unknown; 69 nobody answers there; 70 a bug;
75 not confirmed in time; 76 TLS or protocol failed; 77 log-in refused; 78 configuration wrong.
""")


@dataclass(frozen=True, slots=True)
class Arguments:
    """What the command line asks for; empty where it says nothing."""

    words: tuple[str, ...] = ()
    send_to: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    is_by_line: bool = False
    is_raw: bool = False
    subject: str = ""
    type: str = ""
    nick: str = ""
    room_password_file: str = ""
    waits_for: str = "ack"
    retry: float = 0.0
    timeout: float = 30.0
    as_json: bool = False
    server: str = ""
    direct_tls: bool = False
    ca_file: str = ""
    pin: str = ""
    proxy: str = ""
    password_file: str = ""
    password_command: str = ""
    config: str = ""
    debug: str | None = None
    listens: bool = False
    program: str = ""
    replies: bool = False
    is_demo: bool = False
    asks_unread: bool = False
    is_plain: bool = False
    registers: bool = False
    help_topic: str | None = None
    tells_completions: bool = False
    completes: bool = False


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserError(
            _("{message}; termxmpp --help tells what there is.").format(message=message)
        )


def parser() -> argparse.ArgumentParser:
    """The grammar of the command line."""
    made = _Parser(
        prog="termxmpp",
        usage=argparse.SUPPRESS,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    made.add_argument("words", nargs="*", metavar="JID", help=_("user@host, or user@host/resource"))
    _add_sending(made)
    _add_listening(made)
    _add_server(made)
    password = made.add_argument_group(_("password"))
    password.add_argument("--password-file", default="", metavar="F", help=_("its first line"))
    password.add_argument("--password-command", default="", metavar="CMD", help=_("what it prints"))
    _add_other(made)
    return made


def _add_sending(made: argparse.ArgumentParser) -> None:
    sending = made.add_argument_group(_("sending"))
    sending.add_argument(
        "--send",
        dest="send_to",
        action="append",
        default=[],
        metavar="TO",
        help=_("a contact, a room, or an xmpp: link; repeatable"),
    )
    sending.add_argument(
        "--file",
        dest="files",
        action="append",
        default=[],
        metavar="PATH",
        help=_("upload it and send the link; repeatable"),
    )
    sending.add_argument(
        "--lines", action="store_true", help=_("each line of standard input is a message")
    )
    sending.add_argument(
        "--raw", action="store_true", help=_("standard input is one stanza, in XML; no --send")
    )
    sending.add_argument("--subject", default="", metavar="S", help=_("what it is about"))
    sending.add_argument(
        "--type",
        choices=TYPES,
        default="",
        help=_("of the message; else a room gets groupchat, all others chat"),
    )
    sending.add_argument("--nick", default="", metavar="N", help=_("your name in rooms"))
    sending.add_argument(
        "--room-password-file",
        default="",
        metavar="F",
        help=_("its first line lets you into rooms"),
    )
    sending.add_argument(
        "--wait",
        choices=("ack", "receipt", "none"),
        default="ack",
        help=_("what counts as sent: the server's word (ack), the recipient's, or nothing"),
    )
    sending.add_argument(
        "--retry",
        type=_seconds_or_none,
        default=0.0,
        metavar="SECONDS",
        help=_("so long, try again while the server can't be reached (0)"),
    )
    sending.add_argument(
        "--timeout",
        type=_seconds,
        default=30.0,
        metavar="SECONDS",
        help=_("for any one answer (30)"),
    )
    sending.add_argument(
        "--json", action="store_true", help=_("one JSON object a message on stdout")
    )


def _add_listening(made: argparse.ArgumentParser) -> None:
    listening = made.add_argument_group(_("listening"))
    listening.add_argument(
        "--listen",
        action="store_true",
        help=_("tell what comes, from all or from FROM: addresses, domains, rooms"),
    )
    listening.add_argument(
        "--exec", default="", metavar="CMD", help=_("give each message to this program instead")
    )
    listening.add_argument(
        "--reply", action="store_true", help=_("send back what the program prints")
    )


def _add_server(made: argparse.ArgumentParser) -> None:
    server = made.add_argument_group(_("server"))
    server.add_argument("--server", default="", metavar="HOST[:PORT]", help=_("dial there"))
    server.add_argument(
        "--direct-tls", action="store_true", help=_("TLS from the first byte there")
    )
    server.add_argument(
        "--ca-file", default="", metavar="F", help=_("trust these authorities only")
    )
    server.add_argument(
        "--pin", default="", metavar="sha256:HEX", help=_("trust this certificate and nothing else")
    )
    server.add_argument(
        "--proxy",
        default="",
        metavar="URL",
        help=_("dial through it, as in socks5://127.0.0.1:9050 or http://proxy:3128"),
    )
    server.add_argument(
        "--register",
        action="store_true",
        help=_("make the account there first; JID may be an invitation, an xmpp: link"),
    )


def _add_other(made: argparse.ArgumentParser) -> None:
    other = made.add_argument_group(_("other"))
    other.add_argument("--config", default="", metavar="F", help=_("another configuration file"))
    other.add_argument(
        "--debug", action="store_const", const="", help=_("log everything; --debug=FILE says where")
    )
    other.add_argument("--debug-file", dest="debug", help=argparse.SUPPRESS)
    other.add_argument(
        "--unread",
        action="store_true",
        help=_("counts for a status bar, from the running termxmpp"),
    )
    other.add_argument("--demo", action="store_true", help=_("a private server to try things on"))
    other.add_argument(
        "--plain", action="store_true", help=_("line mode: each new thing is one line")
    )
    other.add_argument(
        "--install-completion",
        action="store_true",
        help=_("where the completions for bash, zsh and fish are"),
    )
    other.add_argument("--complete-addresses", action="store_true", help=argparse.SUPPRESS)
    other.add_argument("--version", action="version", version=f"termxmpp {termxmpp.__version__}")
    other.add_argument(
        "--help", "-h", action="store_true", help=_("this text; --help config: the file")
    )


def _seconds(text: str) -> float:
    seconds = _seconds_or_none(text)
    if not seconds:
        raise argparse.ArgumentTypeError(_("{text!r} is no number of seconds").format(text=text))
    return seconds


def _seconds_or_none(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 1e6:
        raise argparse.ArgumentTypeError(_("{text!r} is no number of seconds").format(text=text))
    return seconds


def help_text() -> str:
    """What `--help` prints."""
    return parser().format_help()


def parse_arguments(argv: Sequence[str]) -> Arguments:
    """What `argv`, without the program's name, asks for; UserError for wrong usage."""
    options, text = _split(argv)
    grammar = parser()
    given, unknown = grammar.parse_known_intermixed_args(options)
    if unknown:
        raise UserError(_unknown(unknown[0], grammar))
    words = [*given.words, *text]
    if given.help:
        return Arguments(help_topic=words[0] if words else "")
    if given.install_completion or given.complete_addresses:
        return Arguments(
            config=given.config,
            tells_completions=given.install_completion,
            completes=given.complete_addresses,
        )
    _check(given, words)
    return Arguments(
        words=tuple(words),
        send_to=tuple(given.send_to),
        files=tuple(given.files),
        is_by_line=given.lines,
        is_raw=given.raw,
        subject=given.subject,
        type=given.type,
        nick=given.nick,
        room_password_file=given.room_password_file,
        waits_for=given.wait,
        retry=given.retry,
        timeout=given.timeout,
        as_json=given.json,
        server=given.server,
        direct_tls=given.direct_tls,
        ca_file=given.ca_file,
        pin=given.pin,
        proxy=given.proxy,
        password_file=given.password_file,
        password_command=given.password_command,
        config=given.config,
        debug=given.debug,
        listens=given.listen,
        program=given.exec,
        replies=given.reply,
        is_demo=given.demo,
        asks_unread=given.unread,
        is_plain=given.plain,
        registers=given.register,
    )


def _check(given: argparse.Namespace, words: Sequence[str]) -> None:
    """UserError for options that have no sense together."""
    if given.unread and (given.send_to or given.lines or len(words) > 1):
        raise UserError(_("--unread takes one address at most, and --json."))
    if given.listen and (given.send_to or given.lines or given.demo or given.unread):
        raise UserError(_("--listen goes with nothing else that is done."))
    if given.listen and (given.retry or given.wait != "ack"):
        raise UserError(
            _("--wait and --retry belong to --send: --listen connects anew for as long as it runs.")
        )
    if (given.exec and not given.listen) or (given.reply and not given.exec):
        raise UserError(_("--exec belongs to --listen, and --reply to --exec."))
    if given.json and not (given.send_to or given.unread or given.listen or given.raw):
        raise UserError(_("--json belongs to --send, --listen or --unread."))
    if given.lines and not given.send_to:
        raise UserError(_("--lines belongs to --send; termxmpp --help tells more."))
    if given.register and (given.send_to or given.demo or len(words) != 1):
        raise UserError(_("--register makes one account: termxmpp --register me@host."))
    _check_sending(given)


def _check_sending(given: argparse.Namespace) -> None:
    """UserError for options of `--send` that have no sense without it, or together."""
    if given.raw and (given.send_to or given.lines or given.files or given.listen):
        raise UserError(
            _("--raw sends the stanza of standard input as it is: leave --send and the like out.")
        )
    if given.files and (not given.send_to or given.lines):
        raise UserError(_("--file belongs to --send, without --lines: termxmpp --help tells more."))
    if not given.send_to and (given.subject or given.type):
        raise UserError(_("--subject and --type belong to --send."))
    of_rooms = given.nick or given.room_password_file
    if of_rooms and not (given.send_to or given.listen):
        raise UserError(_("--nick and --room-password-file belong to --send and --listen."))
    if of_rooms and given.type not in ("", "groupchat"):
        raise UserError(
            _("--nick and --room-password-file are for rooms, which get --type groupchat.")
        )


# What other senders (sendxmpp, go-sendxmpp) call what is here under another name.
_FOREIGN = {
    ("-u", "--username"): _("the address of the account stands first: termxmpp me@host --send TO"),
    ("-p", "--password"): _("--password-file, --password-command or TERMXMPP_PASSWORD tell it"),
    ("-f",): _("~/.sendxmpprc is read by itself, and --config names our own file"),
    ("-j", "--jserver", "-o", "--component"): _("--server says where to dial"),
    ("-c", "--chatroom"): _("--send finds out by itself what is a room"),
    ("-r", "--resource"): _("it is a part of the address: me@host/resource; in rooms --nick"),
    ("-a", "--alias"): _("--nick is your name in rooms"),
    ("--muc-password",): _("--room-password-file has the password of rooms"),
    ("-t", "--tls"): _("TLS is always used; leave it out"),
    ("-e", "--ssl"): _("--direct-tls begins with TLS"),
    ("-n", "--no-tls-verify"): _("--ca-file or --pin say whom to trust"),
    ("--tls-ca-path",): _("--ca-file names the authorities"),
    ("-m", "--message"): _("the message is standard input: termxmpp … < FILE"),
    ("-s",): _("it is --subject"),
    ("--headline", "--message-type", "--messages-type"): _("it is --type, such as --type headline"),
    ("-i", "--interactive"): _("--lines sends each line as it comes"),
    ("-l",): _("it is --listen; a headline is --type headline"),
    ("--http-upload", "--oob-file"): _("--file uploads a file and sends its link"),
    ("-d", "-v", "--verbose"): _("it is --debug"),
    ("--retry-connect", "--retry-connect-max"): _("--retry says for how many seconds"),
}


def _unknown(word: str, grammar: argparse.ArgumentParser) -> str:
    """What to say of the option `word`, which there is not."""
    name = word.partition("=")[0]
    for names, words in _FOREIGN.items():
        if name in names:
            return _("There is no option {name}: {hint}.").format(name=name, hint=words)
    known = re.findall(r"--[a-z][a-z-]+", grammar.format_help())
    meant = nearest(name, known)
    if meant is not None:
        return _("There is no option {name}: did you mean {nearest}?").format(
            name=name, nearest=meant
        )
    return _("There is no option {name}: termxmpp --help tells what there is.").format(name=name)


def _split(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """The arguments up to `--`, and the words behind it, which are never options.

    `--debug=FILE` takes a value only when it is glued on, so that `--debug me@host` is not
    taken for a file; argparse has no such option.
    """
    words = list(argv)
    end = words.index("--") if "--" in words else len(words)
    options = [
        word.replace("--debug=", "--debug-file=", 1) if word.startswith("--debug=") else word
        for word in words[:end]
    ]
    return options, words[end + 1 :]
