"""The accounts that are open, the windows over all of them, and what a typed line does.

The workspace knows what is looked at, but no terminal; a user interface observes it. A
window is the console of an account, or a conversation of one.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from termxmpp.accounts import ACCOUNT_COMMANDS, AccountContext
from termxmpp.client import Client
from termxmpp.commands.aliases import alias_commands
from termxmpp.commands.completion import Completion, complete
from termxmpp.commands.hint import Hint, hint
from termxmpp.commands.parser import Text, bind, parse
from termxmpp.commands.registry import Kind, Registry
from termxmpp.core import emoji, events
from termxmpp.core.conversation import Conversation
from termxmpp.core.draft import NO_DRAFT, Draft
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message, Notice
from termxmpp.core.room import Room
from termxmpp.desk import DESK_COMMANDS, DeskContext
from termxmpp.doctor import DOCTOR_COMMANDS, DoctorContext
from termxmpp.doctor.terminal import TerminalFacts
from termxmpp.errors import ConfigError, TermxmppError, UserError
from termxmpp.feature import CommandContext
from termxmpp.helping import HELP_COMMANDS, HelpContext, help_offers
from termxmpp.keyboard import Keyboard
from termxmpp.opener import open_link
from termxmpp.settings import Settings
from termxmpp.transfers.carrier import Saving
from termxmpp.tuning import TUNING_COMMANDS, TuningContext, tuning_offers
from termxmpp.words import _

__all__ = ["WORKSPACE_COMMANDS", "Window", "Workspace"]

WORKSPACE_COMMANDS = (
    *HELP_COMMANDS,
    *DESK_COMMANDS,
    *ACCOUNT_COMMANDS,
    *TUNING_COMMANDS,
    *DOCTOR_COMMANDS,
)
"""The commands that belong to no feature."""


logger = logging.getLogger(__name__)

# What is there without any file.
THEMES = ("dark", "light", "contrast", "ascii")

# So much is told of what a search has found where there is no list to go through.
TOLD = 20


# What is typed behind these goes to who is written to, as a text does.
SAID_BY_COMMAND = ("/me ", "/reply ", "/correct ")


@dataclass(frozen=True)
class Window:
    """What can be looked at: the conversation of `client` with `peer`; None is its console."""

    client: Client
    peer: Jid | None = None

    @property
    def conversation(self) -> Conversation:
        state = self.client.state
        return state.console if self.peer is None else state.conversation(self.peer)

    @property
    def shown(self) -> Conversation:
        """What of the conversation is looked at: a part of its past, or its present."""
        return self.conversation if self.peer is None else self.client.state.shown(self.peer)

    @property
    def room(self) -> Room | None:
        """The room that is looked at, if it is one."""
        return None if self.peer is None else self.client.state.rooms.get(self.peer)

    @property
    def draft(self) -> Draft:
        """What was begun to be written in it."""
        return self.client.state.drafts.get(self.peer, NO_DRAFT)

    @property
    def title(self) -> str:
        """What to call the window; of a peer's making, so not to be drawn as it is."""
        state = self.client.state
        return str(state.account) if self.peer is None else state.title_of(self.peer)


# Who has spoken in so many messages is more likely to be spoken to.
RECENT = 500


class Workspace:
    """The windows of `clients`.

    `observers` are called whenever something shown may have changed, many times a turn under a
    flood; `alerts` for each message that comes in, with its window; `listeners` with each event of
    an account, after that. `on_quit` is what `/quit` does, `on_search` what `/search` does,
    `on_links` what `/open` does with a message that has several links, `on_fill` puts a text into
    the input. `problem` is the newest error for the status line. `selected` are the keys of the
    messages that the user has selected, by their windows; `scrolled_back` are those windows in
    which the newest messages are not seen.
    `keyboard` is what keys can do, `on_secret` asks for a password. `new_client` makes an
    account a part of the session, and `records_of` says where its records are. `terminal_facts`
    tells what the terminal is, `examinations` are those under way. `folder_wanted` is
    the folder that completing asked for and did not know, as it was typed (empty: the one we are
    in); `folder` the one that it knows, with its content: names, those of folders with a slash,
    and meanings.
    """

    def __init__(self, clients: Sequence[Client], settings: Settings | None = None) -> None:
        if not clients:
            raise ValueError("a workspace needs an account")
        self.clients = tuple(clients)
        self.settings = settings or Settings()
        self.observers: list[Callable[[], None]] = []
        self.alerts: list[Callable[[Window, Message], None]] = []
        self.listeners: list[Callable[[Client, events.Event], None]] = []
        self.on_quit: Callable[[], None] = lambda: None
        self.on_search: Callable[[str], None] = self._tell_found
        self.on_links: Callable[[Sequence[str]], None] = self._tell_links
        self.on_fill: Callable[[str], None] = lambda text: None
        self.problem = ""
        self.windows: tuple[Window, ...] = tuple(
            Window(client, peer)
            for client in self.clients
            for peer in (None, *client.state.conversations)
        )
        self.current = self.windows[0]
        self.selected: dict[Window, int] = {}
        self.scrolled_back: set[Window] = set()
        self.folder_wanted: str | None = None
        self.folder: tuple[str, Sequence[tuple[str, str]]] | None = None
        self._is_watched = True
        self._tasks: set[asyncio.Task[None]] = set()
        self.new_client: Callable[[Jid, str], Client] | None = None
        self.records_of: Callable[[Jid], Path | None] = lambda jid: None
        self.on_secret: Callable[[str], Awaitable[str]] | None = None
        self.terminal_facts: Callable[[], TerminalFacts | None] = lambda: None
        self.examinations: dict[Client, asyncio.Task[None]] = {}
        features = {feature for client in self.clients for feature in client.features}
        order = [feature for feature in self.clients[0].features if feature in features]
        commands = [command for feature in order for command in feature.commands]
        self.own_registry = Registry([*WORKSPACE_COMMANDS, *commands])
        self.registry = self._with_aliases()
        self.keyboard = Keyboard(())
        self.theme_names: Callable[[], Sequence[str]] = lambda: THEMES
        self.settings.observers.append(self._settings_changed)
        self.settings.complaints.append(self._settings_wrong)
        for client in self.clients:
            client.observers.append(self._observe)
        self.settings.observers.append(self._take_settings)
        self._take_settings()

    async def end(self) -> None:
        """End all that is under way, and all accounts."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(client.close() for client in self.clients))

    # Looking.

    def show(self, window: Window) -> None:
        """Look at `window`, which is opened if need be."""
        if window.peer is not None and window not in self.windows:
            window.client.emit(events.ConversationOpened(window.peer))
        if window != self.current:
            self._compose(is_composing=False)
            self._leave(self.current)
            self.current = window
        self._read()
        self._changed()

    def step(self, by: int) -> None:
        """Look at the window `by` places further, around the end."""
        self.show(self.windows[(self._place() + by) % len(self.windows)])

    def go(self, number: int) -> None:
        if not 1 <= number <= len(self.windows):
            raise UserError(
                _("There is no window {number}: /win lists those there are.").format(number=number)
            )
        self.show(self.windows[number - 1])

    def find(self, name: str) -> None:
        wanted = name.casefold()
        for window in self.windows:
            address = str(window.peer or window.client.state.account)
            if wanted in (window.title.casefold(), address):
                self.show(window)
                return
        close = [window for window in self.windows if wanted in window.title.casefold()]
        if len(close) != 1:
            raise UserError(
                (
                    _("More than one window is called {name!r}: /win lists those there are.")
                    if close
                    else _("No window is called {name!r}: /win lists those there are.")
                ).format(name=name)
            )
        self.show(close[0])

    def next_unread(self) -> None:
        """Look at the next window with something unread, if there is one."""
        place = self._place()
        for window in (*self.windows[place + 1 :], *self.windows[:place]):
            if window.conversation.unread:
                self.show(window)
                return

    def close(self, window: Window) -> None:
        if window.peer is None:
            raise UserError(_("The console stays open; /quit ends termxmpp."))
        if window == self.current:
            place = self._place()
            self.show(self.windows[place - 1])
        window.client.emit(events.ConversationClosed(window.peer))

    def close_current(self) -> None:
        self.close(self.current)

    def set_watched(self, is_watched: bool) -> None:
        """Whether the terminal has the focus: only then is what comes in read."""
        self._is_watched = is_watched
        self._read()
        for client in self.clients:
            client.set_active(is_watched)

    def is_seen(self, window: Window) -> bool:
        """Whether what comes into `window` is on the screen, and somebody looks at that.

        A terminal that never says that it has lost the focus counts as looked at.
        """
        return window == self.current and self._is_watched

    def leave_terminal(self) -> None:
        """The program is about to be stopped: nobody looks, and the servers know by then."""
        self.set_watched(False)
        for client in self.clients:
            client.flush()

    def return_to_terminal(self) -> None:
        """The program goes on, after who knows how long."""
        self.set_watched(True)
        self.world_changed()

    def load_older(self) -> bool:
        """Take older messages of the conversation looked at from the records; if there are any.

        Where there are none any more, the archive may have them: then they come later.
        """
        window = self.current
        if window.peer is None:
            return False
        if window.shown.has_older:
            window.client.load_older(window.peer)
            return True
        window.client.emit(events.OlderWanted(window.peer))
        return False

    def load_newer(self) -> bool:
        """Take newer messages than the part of the past looked at from the records."""
        window = self.current
        if window.peer is None or not window.shown.has_newer:
            return False
        window.client.load_newer(window.peer)
        return True

    def set_at_end(self, *, is_at_end: bool) -> None:
        """Whether the newest messages of the window looked at are seen: only then is it read."""
        window = self.current
        if is_at_end == (window not in self.scrolled_back):
            return
        if is_at_end:
            self.scrolled_back.discard(window)
            if window.peer is not None:
                window.client.leave_past(window.peer)
            self._forget(window)
            self._read()
        else:
            self.scrolled_back.add(window)
        self._changed()

    def settle(self) -> None:
        """Make durable what has happened: the screen is about to show it."""
        for client in self.clients:
            client.settle()

    def world_changed(self) -> None:
        """The machine has slept, or its network is another."""
        for client in self.clients:
            client.world_changed()

    # Typing.

    def submit(self, text: str) -> bool:
        """Do what a line says: a command, or a message to the window's peer; False if refused."""
        self.problem = ""
        window = self.current
        is_taken = True
        try:
            self._submit(window, text, self.registry)
        except TermxmppError as error:
            self._refuse(window, error)
            is_taken = False
        self._changed()
        return is_taken

    def keep_line(self, window: Window, line: str) -> None:
        """The user has entered `line` in `window`: it can be called back, and is no draft."""
        if not line.strip() or self.registry.has_secret(line):
            self.keep_draft(window, NO_DRAFT)
        else:
            window.client.emit(events.LineEntered(window.peer, _as_text(line)))

    def keep_draft(self, window: Window, draft: Draft) -> None:
        """The user has begun to write `draft` in `window`; one with a secret is not kept."""
        if not draft.text.strip() or self.registry.has_secret(draft.text):
            draft = NO_DRAFT
        draft = Draft(_as_text(draft.text), draft.cursor)
        if draft != window.draft:
            window.client.emit(events.DraftChanged(window.peer, draft))

    def typing(self, text: str) -> None:
        """The input holds `text` now: who is written to may know (XEP-0085)."""
        is_text = bool(text.strip()) and (not text.startswith("/") or text[1:2] == "/")
        self._compose(is_composing=is_text or text.startswith(SAID_BY_COMMAND))

    def complain(self, problem: str) -> None:
        """Show `problem` in the status line until the user does something else."""
        self.problem = problem
        self._changed()

    def complete(self, text: str, cursor: int) -> list[Completion]:
        """What can stand at `cursor` of the line `text`."""
        self.folder_wanted = None
        return complete(text, cursor, self.registry, self)

    def hint(self, text: str, cursor: int) -> Hint | None:
        """What to say of the command that is being typed, if it is one."""
        return hint(text, cursor, self.registry)

    # What completion asks for (`commands.completion.CompletionSources`).

    def contacts(self) -> Iterable[tuple[str, str]]:
        for contact in self.current.client.state.contacts.values():
            yield str(contact.jid), contact.name

    def rooms(self) -> Iterable[tuple[str, str]]:
        for room in self.current.client.state.rooms.values():
            yield str(room.jid), room.subject or room.standing.words

    def nicks(self) -> Iterable[tuple[str, str]]:
        room = self.current.room
        if room is None:
            return
        spoke = self._spoke_last(room)
        others = [each for each in room.occupants.values() if each.nick != room.nick]
        others.sort(key=lambda each: (spoke.get(each.nick, len(spoke)), each.nick.casefold()))
        yield from ((occupant.nick, occupant.role.value) for occupant in others)

    def accounts(self) -> Iterable[tuple[str, str]]:
        for client in self.clients:
            yield str(client.state.account), client.state.link.words
        yield from self._closed_accounts()

    def window_names(self) -> Iterable[tuple[str, str]]:
        for number, window in enumerate(self.windows, 1):
            yield str(number), window.title

    def named(self, kind: Kind, before: str) -> Iterable[tuple[str, str]]:
        if kind is Kind.TOPIC:
            return help_offers(self.registry)
        account = str(self.current.client.state.account.bare)
        return tuning_offers(self, kind, before, account)

    def files(self, prefix: str) -> Iterable[tuple[str, str]]:
        path, slash, name = prefix.rpartition("/")
        path += slash
        if self.folder is None or self.folder[0] != path:
            # Looking at the disk may take long: whoever asked does it beside, and asks again.
            self.folder_wanted = path
            return
        for entry, meaning in self.folder[1]:
            is_hidden = entry.startswith(".") and not name.startswith(".")
            if entry.startswith(name) and not is_hidden:
                yield path + entry, meaning
        if prefix == "~":
            yield "~/", ""

    # What the commands about accounts ask for (`accounts.Accounts`).

    def open_account(self, jid: Jid, password: str) -> Client:
        if self.new_client is None:
            raise UserError(_("No other account can be opened here."))
        client = self.new_client(jid, password)
        client.set_active(self._is_watched)
        client.observers.append(self._observe)
        self.clients = (*self.clients, client)
        self._take_settings()
        peers = (None, *client.state.conversations)
        self.windows = (*self.windows, *(Window(client, peer) for peer in peers))
        self._changed()
        return client

    async def close_account(self, client: Client) -> None:
        if len(self.clients) == 1:
            raise ValueError("a workspace needs an account")
        if self.current.client is client:
            self.show(next(each for each in self.windows if each.client is not client))
        client.observers.remove(self._observe)
        if client in self.examinations:
            self.examinations[client].cancel()
        self.clients = tuple(each for each in self.clients if each is not client)
        self.windows = tuple(each for each in self.windows if each.client is not client)
        self.selected = {
            window: key for window, key in self.selected.items() if window.client is not client
        }
        self.scrolled_back = {each for each in self.scrolled_back if each.client is not client}
        self._changed()
        await client.close()

    async def ask_secret(self, question: str) -> str:
        if self.on_secret is None:
            raise UserError(
                _("No password can be asked for here: let a password_command tell it (/help set).")
            )
        answer = await self.on_secret(question)
        if not answer:
            raise UserError(_("No password was typed; nothing has changed."))
        return answer

    # What the commands about windows and accounts ask for (`desk.Desk`).

    def list_windows(self) -> Sequence[str]:
        return [
            f"{number:2}  {window.title}" + _unread_words(window.conversation.unread)
            for number, window in enumerate(self.windows, 1)
        ]

    def list_accounts(self) -> Sequence[str]:
        lines = [
            f"{client.state.account}  {client.state.link.words}" + _problem_words(client)
            for client in self.clients
        ]
        return lines + [f"{address}  {words}" for address, words in self._closed_accounts()]

    def _closed_accounts(self) -> Iterable[tuple[str, str]]:
        """The accounts of the configuration that are not open, and what that says of them."""
        shown = {str(client.account.bare) for client in self.clients}
        for address, account in self.settings.config.accounts.items():
            if address not in shown:
                yield (
                    address,
                    _("not open; opened at each start")
                    if account.auto
                    else _("not open; /account add opens it"),
                )

    def connect(self, account: Jid | None) -> None:
        self._client(account).connect()

    def disconnect(self, account: Jid | None) -> None:
        client = self._client(account)
        client.spawn(client.disconnect())

    def show_xml(self, is_on: bool) -> None:
        self.current.client.show_xml(is_on)

    def send_xml(self, text: str) -> None:
        self.current.client.send_xml(text)

    def search(self, words: str) -> None:
        self.on_search(words)

    def open_links(self, links: Sequence[str]) -> None:
        if len(links) == 1:
            self.follow(links[0])
        else:
            self.on_links(links)

    def follow(self, link: str) -> None:
        """Open `link` in another program; what goes wrong is told."""
        self.problem = ""
        self.current.client.spawn(self._open_link(self.current, link))

    def quit(self) -> None:
        self.on_quit()

    def _submit(self, window: Window, text: str, registry: Registry) -> None:
        entered = parse(text)
        if isinstance(entered, Text):
            if not entered.text.strip():
                return
            if window.peer is None:
                raise UserError(_("This is the console: /msg JID opens a conversation."))
            has_names = self.settings.config.ui.shortcodes
            said = emoji.replaced(entered.text) if has_names else entered.text
            window.client.write(window.peer, said)
            return
        command = registry.lookup(entered)
        here = CommandContext(
            window.client,
            window.peer,
            lambda jid: self.show(Window(window.client, jid)),
            lambda notice: self._note(window, notice),
            self.selected.get(window),
            lambda text: self.on_fill(text),
        )
        context: object = here
        if command in DESK_COMMANDS:
            context = DeskContext(self, here)
        elif command in HELP_COMMANDS:
            context = HelpContext(self, here)
        elif command in ACCOUNT_COMMANDS:
            context = AccountContext(self, here)
        elif command in DOCTOR_COMMANDS:
            context = DoctorContext(self, here, window.client)
        elif command in TUNING_COMMANDS or command not in self.own_registry.commands:
            context = TuningContext(self, here)
        outcome = command.function(context, *bind(command, entered))
        if inspect.iscoroutine(outcome):
            if context is here:
                window.client.spawn(self._guarded(window, outcome))
            else:
                self._spawn(window, outcome)

    def _spawn(self, window: Window, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` beside, whatever becomes of the window's account; its errors are told."""
        task = asyncio.get_running_loop().create_task(self._guarded(window, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # It never began if the task was cancelled before.
        task.add_done_callback(lambda task: work.close())

    async def _guarded(self, window: Window, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except TermxmppError as error:
            self._refuse(window, error)
            self._changed()
        except Exception:
            logger.exception("a command failed")
            self.complain(_("Something failed: a bug of termxmpp; the log has the details."))

    def _note(self, window: Window, notice: Notice) -> None:
        """Show `notice` in `window`, or where the user looks if that is gone with its account."""
        there = window if window.client in self.clients else self.current
        there.client.emit(events.NoticeGiven(notice, there.peer))

    async def _open_link(self, window: Window, link: str) -> None:
        try:
            await open_link(link, self.settings.config.ui.opener)
        except TermxmppError as error:
            self._refuse(window, error)

    def _tell_found(self, words: str) -> None:
        """Tell what the newest messages are that hold `words`."""
        window = self.current
        if not words:
            raise UserError(_("/search needs words to look for."))
        page = window.client.search(words, window.peer, None)
        state = window.client.state
        lines = [
            f"{message.at.astimezone():%Y-%m-%d %H:%M}  {state.author_of(message)}: {message.text}"
            for _peer, message in page.found[:TOLD]
        ]
        self._tell(window, "\n".join(lines) or _("Nothing was found."))

    def _tell_links(self, links: Sequence[str]) -> None:
        words = _("There are several links in that message:")
        self._tell(self.current, "\n".join([words, *links]))

    def _tell(self, window: Window, text: str) -> None:
        notice = Notice(text, window.client.now())
        window.client.emit(events.NoticeGiven(notice, window.peer))

    def _with_aliases(self) -> Registry:
        """Every command, and behind them the user's own, which take no command's name."""

        def enter(context: TuningContext, line: str) -> None:
            # Where an alias stood for another, two could stand for one another for ever.
            self._submit(self.current, line, self.own_registry)

        aliases = self.settings.config.aliases
        made = alias_commands(aliases, self.own_registry.names, enter)
        return Registry([*self.own_registry.commands, *made])

    def _settings_changed(self) -> None:
        self.registry = self._with_aliases()
        for client in self.clients:
            self._configure(client)
        self._changed()

    def _configure(self, client: Client) -> None:
        """Let what is set hold for `client`."""
        config = self.settings.config
        account = config.account(str(client.account.bare))
        client.configure(
            ping_interval=config.network.ping_interval,
            sends_markers=account.markers,
            sends_typing=account.typing,
        )

    def _settings_wrong(self, problem: str) -> None:
        self._refuse(self.current, ConfigError(problem))
        self._changed()

    def _refuse(self, window: Window, error: TermxmppError) -> None:
        self.problem = str(error)
        self._note(window, Notice(str(error), window.client.now(), is_error=True))

    def _spoke_last(self, room: Room) -> dict[str, int]:
        """The nicks of who has spoken in `room` lately, each with its place, newest first."""
        spoke: dict[str, int] = {}
        entries = self.current.conversation.entries
        for entry in entries[: -RECENT - 1 : -1]:
            if isinstance(entry, Message) and not entry.is_own:
                spoke.setdefault(entry.author.resource, len(spoke))
        return spoke

    def _client(self, account: Jid | None) -> Client:
        if account is None:
            return self.current.client
        for client in self.clients:
            if client.state.account == account.bare:
                return client
        raise UserError(
            _("{account} is no account of this session: /account lists them.").format(
                account=account
            )
        )

    def _take_settings(self) -> None:
        config = self.settings.config
        words = config.notify.words.split(",")
        saving = Saving(
            config.ui.downloads or platformdirs.user_downloads_dir(),
            int(config.network.largest_file * 1_000_000),
            config.network.local_files,
            config.ui.pictures,
        )
        for client in self.clients:
            client.mention_words = tuple(word.strip() for word in words if word.strip())
            client.carrier.saving = saving

    def _observe(self, client: Client, event: events.Event) -> None:
        self._follow(client, event)
        for listener in self.listeners:
            listener(client, event)

    def _follow(self, client: Client, event: events.Event) -> None:
        match event:
            case events.HistoryForgotten():
                return
            case events.ConversationOpened(peer) | events.MessageWritten(peer):
                self._open(Window(client, peer))
            case events.MessageReceived(peer, message):
                window = Window(client, peer)
                self._open(window)
                if window == self.current:
                    self._read(is_seen_coming=True)
                for alert in self.alerts:
                    alert(window, message)
            case events.MessagesPlaced(peer, _, unread) if unread:
                window = Window(client, peer)
                self._open(window)
                if window == self.current:
                    self._read()
            case events.MessageChanged(peer) if Window(client, peer) == self.current:
                self._read()
            case events.ConversationClosed(peer):
                self.windows = tuple(each for each in self.windows if each != Window(client, peer))
            case events.LinkChanged(link) if link.problem:
                notice = Notice(link.problem, client.now(), is_error=True)
                client.emit(events.NoticeGiven(notice))
        match event:
            case (
                events.MessageReceived()
                | events.MessageWritten()
                | events.MessagesPlaced()
                | events.NoticeGiven()
            ):
                self._forget(Window(client, event.peer))
        self._changed()

    def _forget(self, window: Window) -> None:
        """Keep no more at hand of a long conversation than is looked at or selected."""
        is_looked_at = window in self.scrolled_back or window in self.selected
        is_open = window.peer is None or window.peer in window.client.state.conversations
        if is_open and not is_looked_at and window.conversation.is_long:
            before = len(window.conversation.entries)
            window.client.forget_older(window.peer)
            if window.conversation.is_long and len(window.conversation.entries) < before:
                asyncio.get_running_loop().call_soon(self._forget, window)

    def _open(self, window: Window) -> None:
        if window not in self.windows:
            self.windows = (*self.windows, window)

    def _read(self, *, is_seen_coming: bool = False) -> None:
        window = self.current
        is_seen = self._is_watched and window not in self.scrolled_back
        if window.peer is None or not is_seen:
            return
        if window.conversation.unread or window.conversation.is_changed:
            window.client.emit(events.ConversationRead(window.peer, is_seen_coming))

    def _compose(self, *, is_composing: bool) -> None:
        window = self.current
        if window.peer is not None:
            window.client.composing(window.peer, is_composing=is_composing)

    def _leave(self, window: Window) -> None:
        if window.peer is not None and window in self.windows:
            window.client.emit(events.ConversationLeft(window.peer))

    def _place(self) -> int:
        return self.windows.index(self.current)

    def _changed(self) -> None:
        for observer in self.observers:
            observer()


def _as_text(text: str) -> str:
    """`text` without what a terminal sent and is no character."""
    return text.encode("utf-8", "replace").decode()


def _unread_words(unread: int) -> str:
    return "  " + _("({count} unread)").format(count=unread) if unread else ""


def _problem_words(client: Client) -> str:
    problem = client.state.link.problem
    return f"  ({problem})" if problem else ""
