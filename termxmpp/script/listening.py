"""From the command line to `--listen`: its options, its records, and its client."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import platformdirs

from termxmpp import session
from termxmpp.arguments import Arguments
from termxmpp.config import Config
from termxmpp.core.jid import Jid
from termxmpp.errors import UserError
from termxmpp.features import LISTENER_FEATURES
from termxmpp.mainloop.notices import Notices
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
    """What is asked of `account` by `arguments` and `config`: to hear `sources`.

    Raises UserError where that can't be meant.
    """

    def __init__(
        self, account: Jid, sources: tuple[Jid, ...], arguments: Arguments, config: Config
    ) -> None:
        listening = config.listen
        self._account = account
        self._timeout = arguments.timeout
        self._options = ListenOptions(
            sources,
            arguments.as_json,
            frozenset(word.strip() for word in listening.tell.split(",") if word.strip()),
            parse_command(arguments.program) if arguments.program else (),
            arguments.replies,
            int(listening.programs),
            listening.patience,
        )

    async def run(self, mainloop: Any, plan: session.Plan) -> None:
        """Listen, until it is cancelled; see `listen`."""
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
            plan,
            mainloop,
            (heard.feature, *LISTENER_FEATURES),
            store,
            answer_timeout=self._timeout,
        )
        complaints = Complaints(2)
        notices = Notices(lambda kind: client.world_changed())
        notices.open()
        try:
            await listen(client, store, heard, self._options, 1, complaints, Readiness(os.environ))
        finally:
            notices.close()
            await complaints.close()

    def _records_path(self) -> Path:
        """Where it is known what was told: for each choice of senders apart."""
        folder = platformdirs.user_data_path("termxmpp") / FOLDER
        if self._options.sources:
            names = "\n".join(sorted(map(str, self._options.sources)))
            folder /= hashlib.sha256(names.encode()).hexdigest()[:16]
        return session.records_of(self._account, folder)
