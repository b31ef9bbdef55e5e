"""The catalogues hold what the code says, all of it, and nothing that would fail to format."""

from __future__ import annotations

import gettext
import io
import os
import string
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from termxmpp.port.catalogue import Entry, compiled, compiled_into, parse, rendered
from termxmpp.words import date_words
from tests.catalogue import FOLDER, TEMPLATE, template, updated

CATALOGUES = sorted(FOLDER.glob("*.po"))
UPDATE = "run python -m tests.catalogue, and translate what is new"


def entries(path: Path) -> list[Entry]:
    return [each for each in parse(path.read_text(encoding="utf-8")) if each.text]


def fields(text: str) -> set[tuple[str, str | None]]:
    """The places of `text` that are filled in; how a number is padded is the language's."""
    return {(name, conversion) for _, name, _, conversion in string.Formatter().parse(text) if name}


def test_the_template_is_what_the_code_says() -> None:
    assert TEMPLATE.read_text(encoding="utf-8") == template(), UPDATE


def test_there_is_simplified_chinese() -> None:
    assert "zh_CN" in [path.stem for path in CATALOGUES]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.stem))
def test_a_catalogue_is_up_to_date_and_complete(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert updated(source) == source, UPDATE
    missing = [each.text for each in parse(source) if each.is_fuzzy or not all(each.translations)]
    assert not missing, UPDATE


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.stem))
def test_a_translation_fills_in_what_the_original_does(path: Path) -> None:
    for each in entries(path):
        for text in each.translations:
            assert fields(text) == fields(each.plural or each.text), each.text


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.stem))
def test_a_translation_ends_as_the_original_does(path: Path) -> None:
    for each in entries(path):
        for text in each.translations:
            assert text.endswith("\n") == each.text.endswith("\n"), each.text
            assert text.endswith(" ") == each.text.endswith(" "), each.text
            assert text.startswith(" ") == each.text.startswith(" "), each.text


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.stem))
def test_there_are_as_many_forms_as_the_language_has(path: Path) -> None:
    header = next(each for each in parse(path.read_text(encoding="utf-8")) if not each.text)
    count = int(header.translations[0].partition("nplurals=")[2].partition(";")[0])
    assert all(len(each.translations) == count for each in entries(path) if each.plural)


def test_what_is_compiled_is_what_gettext_reads() -> None:
    header = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=n != 1;\n"
    known = [
        Entry("", translations=(header,)),
        Entry("yes", translations=("ja",)),
        Entry('a "quote"\nand \\ a\ttab', translations=("zwei\nZeilen",)),
        Entry("{n} day", "{n} days", ("{n} Tag", "{n} Tage")),
        Entry("no", translations=("",)),
        Entry("perhaps", translations=("wohl",), is_fuzzy=True),
    ]
    assert parse(rendered(known)) == known
    read = gettext.GNUTranslations(io.BytesIO(compiled(known)))
    assert read.gettext("yes") == "ja"
    assert read.gettext('a "quote"\nand \\ a\ttab') == "zwei\nZeilen"
    assert [read.ngettext("{n} day", "{n} days", n) for n in (1, 2)] == ["{n} Tag", "{n} Tage"]
    assert [read.gettext(text) for text in ("no", "perhaps")] == ["no", "perhaps"]


def test_the_program_speaks_the_language_of_the_environment() -> None:
    compiled_into(FOLDER, FOLDER)
    for language, told in (("zh_CN", "没有选项 --sned"), ("en", "There is no option --sned")):
        ran = subprocess.run(
            [sys.executable, "-m", "termxmpp", "--sned"],
            env={**os.environ, "LANGUAGE": language, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert (ran.returncode, told in ran.stderr) == (64, True), ran.stderr


def test_a_date_has_its_names() -> None:
    assert date_words(date(2026, 11, 25)) == "Wednesday, 25 November 2026"
    assert date_words(date(2026, 3, 1)) == "Sunday, 01 March 2026"
