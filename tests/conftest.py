"""Fixtures for all tests: the servers are real, private, and started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from termxmpp.demo.server import PrivateProsody


@pytest.fixture(scope="session")
def prosody() -> Iterator[PrivateProsody]:
    """A private Prosody with the accounts alice (password `wonder`) and bob (`build`)."""
    server = PrivateProsody({"alice": "wonder", "bob": "build"})
    try:
        server.start()
        yield server
    finally:
        server.close()
