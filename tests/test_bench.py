"""The benches' tables: made of figures, whatever these are. No figure is asserted here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.bench.beside import archive
from tests.bench.beside.plan import QUICK
from tests.bench.clients import CLIENTS
from tests.bench.plot import Curve, plot
from tests.bench.tables import BEGIN, END, Figures, machine, put

SVG = "{http://www.w3.org/2000/svg}"


def figures() -> Figures:
    """Two rounds of one program, one of another, and a third that had no part in it."""
    figures = Figures(["termxmpp", "mcabber", "poezio"])
    for wall in (120.0, 1300.0, 140.0):
        figures.add("start", "termxmpp", {"online, ms": wall, "CPU, ms": 0.0})
    figures.add("start", "mcabber", {"online, ms": 12.345})
    figures.note("start", "50 contacts.")
    figures.note("start", "50 contacts.")
    return figures


def test_a_table_has_a_column_for_who_was_measured_and_medians_with_their_spread() -> None:
    assert figures().markdown("start") == (
        "| start | termxmpp | mcabber |\n"
        "|---|---:|---:|\n"
        "| online, ms | 140 (120–1,300) | 12.3 |\n"
        "| CPU, ms | 0 | – |\n"
        "\n50 contacts."
    )


def test_who_is_not_among_the_clients_stands_behind_them() -> None:
    told = figures()
    told.add("sending", "sendxmpp", {"one message, ms": 1200})
    told.add("sending", "mcabber", {"one message, ms": 0.25})
    assert told.markdown("sending").splitlines()[0] == "| sending | mcabber | sendxmpp |"


def test_json_has_each_value_its_unit_and_where_it_was_measured() -> None:
    read = json.loads(figures().json(**machine(), rounds=3))
    online = read["tables"]["start"]["online, ms"]
    assert online["unit"] == "ms"
    assert online["programs"]["termxmpp"] == {
        "median": 140.0,
        "min": 120.0,
        "max": 1300.0,
        "values": [120.0, 1300.0, 140.0],
    }
    assert read["rounds"] == 3
    assert read["processors"].startswith(str(os.cpu_count()))


def test_the_readme_has_a_place_for_a_run_and_the_rest_of_it_stays() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    quoted = put(readme, "the tables")
    assert f"{BEGIN}\nthe tables\n{END}\n" in quoted
    assert put(quoted, "other tables") == quoted.replace(
        "the tables\n" + END, "other tables\n" + END
    )
    with pytest.raises(ValueError, match="no place"):
        put("a text", "the tables")


def test_a_part_makes_its_table() -> None:
    told = Figures(["termxmpp"])
    plan = replace(QUICK, inserted=50, searched=1000)
    archive.measure(told, [CLIENTS["termxmpp"]], plan)
    assert told.markdown("archive").startswith("| archive | termxmpp |\n|---|---:|\n| 50 messages")


def test_who_is_not_installed_is_named_and_left_out() -> None:
    command = [sys.executable, "-m", "tests.bench", "peers", "archive", "--quick"]
    ended = subprocess.run(
        [*command, "--only", "mcabber"],
        env={**os.environ, "MCABBER": "/nowhere/mcabber"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.endswith("Not installed, and left out: mcabber.\n")


def test_a_plot_has_each_point_and_says_how_the_curve_grows() -> None:
    flat = Curve("rooms: <time>", "s", [(1, 0.5), (10, 0.5)])
    linear = Curve("rooms: memory", "MB", [(1, 30), (10, 300), (100, 3000)])
    drawn = ElementTree.fromstring(plot([[flat, linear], [flat]], "here & now"))
    told = [each.text or "" for each in drawn.iter(f"{SVG}title")]
    assert len(told) == 7
    assert told[2:5] == ["1: 30 MB", "10: 300 MB", "100: 3000 MB"]
    names = [each.text for each in drawn.iter(f"{SVG}text") if each.get("class") == "name"]
    assert names[:2] == [
        "rooms: <time> (s): n^0.0",
        "rooms: memory (MB): n^1.0",
    ]


def test_a_curve_of_one_point_is_a_point() -> None:
    drawn = ElementTree.fromstring(plot([[Curve("contacts: time", "s", [(10, 1.0)])]], ""))
    assert len(list(drawn.iter(f"{SVG}circle"))) == 1
