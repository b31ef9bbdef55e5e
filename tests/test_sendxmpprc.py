"""The account file of the other senders, in the forms that they document."""

from __future__ import annotations

from pathlib import Path

import pytest

from termxmpp.errors import ConfigError
from termxmpp.sendxmpprc import ForeignAccount, foreign_account


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / ".sendxmpprc"
    path.touch(0o600)
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("me@a.example secret\n", ForeignAccount("me@a.example", "secret")),
        ("# mine\n\nme@a.example  secret\n", ForeignAccount("me@a.example", "secret")),
        ('me@a.example "two words"\n', ForeignAccount("me@a.example", "two words")),
        (
            "me@a.example;b.example secret\n",
            ForeignAccount("me@a.example", "secret", server="b.example"),
        ),
        (
            "me@a.example;b.example:99 secret component\n",
            ForeignAccount("me@a.example", "secret", server="b.example:99"),
        ),
        (
            "me@a.example:99 secret\n",
            ForeignAccount("me@a.example", "secret", server="a.example:99"),
        ),
        (
            "username: me@a.example\npassword: secret\n",
            ForeignAccount("me@a.example", "secret"),
        ),
        (
            'username: me@a.example\njserver: b.example\nport: 99\npassword: "two words"\n',
            ForeignAccount("me@a.example", "two words", server="b.example:99"),
        ),
        (
            "username: me\njserver: a.example\nport: 99\npassword: secret\ncomponent: x\n",
            ForeignAccount("me@a.example", "secret", server="a.example:99"),
        ),
        (
            "username: me@a.example\neval_password: pass me\nalias: ops\n",
            ForeignAccount("me@a.example", command="pass me", nick="ops"),
        ),
        ("# nothing\n", None),
    ],
)
def test_what_stands_there(tmp_path: Path, text: str, account: ForeignAccount | None) -> None:
    assert foreign_account("", written(tmp_path, text)) == account


def test_where_there_is_none_nobody_is_found(tmp_path: Path) -> None:
    assert foreign_account("", tmp_path / "none") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("me@a.example\n", "line 1: it should look like"),
        ("me secret\n", "line 1"),
        ("username: me\n", "no address"),
        ("username: me@a.example\nuser: x\n", "line 2: there are username"),
    ],
)
def test_what_cant_be_meant_names_the_line_and_hurts_no_other_account(
    tmp_path: Path, text: str, words: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError, match=words):
        foreign_account("", path)
    assert foreign_account("other@a.example", path) is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_one_that_others_can_read_is_refused_for_who_it_is_about(tmp_path: Path, mode: int) -> None:
    path = written(tmp_path, "me@a.example secret\n", mode)
    for address in ("", "me@a.example"):
        with pytest.raises(ConfigError, match="chmod 600"):
            foreign_account(address, path)
    assert foreign_account("other@a.example", path) is None
