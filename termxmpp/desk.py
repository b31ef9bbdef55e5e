"""The commands about windows, accounts and the program itself.

They act on the `Desk`, which is what the workspace is to them; they know no terminal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Protocol

from termxmpp.commands.registry import Command, Kind, Rest, command
from termxmpp.core.events import ConversationCleared
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.errors import UserError
from termxmpp.feature import CommandContext, Context
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.xmpp.traffic import Traffic

__all__ = ["DESK_COMMANDS", "Desk", "DeskContext"]


class Desk(Protocol):
    """What the commands do with windows and accounts."""

    def list_windows(self) -> Sequence[str]:
        """A line for each window: its number and title."""
        ...

    def go(self, number: int) -> None:
        """Look at window `number`, counted from 1; UserError if there is none."""
        ...

    def find(self, name: str) -> None:
        """Look at the window whose title or address fits `name`; UserError if none does."""
        ...

    def close_current(self) -> None:
        """Close the window looked at; UserError if it is a console."""
        ...

    def list_accounts(self) -> Sequence[str]:
        """A line for each account: its address and state."""
        ...

    def connect(self, account: Jid | None) -> None:
        """Connect `account`, or with None that of the window."""
        ...

    def disconnect(self, account: Jid | None) -> None:
        """Disconnect `account`, or with None that of the window."""
        ...

    def show_xml(self, wanted: Traffic | None) -> None:
        """Show those stanzas of the window's account in its console, or None any longer."""
        ...

    def send_xml(self, text: str) -> None:
        """Send a stanza as written; UserError if it is none."""
        ...

    def search(self, words: str) -> None:
        """Look for messages that hold `words`: in the conversation, in a console everywhere."""
        ...

    def is_hidden(self, message: Message) -> bool:
        """Whether `message`, which stands here, is hidden by its author and not shown yet."""
        ...

    def reveal(self, key: int) -> None:
        """Show what the author of the message `key` has hidden, or hide it again."""
        ...

    def open_links(self, links: Sequence[str]) -> None:
        """Open one of `links` in another program; of several the user chooses."""
        ...

    def quit(self) -> None:
        """End the program in good order."""
        ...


@dataclass(frozen=True, slots=True)
class DeskContext:
    """Where a command of the desk was typed; `here` is what other commands get."""

    desk: Desk
    here: CommandContext

    @property
    def client(self) -> Context:
        return self.here.client


@command("quit")
def quit_(ctx: DeskContext) -> None:
    """Leave the servers in good order and end termxmpp."""
    ctx.desk.quit()


@command("win", aliases=("w",))
def win(ctx: DeskContext, window: Annotated[Rest, Kind.WINDOW] | None = None) -> None:
    """Look at the window with that number or name; without one, list the windows."""
    if window is None:
        ctx.here.tell("\n".join(ctx.desk.list_windows()))
    elif window.isdecimal():
        ctx.desk.go(int(window))
    else:
        ctx.desk.find(window)


@command("close")
def close(ctx: DeskContext) -> None:
    """Close this conversation's window; what was said stays."""
    ctx.desk.close_current()


@command("clear")
def clear(ctx: DeskContext) -> None:
    """Empty this conversation's window."""
    if ctx.here.peer is None:
        raise UserError(_("The console keeps what it says; /clear empties a conversation."))
    ctx.client.emit(ConversationCleared(ctx.here.peer))


@command("search")
def search(ctx: DeskContext, words: Rest | None = None) -> None:
    """Find the messages that hold all WORDS, here or everywhere, and go to one of them."""
    ctx.desk.search(words or "")


@command("open")
def open_(ctx: DeskContext, message: int | None = None) -> None:
    """Open the file or link in MESSAGE, counted back from the newest, or in the selected one.

    Without either it is the newest message that has one. A text that its author has hidden is
    shown first.
    """
    desk = ctx.desk
    opened = ctx.here.message(message, lambda each: desk.is_hidden(each) or bool(each.links))
    if desk.is_hidden(opened):
        desk.reveal(opened.key)
        return
    found = opened.links
    if not found:
        raise UserError(_("There is no link in that message."))
    ctx.desk.open_links(found)


@command("connect")
def connect(ctx: DeskContext, account: Annotated[Jid, Kind.ACCOUNT] | None = None) -> None:
    """Connect ACCOUNT, or this window's, at once."""
    ctx.desk.connect(account)


@command("disconnect")
def disconnect(ctx: DeskContext, account: Annotated[Jid, Kind.ACCOUNT] | None = None) -> None:
    """Disconnect ACCOUNT, or this window's, and stay offline."""
    ctx.desk.disconnect(account)


@command("account")
def account(ctx: DeskContext) -> None:
    """List the accounts and how they stand."""
    ctx.here.tell("\n".join(ctx.desk.list_accounts()))


@command("xml on")
def xml_on(ctx: DeskContext, *wanted: Annotated[str, Kind.TRAFFIC]) -> None:
    """Show every stanza in and out in the console, or those WANTED; never what logs you in.

    `message`, `presence`, `iq`, `in` and `out` leave out all others; any other word is to stand in
    the stanza, and behind a `-` not: `/xml on iq out -ping`, `/xml on friend@example.org`.
    """
    ctx.desk.show_xml(Traffic.read(wanted))


@command("xml off")
def xml_off(ctx: DeskContext) -> None:
    """Show the stanzas no longer."""
    ctx.desk.show_xml(None)


@command("xml send")
def xml_send(ctx: DeskContext, stanza: Rest) -> None:
    """Send STANZA as it is written: one message, presence or iq element."""
    ctx.desk.send_xml(stanza)


DESK_COMMANDS: tuple[Command, ...] = (
    quit_,
    win,
    close,
    clear,
    account,
    connect,
    disconnect,
    xml_on,
    xml_off,
    xml_send,
    search,
    open_,
)
