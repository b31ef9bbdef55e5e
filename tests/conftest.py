"""Fixtures for all tests: the servers are real, private, and started once."""

from __future__ import annotations

import os

# What is told is compared in English; children have it from the environment. Before any import
# of ours, since the language is that of the start.
os.environ["LANGUAGE"] = "en"

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from termxmpp.demo.server import PrivateProsody
from tests.support.account import LiveServer
from tests.support.ejabberd import PrivateEjabberd
from tests.support.harness import Actor
from tests.support.servers import USERS, running

# What is drawn holds times of day.
os.environ["TZ"] = "UTC"
time.tzset()

# How long an example takes to be made and tried says how busy the machine is.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(scope="session")
def prosody() -> Iterator[PrivateProsody]:
    """A private Prosody with the accounts alice (password `wonder`) and bob (`build`)."""
    with running(PrivateProsody(USERS)) as server:
        yield server


@pytest.fixture(scope="session")
def ejabberd() -> Iterator[PrivateEjabberd]:
    """A private ejabberd with the same accounts."""
    with running(PrivateEjabberd(USERS)) as server:
        yield server


@pytest.fixture(scope="session", params=["prosody", "ejabberd"])
def server(request: pytest.FixtureRequest) -> LiveServer:
    """Each of the two."""
    found: LiveServer = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def alices() -> Iterator[Callable[..., Actor]]:
    """Makes an alice, online, with what `Actor` is to be made with; all end with the test."""
    made: list[Actor] = []

    def make(*args: Any, **kwargs: Any) -> Actor:
        actor = Actor(*args, **kwargs)
        made.append(actor)
        actor.goes_online()
        return actor

    yield make
    for actor in made:
        actor.close()


@pytest.fixture
def alice() -> Iterator[Actor]:
    """alice@example.org, online, with Bob and Carol in her roster."""
    actor = Actor()
    actor.goes_online()
    actor.forgets()
    yield actor
    actor.close()
