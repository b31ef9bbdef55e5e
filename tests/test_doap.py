"""`doap.xml` says what the code declares, in the form of XEP-0453; the README says the same."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from termxmpp.feature import Feature
from termxmpp.features import FEATURES, LISTENER_FEATURES, SCRIPT_FEATURES
from termxmpp.standard import Standard
from tests.doap import DOAP, declarations, doap, merged
from tests.support.harness import Actor

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
USEFUL = "{http://usefulinc.com/ns/doap#}"
XMPP = "{https://linkmauve.fr/ns/xmpp-doap#}"

SOURCES = Path(__file__).parents[1] / "termxmpp"


def supported() -> dict[str, tuple[str, str, str]]:
    """Status, version and note of each XEP in the file."""
    [project] = ElementTree.parse(DOAP).getroot()
    assert project.tag == f"{USEFUL}Project"
    found = {}
    for each in project.iterfind(f"{USEFUL}implements/{XMPP}SupportedXep"):
        xep = each.find(f"{XMPP}xep")
        assert xep is not None
        match = re.fullmatch(
            r"https://xmpp\.org/extensions/(xep-\d{4})\.html", xep.get(f"{RDF}resource", "")
        )
        assert match is not None
        name = match[1].upper()
        assert name not in found
        status, version, note = (
            each.findtext(f"{XMPP}{part}", "") for part in ("status", "version", "note")
        )
        found[name] = (status, version, note)
    return found


def test_the_file_is_what_the_code_declares() -> None:
    assert DOAP.read_text(encoding="utf-8") == doap(merged(declarations())), (
        "python -m tests.doap writes it anew"
    )


def test_of_each_xep_the_version_is_told_and_of_what_is_partial_how_far_it_goes() -> None:
    found = supported()
    assert len(found) > 50
    for name, (status, version, note) in found.items():
        assert re.fullmatch(r"\d+(\.\d+){1,2}", version), f"{name}: a feature says its version"
        assert status == "complete" or (status == "partial" and note), name


def test_each_namespace_announced_belongs_to_a_xep_of_the_file_and_each_of_theirs_is_announced(
    alice: Actor,
) -> None:
    alice.receives(
        "<iq type='get' id='q' from='bob@example.org/desk'>"
        "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
    )
    [answer] = alice.sent()
    announced = set(re.findall(r'var="([^"]+)"', answer))
    declared = [each for each in declarations() if isinstance(each, Feature)]
    owners = {namespace: each.standard.whole for each in declared for namespace in each.namespaces}
    assert announced == set(owners)
    assert set(owners.values()) <= set(supported())


def test_no_feature_that_is_declared_has_been_forgotten() -> None:
    declared = {id(each) for each in declarations() if isinstance(each, Feature)}
    used = (*FEATURES, *SCRIPT_FEATURES, *LISTENER_FEATURES)
    assert declared == {id(each) for each in used}


def test_each_xep_that_a_module_is_about_is_in_the_file() -> None:
    """A module that begins with the name of a XEP is its code."""
    found = supported()
    about = set()
    for path in SOURCES.rglob("*.py"):
        begin = path.read_text(encoding="utf-8").partition("\n")[0]
        match = re.match(r'"""(?:The wire form of )?(XEP-\d{4})', begin)
        if match is not None:
            about.add(match[1])
    assert len(about) > 30
    assert about <= set(found)


def test_sections_are_told_with_their_whole() -> None:
    declared = [
        Standard("XEP-0002 §3", "How", note="not the third", is_partial=True),
        Standard("XEP-0002", "What", "1.0", note="on Sundays"),
        Standard("RFC 1", "Who"),
    ]
    assert merged(declared) == [
        Standard("RFC 1", "Who"),
        Standard("XEP-0002", "What", "1.0", "on Sundays; not the third", is_partial=True),
    ]


def test_what_is_declared_twice_is_an_error() -> None:
    once = Standard("XEP-0002", "What", "1.0")
    with pytest.raises(ValueError, match="too many values"):
        merged([once, Standard("XEP-0002", "What else", "1.1")])
