"""The configuration file: everything in it has a meaning, or is told with its place."""

from __future__ import annotations

import tomllib
from dataclasses import asdict
from pathlib import Path

import pytest

from termxmpp.config import (
    AccountConfig,
    Config,
    NetworkConfig,
    NotifyConfig,
    UiConfig,
    config_help,
)
from termxmpp.config_reading import load
from termxmpp.errors import ConfigError


def read(folder: Path, text: str) -> Config:
    path = folder / "config.toml"
    path.write_text(text)
    return load(path, is_required=True)


def test_an_account_is_read_and_others_have_the_defaults(tmp_path: Path) -> None:
    config = read(tmp_path, '[account."me@a.example"]\nauto = true\nserver = "a.example:5223"\n')
    assert config.account("me@a.example") == AccountConfig(auto=True, server="a.example:5223")
    assert config.account("you@a.example") == AccountConfig()


def test_the_help_is_a_file_with_every_key_and_its_default() -> None:
    document = tomllib.loads(config_help())
    [account] = document["account"].values()
    assert account == asdict(AccountConfig())
    assert document["network"] == asdict(NetworkConfig())
    assert document["ui"] == asdict(UiConfig())
    assert document["notify"] == asdict(NotifyConfig())
    assert document["keys"] == document["alias"] == {}


@pytest.mark.parametrize("value", ["0", "60", "0.5", "86400"])
def test_the_ping_interval_is_a_number(tmp_path: Path, value: str) -> None:
    config = read(tmp_path, f"[network]\nping_interval = {value}\n")
    assert config.network.ping_interval == float(value)


@pytest.mark.parametrize("value", ["-1", "true", '"60"', "inf", "nan", "86401", "1" * 400, "[1]"])
def test_any_other_ping_interval_is_told(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigError, match=r"config.toml:2: ping_interval of network must be a nu"):
        read(tmp_path, f"[network]\nping_interval = {value}\n")


@pytest.mark.parametrize("value", [-128, -1, 0, 127])
def test_a_priority_is_within_its_limits(tmp_path: Path, value: int) -> None:
    text = f'[account."me@a.example"]\npriority = {value}\n'
    assert read(tmp_path, text).account("me@a.example").priority == value


@pytest.mark.parametrize("value", ["-129", "128", "true", '"5"'])
def test_any_other_priority_is_told(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigError, match=r"priority of .* must be a number from -128 to 127"):
        read(tmp_path, f'[account."me@a.example"]\npriority = {value}\n')


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[account."me@a.example"]\nservr = "x"\n', 2, "did you mean 'server'?"),
        ('\n[acount."me@a.example"]\n', 2, "did you mean 'account'?"),
        ('[account."me@a.example"]\nauto = "yes"\n', 2, "auto of account me@a.example must be"),
        ('[account."me@a.example"]\nserver = 1\n', 2, "must be a text in quotes"),
        ('[account]\n"me@a.example" = 1\n', 2, "must be a table"),
        ("account = 1\n", 1, "must be tables"),
        ('[account."me@a.example"]\nmarkers = 1\n', 2, "markers of account me@a.example must be"),
        (
            "[network]\nping = 1\n",
            2,
            "unknown key 'ping' of network; there are ping_interval, proxy, largest_file, local_f",
        ),
        ('[network]\nproxy = "https://me:x@a:1"\n', 2, "proxy of network must be socks5://HOST"),
        ('[account."me@a.example"]\nserver = "a:b"\n', 2, "must be HOST or HOST:PORT, or as in"),
        ('[account."me@a.example"]\npin = "sha1:0"\n', 2, "must be sha256: and 64 hexadecimal"),
        ('[account."me@a.example"]\nproxy = "tor"\n', 2, "must be socks5://HOST:PORT or http"),
        ("[network]\nping_intervall = 1\n", 2, "did you mean 'ping_interval'?"),
        ("network = 1\n", 1, "must be a table"),
        ("[netwrok]\n", 1, "did you mean 'network'?"),
        ("[account\n", 1, "line 1"),
    ],
)
def test_what_is_wrong_is_told_with_file_line_and_key(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        read(tmp_path, text)
    told = str(raised.value)
    assert words in told
    assert f"config.toml:{line}:" in told or f"line {line}" in told


def test_a_file_that_was_not_named_need_not_be_there(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml", is_required=False) == Config()
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "none.toml", is_required=True)
    with pytest.raises(ConfigError, match="can't be read"):
        load(tmp_path, is_required=False)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="can't be read"):
        load(path, is_required=True)


def test_what_can_not_be_told_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config.toml:2: .*own, receipts, presence"):
        read(tmp_path, '[listen]\ntell = "presence, moods"\n')
    assert read(tmp_path, '[listen]\ntell = " presence,own"\n').listen.tell == " presence,own"
