"""An account whose archive holds more than anybody wants to write: a Prosody made up by hand.

The archive is in SQLite, as Prosody keeps it where it is told so: its own files are read as a
whole for each page.
"""

from __future__ import annotations

import sqlite3
import time

from termxmpp.demo.server import PrivateProsody
from termxmpp.mainloop import EpollMainLoop, run
from tests.support.account import online

__all__ = ["archived_prosody"]

_STORAGE = """\
storage = { archive = "sql" }
sql = { driver = "SQLite3", database = "prosody.sqlite" }
storage_archive_item_limit = 10000000
log = { info = "*console" }
"""


def archived_prosody(count: int) -> PrivateProsody:
    """A server that runs, with alice and bob, who have written `count` messages in turns."""
    server = PrivateProsody({"alice": "wonder", "bob": "build"}, extra=_STORAGE)
    try:
        server.start()
        _make_tables(server)
        db = sqlite3.connect(server.folder / "data" / "prosody.sqlite")
        begin = int(time.time()) - count
        with db:
            db.execute("DELETE FROM prosodyarchive")
            db.executemany(
                'INSERT INTO prosodyarchive (host, user, store, "when", "with", key, type, value)'
                " VALUES ('localhost', 'alice', 'archive', ?, 'bob@localhost', ?, 'xml', ?)",
                (
                    (begin + number, f"archived-{number}", _message(number))
                    for number in range(count)
                ),
            )
        db.close()
        # The number of messages is known from then on, and wrong now.
        server.restart()
        return server
    except BaseException:
        server.close()
        raise


def _make_tables(server: PrivateProsody) -> None:
    """Prosody makes them with the first message."""

    async def write(mainloop: EpollMainLoop) -> None:
        async with online(mainloop, server, "bob@localhost", "build") as bob:
            bob.write(bob.account.with_resource(""), "the first")
            await bob.prove(20)

    run(write)


def _message(number: int) -> str:
    sender, to = ("alice", "bob") if number % 2 else ("bob", "alice")
    return (
        f"<message xmlns='jabber:client' type='chat' id='m{number}' from='{sender}@localhost/desk'"
        f" to='{to}@localhost'><origin-id xmlns='urn:xmpp:sid:0' id='m{number}'/>"
        f"<body>message {number}, about as long as people's messages are</body></message>"
    )
