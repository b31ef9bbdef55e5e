"""From the command line to `--listen`: who hears whom, in which records, by which client."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import platformdirs

from termxmpp import session
from termxmpp.access import account_of
from termxmpp.arguments import Arguments
from termxmpp.config import Config
from termxmpp.core.jid import Jid
from termxmpp.errors import UserError
from termxmpp.features import LISTENER_FEATURES
from termxmpp.mainloop.notices import Notices
from termxmpp.passwords import password_in
from termxmpp.script.complaints import Complaints
from termxmpp.script.hearing import Heard
from termxmpp.script.listen import ListenOptions, listen
from termxmpp.script.programs import parse_command
from termxmpp.script.readiness import Readiness
from termxmpp.store.store import Store
from termxmpp.words import _

__all__ = ["Listening"]

# Where the records of listeners are, in the folder of the user's data.
FOLDER = "listening"


class Listening:
    """What is asked by `arguments` and `config`, step by step: each raises UserError for its part.

    First it is made ready (`prepare`), then it runs.
    """

    def __init__(self, arguments: Arguments, config: Config) -> None:
        address, words = account_of(arguments)
        if not address:
            raise UserError(
                _("Whose account listens? Give its address: termxmpp me@host --listen [FROM ...].")
            )
        listening, file = config.listen, arguments.room_password_file
        self._account = Jid.parse(address)
        self._arguments = arguments
        self._config = config
        self._plan: session.Plan | None = None
        self._options = ListenOptions(
            tuple(map(Jid.parse, words)),
            arguments.as_json,
            frozenset(word.strip() for word in listening.tell.split(",") if word.strip()),
            parse_command(arguments.program) if arguments.program else (),
            arguments.replies,
            int(listening.programs),
            listening.patience,
            arguments.nick,
            password_in(file) if file else "",
        )

    def prepare(self) -> None:
        """Find out where to dial and by which password, which may be asked for."""
        self._plan = session.plan(self._account, self._arguments, self._config)

    async def run(self, mainloop: Any) -> int:
        """Listen, until it is cancelled; see `listen`. The exit status, if it ends by itself."""
        assert self._plan is not None
        store = Store(self._records_path(), is_listener=True)
        if store.slot:
            store.close()
            raise UserError(
                _("Another termxmpp listens for {jid} already, to the same senders.").format(
                    jid=self._account.bare
                )
            )
        heard = Heard()
        client = session.make_client(
            self._plan,
            mainloop,
            (heard.feature, *LISTENER_FEATURES),
            store,
            answer_timeout=self._arguments.timeout,
        )
        complaints = Complaints(2)
        notices = Notices(lambda kind: client.world_changed())
        notices.open()
        try:
            await listen(client, store, heard, self._options, 1, complaints, Readiness(os.environ))
        finally:
            notices.close()
            await complaints.close()
        return 0

    def _records_path(self) -> Path:
        """Where it is known what was told: for each choice of senders apart."""
        folder = platformdirs.user_data_path("termxmpp") / FOLDER
        if self._options.sources:
            names = "\n".join(sorted(map(str, self._options.sources)))
            folder /= hashlib.sha256(names.encode()).hexdigest()[:16]
        return session.records_of(self._account, folder)
