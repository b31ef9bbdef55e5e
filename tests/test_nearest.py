import subprocess
import sys

import pytest

from termxmpp.nearest import nearest


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("serach", "search"), ("jion", "join"), ("sreach", "search"), ("xyzzy", None), ("", None)],
)
def test_a_slip_is_understood_and_nothing_else(typed: str, meant: str | None) -> None:
    assert nearest(typed, ("join", "search", "set")) == meant


def test_who_mistypes_nothing_does_not_pay_for_it() -> None:
    program = "import termxmpp.cli, termxmpp.ui, sys; print('difflib' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert found.stdout == b"False\n"
