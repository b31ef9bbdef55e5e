"""The first run: an account is asked for, tried, and kept in the configuration.

Plain questions, one after the other, which can be left at any of them. Nothing is written before
the log-in has worked, or the user wants the account kept all the same; then all of it is, and the
chat goes on with the password, which nobody is asked for twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from termxmpp.arguments import Arguments
from termxmpp.choices import Draft, Place, Way, edits_between, place_words, way_words, ways_on
from termxmpp.config import AccountConfig, Config
from termxmpp.config_writing import write
from termxmpp.core.jid import Jid
from termxmpp.core.uris import XmppUri
from termxmpp.errors import (
    CertificateError,
    ConfigError,
    DataError,
    TermxmppError,
    UserError,
)
from termxmpp.passwords import (
    PasswordSources,
    is_keyring_usable,
    keep_in_file,
    keep_in_keyring,
    known_password,
    told_password,
)
from termxmpp.questions import InputEnded, Steps, Terminal
from termxmpp.session import connection_settings, records_of
from termxmpp.signup import sign_up
from termxmpp.store.unstored import Unstored
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.xmpp.connection import Connection, ConnectionSettings
from termxmpp.xmpp.processor import Processor
from termxmpp.xmpp.resolver import DIRECT_TLS_PORT, STARTTLS_PORT, Resolver, load, parse_server
from termxmpp.xmpp.sasl import Credentials
from termxmpp.xmpp.stream_management import StreamManagement

__all__ = ["Assistant", "Chosen", "invitation"]

PROVIDERS = "https://providers.xmpp.net"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The account to go on with; `is_kept` in the configuration, with all that leads to it."""

    jid: Jid
    password: str
    is_kept: bool


class Assistant:
    """Asks on `terminal`; keeps what comes of it in the configuration at `path`.

    What `arguments` say of the server holds for the accounts asked for here; `password` is that
    of the first one, where the command line or the environment have told it.
    """

    def __init__(
        self,
        mainloop: Any,
        terminal: Terminal,
        arguments: Arguments,
        config: Config,
        path: Path,
        password: str = "",
    ) -> None:
        self._mainloop = mainloop
        self._terminal = terminal
        self._config = config
        self._path = path.absolute()
        self._given = arguments
        self._password = password

    async def first_run(self) -> Chosen:
        """The account that the user wants to chat with, tried and kept.

        Raises InputEnded where the user ends the input, else the TermxmppError of what failed
        last where the user leaves.
        """
        say = self._terminal.say
        say(_("Welcome to termxmpp, a chat program for XMPP (Jabber)."))
        say(_("A few questions set it up; Ctrl-C leaves, and nothing is kept then."))
        say()
        first = await self._terminal.choose(
            _("What would you like to do?"),
            [
                _("Log in with an address that you have"),
                _("Make a new account on a server"),
                _("Make an account by an invitation, a link that begins with xmpp:"),
            ],
        )
        ways = (self._existing, self._new, self._invited)
        draft = await ways[first]()
        return await self._kept(await self._settled(draft))

    async def register(self, jid: Jid, token: str = "") -> Chosen:
        """The account `jid`, made on its server, and kept if the user wants that.

        With the `token` of an invitation it may be a server alone. Raises as `first_run` does.
        """
        draft = await self._made(replace(self._draft(jid), is_new=True, token=token))
        if self._config.account(str(draft.jid)).auto:
            return Chosen(draft.jid, draft.password, is_kept=False)
        answer = await self._terminal.choose(
            _("Keep {jid}, and open it whenever termxmpp is called without an address?").format(
                jid=draft.jid
            ),
            [_("Yes"), _("No, only chat now")],
        )
        if answer == 1:
            return Chosen(draft.jid, draft.password, is_kept=False)
        return await self._kept(await self._settled(draft))

    # What is asked for.

    def _draft(self, jid: Jid, before: Draft | None = None) -> Draft:
        """A beginning for `jid`: by the command line, the configuration, and what held `before`."""
        known, given = self._config.account(str(jid.bare)), self._given
        if before is not None and before.jid.domain == jid.domain:
            # What was found out about the server holds for whoever has an account there.
            way = before.account
        elif given.server or given.direct_tls:
            way = replace(known, server=given.server, direct_tls=given.direct_tls)
        else:
            way = known
        account = replace(
            known,
            auto=True,
            server=way.server,
            direct_tls=way.direct_tls,
            ca_file=_absolute(given.ca_file) or way.ca_file,
            pin=given.pin or way.pin,
            proxy=given.proxy or way.proxy,
        )
        return Draft(jid.bare, account)

    async def _existing(self, before: Draft | None = None) -> Draft:
        present = next(iter(self._config.accounts), "") if before is None else ""
        jid = await self._address(_("Your address, such as me@example.org"), _account_of, present)
        return await self._with_password(self._draft(jid, before))

    async def _new(self, before: Draft | None = None) -> Draft:
        if before is None:
            self._terminal.say(
                _("An account is made on a server, and {url} lists servers to choose from.").format(
                    url=PROVIDERS
                )
            )
        jid = await self._address(_("The server, such as example.org"), Jid.parse)
        return replace(self._draft(jid, before), is_new=True)

    async def _invited(self, before: Draft | None = None) -> Draft:
        while True:
            link = await self._terminal.ask_for(_("The link"))
            try:
                jid, token = invitation(link)
            except DataError as error:
                self._terminal.say(str(error))
                continue
            return replace(self._draft(jid, before), is_new=True, token=token)

    async def _address(self, question: str, read: Callable[[str], Jid], present: str = "") -> Jid:
        while True:
            try:
                return read(await self._terminal.ask_for(question, present))
            except InputEnded:
                raise
            except DataError as error:
                self._terminal.say(str(error))

    async def _with_password(self, draft: Draft) -> Draft:
        """`draft` with the password that is known, or typed."""
        given, self._password = self._password, ""
        if given:
            return replace(draft, password=given)
        configured = self._config.account(str(draft.jid))
        sources = PasswordSources(
            str(draft.jid),
            configured_file=configured.password_file,
            configured_command=configured.password_command,
        )
        try:
            known = await known_password(sources)
        except UserError as error:
            self._terminal.say(str(error))
            known = ""
        if known:
            return replace(draft, password=known, has_kept_password=True)
        return await self._typed(draft)

    async def _typed(self, draft: Draft) -> Draft:
        question = _("Password for {jid} (it is not shown)").format(jid=draft.jid)
        password = await self._terminal.ask_password(question)
        return replace(draft, password=password, has_kept_password=False)

    # What is tried.

    async def _settled(self, draft: Draft) -> Draft:
        """The account that can be logged in to, or is wanted all the same."""
        while True:
            try:
                if draft.is_new:
                    draft = await self._made(draft)
                await self._log_in(draft)
            except InputEnded:
                raise
            except TermxmppError as error:
                self._terminal.say(str(error))
                way = await self._way_on(draft, error)
                if way is Way.KEEP:
                    return draft
                if way is Way.LEAVE:
                    raise
                draft = await self._gone(way, draft, error)
            else:
                self._terminal.say(_("{jid} is logged in.").format(jid=draft.jid))
                return draft

    async def _made(self, draft: Draft) -> Draft:
        """`draft` once its server has made the account."""
        jid, password = await sign_up(self._mainloop, self._way(draft), self._terminal, draft.token)
        made = replace(draft, jid=jid, password=password, is_new=False)
        return made if password else await self._typed(made)

    async def _log_in(self, draft: Draft) -> None:
        """Log in and out again; raises the TermxmppError of the step that failed."""
        connection = Connection(
            self._mainloop,
            Resolver(),
            self._way(draft),
            Credentials(draft.jid.local, draft.password),
            Processor(),
            StreamManagement(Unstored(), lambda ids: None),
            Steps(self._terminal),
        )
        try:
            await connection.open()
            await connection.close()
        finally:
            connection.abort()

    def _way(self, draft: Draft) -> ConnectionSettings:
        """How to connect `draft`, by what the configuration will say."""
        accounts = {**self._config.accounts, str(draft.jid): draft.account}
        settings = connection_settings(
            draft.jid, Arguments(), replace(self._config, accounts=accounts)
        )
        load(settings.first_place)
        return settings

    # What can be done about it.

    async def _way_on(self, draft: Draft, error: TermxmppError) -> Way:
        ways = list(ways_on(draft, error))
        words = way_words()
        chosen = await self._terminal.choose(
            _("What now?"), [words[way].format(jid=draft.jid) for way in ways]
        )
        return ways[chosen]

    async def _gone(self, way: Way, draft: Draft, error: TermxmppError) -> Draft:
        match way:
            case Way.PASSWORD:
                return await self._typed(draft)
            case Way.ADDRESS | Way.EXISTING:
                return await self._existing(draft)
            case Way.OTHER_SERVER:
                return await self._new(draft)
            case Way.DIAL:
                return await self._dialed(draft)
            case Way.TRUST if isinstance(error, CertificateError):
                return await self._trusting(draft, error)
            case _:
                return draft

    async def _dialed(self, draft: Draft) -> Draft:
        """`draft` with another place to dial; the certificate must be for the same name."""
        while True:
            typed = await self._terminal.ask_for(_("Dial HOST or HOST:PORT"))
            try:
                place = parse_server(typed, is_direct_tls=False)
            except ConfigError as error:
                self._terminal.say(str(error))
                continue
            is_direct = place.port == DIRECT_TLS_PORT
            if place.port not in (STARTTLS_PORT, DIRECT_TLS_PORT):
                kind = await self._terminal.choose(
                    _("How does TLS begin there?"),
                    [_("By STARTTLS, as on port 5222"), _("At once, as on port 5223")],
                )
                is_direct = kind == 1
            account = replace(draft.account, server=typed, direct_tls=is_direct)
            return replace(draft, account=account)

    async def _trusting(self, draft: Draft, error: CertificateError) -> Draft:
        """`draft` with the certificate that was shown, if the user says so in full."""
        self._terminal.say(error.facts)
        self._terminal.say(
            _(
                "Who trusts a certificate that somebody else has put there lets them read along. "
                "Ask whoever runs the server whether this is its pin."
            )
        )
        question = _('Type "yes" to trust exactly this certificate, nothing to go back')
        answer = (await self._terminal.ask(question)).strip().casefold()
        if answer not in ("yes", _("yes")):
            self._terminal.say(_("It is not trusted."))
            return draft
        return replace(draft, account=replace(draft.account, pin=error.pin))

    # What is kept.

    async def _kept(self, draft: Draft) -> Chosen:
        """Write `draft` into the configuration, and its password where the user wants it."""
        place, account = Place.NOWHERE, draft.account
        file = records_of(draft.jid, self._path.parent).with_suffix(".password")
        if not draft.has_kept_password:
            place, account = await self._placed(draft, file)
        has_file = file.exists()
        edits = edits_between(str(draft.jid), self._config.account(str(draft.jid)), account)
        try:
            if place is Place.FILE:
                keep_in_file(file, draft.password)
            await write(self._path, edits)
        except BaseException:
            if place is Place.FILE and not has_file:
                file.unlink(missing_ok=True)
            raise
        self._terminal.say(_("The account is kept in {path}.").format(path=_short(self._path)))
        return Chosen(draft.jid, draft.password, is_kept=True)

    async def _placed(self, draft: Draft, file: Path) -> tuple[Place, AccountConfig]:
        """Where the password is to be kept, and what the configuration says of that."""
        address = str(draft.jid)
        account = replace(draft.account, password_file="", password_command="")
        places = list(Place)
        if not await is_keyring_usable(address):
            places.remove(Place.KEYRING)
        words = place_words()
        while True:
            chosen = await self._terminal.choose(
                _("Where shall the password be kept?"),
                [words[place].format(path=_short(file)) for place in places],
            )
            match places[chosen]:
                case Place.KEYRING:
                    if await keep_in_keyring(address, draft.password):
                        return Place.KEYRING, account
                    self._terminal.say(_("The keyring did not take the password."))
                    places.remove(Place.KEYRING)
                case Place.COMMAND:
                    command = await self._command(draft)
                    if command:
                        return Place.COMMAND, replace(account, password_command=command)
                case Place.FILE:
                    return Place.FILE, replace(account, password_file=_short(file))
                case Place.NOWHERE:
                    return Place.NOWHERE, account

    async def _command(self, draft: Draft) -> str:
        """The command that tells the password, tried; nothing if the user wants none."""
        question = _("Command, such as `pass show xmpp`; nothing to go back")
        while True:
            command = (await self._terminal.ask(question)).strip()
            if not command:
                return ""
            try:
                told = await told_password(command)
            except ConfigError as error:
                self._terminal.say(str(error))
                continue
            if told == draft.password:
                return command
            self._terminal.say(_("It prints, and that is not the password typed here."))


def invitation(link: str) -> tuple[Jid, str]:
    """The account or server, and the token, with which `link` invites (XEP-0445 §2).

    DataError if it makes no account.
    """
    uri = XmppUri.parse(link)
    token = uri.values.get("preauth", "")
    if uri.action == "register" and token:
        return uri.jid.bare, token
    if uri.action == "roster" and token and uri.values.get("ibr") == "y":
        # Who invites has an account there; another one is made, which is its contact.
        return Jid("", uri.jid.domain), token
    raise DataError(_("That link makes no account: it needs one that is there already."))


def _account_of(text: str) -> Jid:
    jid = Jid.parse(text)
    if not jid.local:
        raise DataError(
            _("{address} names a server only. An address looks like user@{address}.").format(
                address=jid.domain
            )
        )
    return jid.bare


def _absolute(name: str) -> str:
    """The file `name` of the command line, wherever termxmpp is called from next time."""
    return str(Path(name).expanduser().absolute()) if name else ""


def _short(path: Path) -> str:
    """`path` as it can be read in a narrow line, and opened again."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)
