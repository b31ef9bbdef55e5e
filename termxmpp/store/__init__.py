"""What is kept of an account: history, outbox, session, roster; in SQLite, or not at all.

Events are recorded here before anybody sees them, and only the store knows all that has ever
been said: so it also tells what of an event is news. `cli` and `session` choose between
`store.Store` and `unstored.Unstored`, which never loads SQLite; all others know `Records`.

`store` makes durable, on whatever disk, what `keeper` does for each event: the messages are
`history`'s (by `rows`, `copies` and `places`), who has read them `reading`'s, the rest is in
`rooms` and `tables`. `journal` is what of it is not on disk yet.
"""

from __future__ import annotations

__all__: list[str] = []
