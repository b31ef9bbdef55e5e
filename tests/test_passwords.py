"""Where the password comes from, in the contract's order, and never from an argument."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from termxmpp.errors import ConfigError, InputError
from termxmpp.passwords import PasswordSources, find_password, keep_in_file

ME = "me@a.example"


def file(folder: Path, text: str, name: str = "password", mode: int = 0o600) -> str:
    path = folder / name
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_the_order_is_the_contracts(tmp_path: Path) -> None:
    sources = {
        "file": file(tmp_path, "from the file\n"),
        "command": "echo from the command",
        "configured_file": file(tmp_path, "from the configured file", "configured"),
        "configured_command": "echo from the configured command",
    }
    variable = {"TERMXMPP_PASSWORD": "from the variable"}
    for name, found in [
        ("file", "from the file"),
        ("command", "from the command"),
        (None, "from the variable"),
        ("configured_file", "from the configured file"),
        ("configured_command", "from the configured command"),
    ]:
        assert find_password(PasswordSources(ME, **sources), variable) == found
        if name is None:
            variable = {}
        else:
            del sources[name]


@pytest.mark.parametrize(
    ("text", "password"),
    [("secret\n", "secret"), ("secret\r\n", "secret"), (" a b \nmore\n", " a b "), ("ü", "ü")],
)
def test_a_password_is_the_first_line_and_all_of_it(
    tmp_path: Path, text: str, password: str
) -> None:
    assert find_password(PasswordSources(ME, file=file(tmp_path, text)), {}) == password


@pytest.mark.parametrize("text", ["", "\n", "\nsecret\n"])
def test_an_empty_first_line_is_no_password(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="is empty"):
        find_password(PasswordSources(ME, file=file(tmp_path, text)), {})


def test_a_file_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can't be read"):
        find_password(PasswordSources(ME, file=str(tmp_path / "none")), {})
    with pytest.raises(InputError, match="can't be read"):
        find_password(PasswordSources(ME, file=str(tmp_path)), {})


def test_a_file_that_others_can_read_is_warned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = file(tmp_path, "secret\n", mode=0o644)
    assert find_password(PasswordSources(ME, file=name), {}) == "secret"
    told = capsys.readouterr().err
    assert "chmod 600" in told
    assert "secret" not in told


@pytest.mark.parametrize("command", ["exit 3", "kill -9 $$"])
def test_a_command_that_fails_is_told(command: str) -> None:
    with pytest.raises(ConfigError, match="failed"):
        find_password(PasswordSources(ME, command=command), {})


def test_a_command_that_prints_nothing_has_no_password() -> None:
    with pytest.raises(ConfigError, match="is empty"):
        find_password(PasswordSources(ME, command="true"), {})


def test_a_kept_password_is_for_its_owner_only_whatever_was_there(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "password"
    keep_in_file(path, " ä b")
    assert find_password(PasswordSources(ME, file=str(path)), {}) == " ä b"
    other = tmp_path / "other"
    other.write_text("not to be touched")
    path.unlink()
    path.symlink_to(other)
    keep_in_file(path, "new")
    assert path.read_text() == "new\n"
    assert not path.is_symlink()
    assert other.read_text() == "not to be touched"
    path.chmod(0o644)
    keep_in_file(path, "newer")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["password"]


def test_a_password_that_can_not_be_kept_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(ConfigError, match="can't be written"):
        keep_in_file(file / "password", "secret")
    folder = tmp_path / "password"
    folder.mkdir()
    with pytest.raises(ConfigError, match="can't be written"):
        keep_in_file(folder, "secret")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "password"]
