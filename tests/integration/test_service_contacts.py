"""Who runs a real server is learnt from it, and told when it has gone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from termxmpp.core.message import Notice
from termxmpp.demo.server import MODULES, PrivateProsody
from termxmpp.mainloop import EpollMainLoop, run
from tests.integration.test_forms import User, user
from tests.support.scene import until
from tests.support.servers import running


@pytest.fixture
def server() -> Iterator[PrivateProsody]:
    with running(
        PrivateProsody(
            {"alice": "wonder"},
            modules=[*MODULES, "server_contact_info"],
            extra='contact_info = { support = { "mailto:help@localhost" } }',
        )
    ) as made:
        yield made


def is_told(someone: User) -> bool:
    entries = someone.client.state.console.entries
    told = [each.text for each in entries if isinstance(each, Notice)]
    return any("Help: mailto:help@localhost" in each for each in told)


def test_whom_to_ask_is_known_when_the_server_is_gone(server: PrivateProsody) -> None:
    async def scenario(mainloop: EpollMainLoop) -> None:
        async with user(mainloop, server, "alice") as alice:
            assert alice.client.state.service.contacts == {"support": ("mailto:help@localhost",)}
            server.stop()
            await until(lambda: not alice.client.is_online)
            alice.workspace.submit("/connect")
            await until(lambda: is_told(alice))

    run(scenario)
