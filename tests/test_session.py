"""From what the user asked to a plan and a client: the command line, then the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import platformdirs
import pytest

from termxmpp.access import LONGEST_NAME
from termxmpp.arguments import Arguments
from termxmpp.client import Client
from termxmpp.config import AccountConfig, Config, NetworkConfig
from termxmpp.core.jid import Jid
from termxmpp.errors import ConfigError, InputError, UserError
from termxmpp.features import FEATURES
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.session import Plan, make_client, plan, records_path
from termxmpp.store.unstored import Unstored
from termxmpp.xmpp.resolver import Candidate
from termxmpp.xmpp.tls import TlsOptions
from tests.support.harness import ALICE

PIN, OTHER_PIN = "ab" * 32, "cd" * 32


@pytest.fixture
def password(tmp_path: Path) -> str:
    return secret(tmp_path, "wonder")


def secret(folder: Path, text: str) -> str:
    path = folder / text
    path.write_text(f"{text}\n")
    path.chmod(0o600)
    return str(path)


def planned(configured: AccountConfig, arguments: Arguments, jid: Jid = ALICE) -> Plan:
    return plan(jid, arguments, Config({str(jid.bare): configured}))


@pytest.mark.parametrize(
    ("arguments", "configured", "server"),
    [
        ({}, {}, None),
        ({"server": "a.example"}, {}, Candidate("a.example", 5222)),
        ({"server": "a.example:99"}, {"server": "b.example"}, Candidate("a.example", 99)),
        ({}, {"server": "b.example"}, Candidate("b.example", 5222)),
        ({}, {"server": "b.example", "direct_tls": True}, Candidate("b.example", 5223, True)),
        ({"direct_tls": True}, {"server": "b.example"}, Candidate("b.example", 5223, True)),
        ({"direct_tls": True}, {}, Candidate("example.org", 5223, True)),
        ({}, {"direct_tls": True}, Candidate("example.org", 5223, True)),
        # How the one configured is to be spoken to says nothing of another one.
        (
            {"server": "a.example"},
            {"server": "b.example", "direct_tls": True},
            Candidate("a.example", 5222),
        ),
    ],
)
def test_where_to_dial(
    password: str,
    arguments: dict[str, Any],
    configured: dict[str, Any],
    server: Candidate | None,
) -> None:
    found = planned(AccountConfig(**configured, password_file=password), Arguments(**arguments))
    assert found.connection.server == server
    assert found.connection.jid == ALICE


def test_whom_to_trust(password: str, tmp_path: Path) -> None:
    """`--pin` and `--ca-file` come before what is configured."""
    mine, other = tmp_path / "mine.pem", tmp_path / "other.pem"
    for path in (mine, other):
        path.touch()
    configured = AccountConfig(
        ca_file=str(other), pin=f"sha256:{OTHER_PIN}", password_file=password
    )
    assert planned(configured, Arguments()).connection.tls == TlsOptions(other, OTHER_PIN)
    arguments = Arguments(ca_file=str(mine), pin=f"sha256:{PIN}")
    assert planned(configured, arguments).connection.tls == TlsOptions(mine, PIN)
    nothing = AccountConfig(password_file=password)
    assert planned(nothing, Arguments()).connection.tls == TlsOptions()


@pytest.mark.parametrize(
    ("configured", "error"),
    [
        (AccountConfig(ca_file="/nowhere/ca.pem"), InputError),
        (AccountConfig(ca_file="/"), InputError),
        (AccountConfig(pin="sha1:00"), ConfigError),
        (AccountConfig(server="b.example:x"), UserError),
        (AccountConfig(password_file="/nowhere/password"), UserError),
    ],
)
def test_what_can_not_be_meant_is_told_before_anything_is_dialled(
    configured: AccountConfig, error: type[Exception]
) -> None:
    with pytest.raises(error):
        planned(configured, Arguments())


NEAR, FAR = "socks5://127.0.0.1:9050", "http://me:secret@far:3128"


@pytest.mark.parametrize(
    ("given", "of_account", "of_all", "host"),
    [
        ("", "", "", None),
        (NEAR, "", "", "127.0.0.1"),
        (NEAR, FAR, FAR, "127.0.0.1"),
        ("", FAR, NEAR, "far"),
        ("", "", FAR, "far"),
        ("", "none", FAR, None),
        ("none", FAR, FAR, None),
    ],
)
def test_which_proxy(
    password: str, given: str, of_account: str, of_all: str, host: str | None
) -> None:
    configured = AccountConfig(proxy=of_account, password_file=password)
    config = Config({str(ALICE): configured}, network=NetworkConfig(proxy=of_all))
    settings = plan(ALICE, Arguments(proxy=given), config).connection
    assert (settings.proxy.host if settings.proxy else None) == host
    assert (settings.first_place.host if settings.first_place else None) == host
    assert "secret" not in repr(settings)


@pytest.mark.parametrize("proxy", ["socks5://me:secret@127.0.0.1:9050", "https://a:1", "a:1080"])
def test_a_proxy_that_can_not_be_is_wrong_usage(password: str, proxy: str) -> None:
    """So is a password in it: whoever is on this machine can see the arguments of all."""
    with pytest.raises(UserError) as raised:
        planned(AccountConfig(password_file=password), Arguments(proxy=proxy))
    assert raised.value.exit_status == 64
    assert "secret" not in str(raised.value)


def test_who_logs_in_and_by_what(tmp_path: Path) -> None:
    """The user of the address; the password by the contract's order."""
    configured = AccountConfig(password_file=secret(tmp_path, "wonder"))
    found = planned(configured, Arguments()).credentials
    assert (found.username, found.password) == ("alice", "wonder")
    by_hand = Arguments(password_file=secret(tmp_path, "build"))
    assert planned(configured, by_hand).credentials.password == "build"


def path_of(address: str, password: str, folder: Path | None = None) -> Path:
    configured = AccountConfig(password_file=password)
    return records_path(planned(configured, Arguments(), Jid.parse(address)), folder)


def test_each_account_has_its_file(password: str, tmp_path: Path) -> None:
    """Whatever its resource is, and however it was written."""
    found = path_of("Alice@Example.ORG/desk", password, tmp_path)
    assert found == tmp_path / "alice@example.org.sqlite"
    assert path_of("alice@example.org", password, tmp_path) == found


def test_it_is_with_the_users_data_unless_said_otherwise(password: str) -> None:
    found = path_of("alice@example.org", password)
    assert found == platformdirs.user_data_path("termxmpp") / "alice@example.org.sqlite"


def test_a_name_that_no_file_can_have_is_told_by_its_hash(password: str, tmp_path: Path) -> None:
    """Each by its own; a file system takes 255 bytes, not characters."""
    long, other = f"{'a' * 1000}@example.org", f"{'ü' * 100}@example.org"
    paths = [path_of(address, password, tmp_path) for address in (long, other)]
    assert paths[0] != paths[1]
    for path in paths:
        assert len(path.name.encode()) <= LONGEST_NAME
        path.touch()
        path.with_name(f"{path.name}.damaged-1790000000-wal").touch()


@pytest.mark.parametrize("address", [r"..\a@example.org", "..@example.org", "-rf@example.org"])
def test_no_name_leads_out_of_the_folder(password: str, tmp_path: Path, address: str) -> None:
    found = path_of(address, password, tmp_path)
    assert found.parent == tmp_path
    assert found.resolve().parent == tmp_path.resolve()


def client_of(config: Config) -> Client:
    found: list[Client] = []

    async def main(mainloop: EpollMainLoop) -> None:
        the_plan = plan(ALICE, Arguments(), config)
        found.append(make_client(the_plan, mainloop, FEATURES, Unstored()))
        await found[0].close()

    run(main)
    return found[0]


def test_the_settings_reach_the_client_of_their_account(password: str) -> None:
    account = AccountConfig(password_file=password, markers=False)
    client = client_of(Config({str(ALICE): account}, network=NetworkConfig(ping_interval=0)))
    assert (client.sends_markers, client.ping_interval) == (False, 0)
    client = client_of(Config({str(ALICE): AccountConfig(password_file=password)}))
    assert (client.sends_markers, client.ping_interval) == (True, 300)
