"""The log-in of XEP-0388 at a real server: by password, then by token, for several instances."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from termxmpp.client import Client
from termxmpp.core.jid import Jid
from termxmpp.core.link import Phase
from termxmpp.core.session import Token
from termxmpp.demo.server import PrivateProsody
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.store.store import Store
from tests.support.account import happened, make_client, online
from tests.support.extensible import extensible_prosody
from tests.support.servers import running

USED = "Client is authenticating using FAST"


@pytest.fixture(scope="module")
def extensible() -> Iterator[PrivateProsody]:
    with running(extensible_prosody({"alice": "wonder"})) as server:
        yield server


def test_the_second_log_in_is_by_the_token_of_the_first(
    extensible: PrivateProsody, tmp_path: Path
) -> None:
    path = tmp_path / "alice.sqlite"

    async def main(mainloop: EpollMainLoop) -> None:
        used = extensible.log().count(USED)
        for password in ("wonder", "forgotten"):
            records = Store(path)
            async with online(mainloop, extensible, "alice@localhost", password, records) as alice:
                assert alice.jid.resource.startswith("termxmpp")
                assert "urn:xmpp:carbons:2" in alice.enabled
                assert records.token is not None
        assert extensible.log().count(USED) == used + 1

    run(main)
    assert path.stat().st_mode & 0o777 == 0o600


def test_two_of_one_account_have_names_of_their_own_and_stay_both(
    extensible: PrivateProsody, tmp_path: Path
) -> None:
    """A server ends the older session of the same user-agent id (XEP-0386 §4.2)."""
    path = tmp_path / "alice.sqlite"

    async def main(mainloop: EpollMainLoop) -> None:
        first, second = Store(path), Store(path)
        known = set()
        for records in (first, second):
            known.add(records.user_agent)
            records.commit()
        assert len(known) == 2
        async with (
            online(mainloop, extensible, "alice@localhost", "wonder", first) as one,
            online(mainloop, extensible, "alice@localhost", "wonder", second) as other,
        ):
            assert one.jid != other.jid
            for client in (one, other):
                await client.prove(5)
                assert client.state.link.phase is Phase.ONLINE
        third, fourth = Store(path), Store(path)
        assert {third.user_agent, fourth.user_agent} == known
        third.close()
        fourth.close()

    run(main)


def test_a_copy_of_the_records_on_another_machine_is_another_instance(tmp_path: Path) -> None:
    path = tmp_path / "alice.sqlite"
    records = Store(path)
    known = records.user_agent
    records.keep_token(Token("HT-SHA-256-NONE", "secret", datetime.now(UTC) + timedelta(1)))
    records.note("machine", "another")
    records.close()
    copied = Store(path)
    assert copied.user_agent != known
    assert copied.token is None
    copied.close()


def test_a_resource_of_the_users_own_is_kept(extensible: PrivateProsody, tmp_path: Path) -> None:
    async def main(mainloop: EpollMainLoop) -> Jid:
        records = Store(tmp_path / "alice.sqlite")
        async with online(mainloop, extensible, "alice@localhost/desk", "wonder", records) as alice:
            return alice.jid

    assert run(main) == Jid.parse("alice@localhost/desk")


def test_a_wrong_password_is_refused_and_told(extensible: PrivateProsody, tmp_path: Path) -> None:
    async def main(mainloop: EpollMainLoop) -> Client:
        alice = make_client(mainloop, extensible, "alice@localhost", "wrong")
        async with happened(alice, lambda event: alice.state.link.phase is Phase.REFUSED):
            alice.connect()
        await alice.close()
        return alice

    assert "wrong user name or password" in str(run(main).failure)
