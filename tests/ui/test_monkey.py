"""Whatever is typed and whatever comes in: no exception, and no frame that is not whole."""

from __future__ import annotations

import pytest

from tests.monkey import play


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_monkey_breaks_nothing(seed: int) -> None:
    assert play(seed, bursts=25) > 0
