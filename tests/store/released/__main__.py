"""`python -m tests.store.released`: write the dump of the present version of the schema."""

from __future__ import annotations

import tempfile
from pathlib import Path

from termxmpp.store.schema import VERSION
from tests.store.released import FOLDER, dump, fill


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "alice@example.org.sqlite"
        fill(path)
        target = FOLDER / f"{VERSION}.sql"
        target.write_text(dump(path), encoding="utf-8")
        print(target)


main()
