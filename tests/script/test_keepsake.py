"""The token of scripts is kept as the secret it is, and what is damaged is no token."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from termxmpp.core.session import Token
from termxmpp.script.keepsake import Keepsake

TOKEN = Token("HT-SHA-256-ENDP", "secret", datetime.now(UTC) + timedelta(days=1))


def test_it_comes_back_with_the_one_whose_it_is(tmp_path: Path) -> None:
    path = tmp_path / "new" / "alice.token"
    kept = Keepsake(path)
    assert kept.token is None
    kept.keep_token(TOKEN)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    kept.close()
    again = Keepsake(path)
    assert (again.token, again.user_agent) == (TOKEN, kept.user_agent)
    again.keep_token(None)
    again.close()
    last = Keepsake(path)
    assert (last.token, last.user_agent) == (None, kept.user_agent)
    last.close()
    assert [each.name for each in path.parent.iterdir()] == ["alice.token"]


def test_one_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "alice.token"
    kept = Keepsake(path)
    kept.keep_token(TOKEN)
    kept.close()
    path.chmod(0o644)
    again = Keepsake(path)
    assert again.token is None
    again.close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_who_runs_beside_another_is_a_stranger_and_takes_nothing_from_it(tmp_path: Path) -> None:
    path = tmp_path / "alice.token"
    first = Keepsake(path)
    first.keep_token(TOKEN)
    second = Keepsake(path)
    assert second.token is None
    assert second.user_agent != first.user_agent
    second.keep_token(Token("HT-SHA-256-ENDP", "other", TOKEN.expires_at))
    first.close()
    third = Keepsake(path)
    assert (third.token, third.user_agent) == (TOKEN, first.user_agent)
    third.close()


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{", "null", "\0", '{"mechanism": "x"}'),
        '{"mechanism": 1, "secret": 2, "expires_at": 3}',
        '{"mechanism": "a", "secret": "b", "expires_at": "2030-01-01T00:00:00"}',
    ],
)
def test_what_is_damaged_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "alice.token"
    path.touch(0o600)
    path.write_text(text)
    kept = Keepsake(path)
    assert kept.token is None
    kept.close()


def test_where_it_cant_be_kept_the_password_does_it_the_next_time(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    kept = Keepsake(tmp_path / "file" / "alice.token")
    kept.keep_token(TOKEN)
    assert kept.token == TOKEN
