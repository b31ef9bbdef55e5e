"""The configuration while the program runs: what holds now, and who is told when it changes.

It changes both ways: what the user sets holds at once and is written into the file; what is
written into the file by hand is read again. A file that is wrong changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from termxmpp.config import AccountConfig, Config
from termxmpp.config_keys import Edit, with_edits
from termxmpp.config_reading import load
from termxmpp.config_writing import write
from termxmpp.core.disclosure import Disclosure
from termxmpp.errors import ConfigError
from termxmpp.mainloop.watch import FileWatch
from termxmpp.words import _

__all__ = ["Settings", "disclosure_of"]


class Settings:
    """`config` as it holds now, from the file at `path` (None: from no file).

    `observers` are called after each change, `complaints` with what is wrong with the file.
    """

    def __init__(self, config: Config | None = None, path: Path | None = None) -> None:
        self.config = config or Config()
        self.path = path
        self.observers: list[Callable[[], None]] = []
        self.complaints: list[Callable[[str], None]] = []
        self._actions: Collection[str] | None = None
        self._watch: FileWatch | None = None
        self._writing = asyncio.Lock()
        self._unwritten = 0

    def replace(self, config: Config) -> None:
        """Let `config` hold from now on."""
        if config != self.config:
            self.config = config
            for observer in self.observers:
                observer()

    def know_actions(self, names: Collection[str]) -> None:
        """What a key can do is known from now on; ConfigError if the file says anything else."""
        self._actions = names
        if self.path is not None and self.config.keys:
            load(self.path, is_required=False, actions=names)

    def open(self) -> None:
        """Read the file again whenever it changes, from now on."""
        if self.path is not None:
            self._watch = FileWatch(self.path, self.reload)
            self._watch.open()

    def close(self) -> None:
        """Look at the file no more."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    def reload(self) -> None:
        """Take over what the file says now; what is wrong with it is told, and nothing changes."""
        if self.path is None or self._unwritten:
            # What is not yet in the file holds nevertheless; it is looked at again behind that.
            return
        try:
            config = load(self.path, is_required=True, actions=self._actions)
        except ConfigError as error:
            for complain in self.complaints:
                complain(_("{error} What held before holds on.").format(error=error))
        else:
            self.replace(config)

    async def change(self, edits: Sequence[Edit]) -> None:
        """Let `edits` hold at once, and bring them into the file.

        ConfigError if the file can't take them: then they hold until the program ends.
        """
        self.replace(with_edits(self.config, edits))
        if self.path is None:
            return
        self._unwritten += 1
        try:
            async with self._writing:
                await write(self.path, edits)
        except ConfigError as error:
            raise ConfigError(
                _("{error} What was set holds until termxmpp ends.").format(error=error)
            ) from None
        finally:
            self._unwritten -= 1
        self.reload()


def disclosure_of(account: AccountConfig) -> Disclosure:
    """What `account` is set to let others know of the user."""
    return Disclosure(account.idle, account.time, int(account.priority), account.attention)
