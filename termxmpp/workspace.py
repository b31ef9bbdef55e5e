"""The accounts that are open, the windows over all of them, and what a typed line does.

The workspace knows no terminal: a user interface observes it, and says by what it asks.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import platformdirs

from termxmpp.attendance import Attendance
from termxmpp.client import Client
from termxmpp.commands.completion import Completion, complete
from termxmpp.commands.hint import Hint, hint
from termxmpp.commands.parser import Text, bind, parse
from termxmpp.commands.registry import Registry
from termxmpp.core import emoji, events
from termxmpp.core.draft import NO_DRAFT, Draft
from termxmpp.core.gist import gist
from termxmpp.core.jid import Jid
from termxmpp.core.link import Phase
from termxmpp.core.message import Message, Notice
from termxmpp.core.room import FoundRoom
from termxmpp.doctor.terminal import TerminalFacts
from termxmpp.errors import ConfigError, TermxmppError, UserError
from termxmpp.feature import CommandContext
from termxmpp.filling import Filled, Question
from termxmpp.keyboard import Keyboard
from termxmpp.offering import Offers
from termxmpp.opener import open_link
from termxmpp.repertoire import WORKSPACE_COMMANDS, all_commands, context_of, with_aliases
from termxmpp.settings import Settings, disclosure_of
from termxmpp.transfers.carrier import Saving
from termxmpp.window import Window
from termxmpp.windows import Windows
from termxmpp.words import _
from termxmpp.xmpp.traffic import Traffic

__all__ = ["WORKSPACE_COMMANDS", "Window", "Workspace"]

logger = logging.getLogger(__name__)

# What is there without any file.
THEMES = ("dark", "light", "contrast", "ascii")

# So much is told of what a search has found where there is no list to go through.
TOLD = 20


# What is typed behind these goes to who is written to, as a text does.
SAID_BY_COMMAND = ("/me ", "/reply ", "/correct ")


class Workspace(Windows):
    """The windows of `clients`, and all that commands act on.

    `on_quit` is what `/quit` does, `on_search` what `/search` does, `on_links` what `/open` does
    with a message that has several links, `on_rooms` shows rooms to choose from, if it can just
    now, `on_fill` puts a text into the input, `on_look_from` looks at the window from the message
    with that key on. `keyboard` is what keys can do, `on_secret` asks for a password, `on_form`
    for a form, one at a time. `new_client` makes an account a part of the session, and
    `records_of` says where its records are. `password_given_by` is the option or variable that
    has told the password, if one has. `terminal_facts` tells what the terminal is, `examinations`
    are those under way. `offers` is what completion can offer; `attendance` is told of every key.
    `opened` are the keys of the messages that are shown though their authors have hidden them;
    `on_reveal` is called with each that is.
    """

    def __init__(self, clients: Sequence[Client], settings: Settings | None = None) -> None:
        super().__init__(clients)
        self.settings = settings or Settings()
        self.on_quit: Callable[[], None] = lambda: None
        self.on_search: Callable[[str], None] = self._tell_found
        self.on_links: Callable[[Sequence[str]], None] = self._tell_links
        self.on_fill: Callable[[str], None] = lambda text: None
        self.on_rooms: Callable[[Window, Sequence[FoundRoom]], bool] = lambda window, rooms: False
        self.on_look_from: Callable[[int], None] = lambda key: None
        self.attendance = Attendance(self._attended)
        self.offers = Offers(self)
        # Keys are numbers of one account's records: another account has the same ones.
        self.opened: dict[Window, set[int]] = {}
        self.on_reveal: Callable[[Window, Message], None] = lambda window, message: None
        self._tasks: set[asyncio.Task[None]] = set()
        self.new_client: Callable[[Jid, str], Client] | None = None
        self.password_given_by = ""
        self.records_of: Callable[[Jid], Path | None] = lambda jid: None
        self.on_secret: Callable[[str], Awaitable[str]] | None = None
        self.on_form: Callable[[Question], Awaitable[Filled | None]] | None = None
        self._form_turn = asyncio.Lock()
        self.terminal_facts: Callable[[], TerminalFacts | None] = lambda: None
        self.examinations: dict[Client, asyncio.Task[None]] = {}
        self.own_registry = all_commands(self.clients)
        self.registry = self._with_aliases()
        self.keyboard = Keyboard(())
        self.theme_names: Callable[[], Sequence[str]] = lambda: THEMES
        self.settings.observers.append(self._settings_changed)
        self.settings.complaints.append(self._settings_wrong)
        for client in self.clients:
            client.on_form = partial(self.ask_form, client)
        self.settings.observers.append(self._take_settings)
        self._take_settings()

    async def end(self) -> None:
        """End all that is under way, and all accounts."""
        self.attendance.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(client.close() for client in self.clients))

    def _attended(self, absent_for: float) -> None:
        """Nobody has touched a key for so many seconds; with 0 somebody does again."""
        for client in self.clients:
            absence = timedelta(seconds=absent_for)
            client.set_idle(client.now() - absence if absent_for else None)

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
        self.offers.folder_wanted = None
        return complete(text, cursor, self.registry, self.offers)

    def hint(self, text: str, cursor: int) -> Hint | None:
        """What to say of the command that is being typed, if it is one."""
        return hint(text, cursor, self.registry)

    # What the commands about accounts ask for (`accounts.Accounts`).

    def open_account(self, jid: Jid, password: str) -> Client:
        if self.new_client is None:
            raise UserError(_("No other account can be opened here."))
        client = self.new_client(jid, password)
        client.set_active(self._is_watched)
        client.on_form = partial(self.ask_form, client)
        self.clients = (*self.clients, client)
        self._take_settings()
        self._add_windows(client)
        self._changed()
        return client

    async def close_account(self, client: Client) -> None:
        if len(self.clients) == 1:
            raise ValueError("a workspace needs an account")
        self._drop_windows(client)
        if client in self.examinations:
            self.examinations[client].cancel()
        self.clients = tuple(each for each in self.clients if each is not client)
        self.opened = {
            window: keys for window, keys in self.opened.items() if window.client is not client
        }
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

    async def ask_form(self, client: Client, question: Question) -> Filled | None:
        """What the user answers to `question` of the account `client`, when it is its turn."""
        if self.on_form is None:
            raise UserError(_("No form can be filled in here."))
        if len(self.clients) > 1:
            title = f"{client.state.account}: {question.title}"
            question = replace(question, title=title)
        async with self._form_turn:
            return await self.on_form(question)

    # What the commands about windows and accounts ask for (`desk.Desk`).

    def list_accounts(self) -> Sequence[str]:
        lines = [
            f"{client.state.account}  {client.state.link.words}" + _problem_words(client)
            for client in self.clients
        ]
        return lines + [f"{address}  {words}" for address, words in self.offers.closed_accounts()]

    def connect(self, account: Jid | None) -> None:
        client = self._client(account)
        if client.is_online:
            raise UserError(_("{account} is online already.").format(account=client.state.account))
        client.connect()

    def disconnect(self, account: Jid | None) -> None:
        client = self._client(account)
        if client.state.link.phase is Phase.OFFLINE:
            raise UserError(_("{account} is offline already.").format(account=client.state.account))
        client.spawn(client.disconnect())

    def show_xml(self, wanted: Traffic | None) -> None:
        self.current.client.link.show_xml(wanted)

    def send_xml(self, text: str) -> None:
        self.current.client.send_xml(text)

    def search(self, words: str) -> None:
        self.on_search(words)

    def is_hidden(self, message: Message, window: Window | None = None) -> bool:
        """Whether the author of `message` has hidden it (XEP-0382), and nobody asked for it yet.

        It stands in `window`, or in that which is looked at.
        """
        opened = self.opened.get(window or self.current, ())
        return message.spoiler is not None and message.key not in opened

    def reveal(self, key: int) -> None:
        here = self.current
        opened = self.opened.setdefault(here, set())
        opened.symmetric_difference_update({key})
        message = here.shown.message(key)
        if message is not None and key in opened:
            self.on_reveal(here, message)
        self._changed()

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
            lambda key: self.on_look_from(key),
            self.ask_secret,
            lambda rooms: self.on_rooms(window, rooms),
        )
        context = context_of(command, self, here, window.client)
        outcome = command.function(context, *bind(command, entered))
        if inspect.iscoroutine(outcome):
            if context is here:
                # It ends with its account, and its errors are told where it was typed.
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
        page = window.client.recall.search(words, window.peer, None)
        state = window.client.state

        def line(peer: Jid, message: Message) -> str:
            is_hidden = self.is_hidden(message, Window(window.client, peer))
            said = gist(message, is_open=not is_hidden)
            return f"{message.at.astimezone():%Y-%m-%d %H:%M}  {state.author_of(message)}: {said}"

        lines = [line(*each) for each in page.found[:TOLD]]
        self._tell(window, "\n".join(lines) or _("Nothing was found."))

    def _tell_links(self, links: Sequence[str]) -> None:
        words = _("There are several links in that message:")
        self._tell(self.current, "\n".join([words, *links]))

    def _tell(self, window: Window, text: str) -> None:
        notice = Notice(text, window.client.now())
        window.client.emit(events.NoticeGiven(notice, window.peer))

    def _with_aliases(self) -> Registry:
        def enter(line: str) -> None:
            # Where an alias stood for another, two could stand for one another for ever.
            self._submit(self.current, line, self.own_registry)

        return with_aliases(self.own_registry, self.settings.config.aliases, enter)

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
            disclosure=disclosure_of(account),
        )

    def _settings_wrong(self, problem: str) -> None:
        self._refuse(self.current, ConfigError(problem))
        self._changed()

    def _refuse(self, window: Window, error: TermxmppError) -> None:
        self.problem = str(error)
        self._note(window, Notice(str(error), window.client.now(), is_error=True))

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
            client.tells_comings = config.ui.comings
            client.carrier.saving = saving


def _as_text(text: str) -> str:
    """`text` without what a terminal sent and is no character."""
    return text.encode("utf-8", "replace").decode()


def _problem_words(client: Client) -> str:
    problem = client.state.link.problem
    return f"  ({problem})" if problem else ""
