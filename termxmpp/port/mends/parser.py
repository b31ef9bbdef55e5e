"""Mends of the stream's parser: at once, bounded, and only what RFC 6120 §11.1 allows."""

from __future__ import annotations

from termxmpp.port.convert import Mend

__all__ = ["PARSER"]

_FILE = "pyxmpp2/xmppparser.py"

PARSER = (
    Mend(
        "restricted-xml-handler",
        _FILE,
        "the stream must be able to refuse what is well-formed and yet not allowed",
        """            - `descr`: description of the error
        :Types:
            - `descr`: `unicode`\"\"\"
        raise StreamParseError(descr)
""",
        """            - `descr`: description of the error
        :Types:
            - `descr`: `unicode`\"\"\"
        raise StreamParseError(descr)

    def stream_refused(self, condition, descr):
        \"\"\"Called when the stream holds what must not be there.

        :Parameters:
            - `condition`: the stream error condition for it
            - `descr`: description of the error
        :Types:
            - `condition`: `str`
            - `descr`: `str`\"\"\"
        raise StreamParseError(descr)
""",
    ),
    Mend(
        "refused-markup",
        _FILE,
        "comments, instructions and declarations are not allowed in a stream, and declarations "
        "can make a stanza of any size; depth and size were unbounded",
        """        self._builder = None
        self._level = 0
        self._root = None

    def data(self, data):
""",
        """        self._builder = None
        self._level = 0
        self._root = None
        self.pending = 0

    # Deeper than any extension nests, shallow enough for recursive code to walk.
    max_depth = 128

    def comment(self, data):
        \"\"\"Refuse a comment.\"\"\"
        self._handler.stream_refused("restricted-xml", "a comment in the stream")

    def pi(self, target, data = None):
        \"\"\"Refuse a processing instruction.\"\"\"
        self._handler.stream_refused("restricted-xml",
                                            "a processing instruction in the stream")

    def doctype(self, name, pubid, system):
        \"\"\"Refuse a document type declaration, before it can declare entities.\"\"\"
        self._handler.stream_refused("restricted-xml",
                                            "a document type declaration in the stream")

    def data(self, data):
""",
    ),
    Mend(
        "pending-data",
        _FILE,
        "white space between stanzas belongs to none and must not count against the next",
        """        if self._level > 1:
            return self._builder.data(data)
""",
        """        if self._level > 1:
            return self._builder.data(data)
        self.pending = 0
""",
    ),
    Mend(
        "bounded-depth",
        _FILE,
        "depth was unbounded",
        """            self._builder = ElementTree.TreeBuilder()
        self._level += 1
""",
        """            self._builder = ElementTree.TreeBuilder()
        self._level += 1
        if self._level > self.max_depth:
            self._handler.stream_refused("policy-violation", "a stanza nested too deep")
""",
    ),
    Mend(
        "pending-stanza",
        _FILE,
        "what belongs to a complete stanza does not count against the next",
        """        if self._level == 1:
            self._handler.stream_element(element)
""",
        """        if self._level == 1:
            self.pending = 0
            self._handler.stream_element(element)
""",
    ),
    Mend(
        "bounded-size",
        _FILE,
        "size was unbounded",
        """        self.parser = ElementTree.XMLParser(target = ParserTarget(handler))
""",
        """        self.target = ParserTarget(handler)
        self.parser = ElementTree.XMLParser(target = self.target)
        # Expat 2.6 and later keep what they have parsed until more bytes come.
        self._flush = getattr(self.parser, "flush", None)
        self._feed = self.parser.feed
        if self._flush is None and DEFERS:
            self._feed = WholeTokens(self.parser.feed).feed
""",
    ),
    Mend(
        "stanza-limit",
        _FILE,
        "many times what servers let through (commonly 256 KiB), little enough to hold",
        """class StreamReader(object):
""",
        """# The largest stanza that is read, in bytes.
MAX_STANZA_SIZE = 10 * 1024 * 1024

class StreamReader(object):
""",
    ),
    Mend(
        "first-byte",
        _FILE,
        "the first byte goes the way of the others",
        "self.parser.feed(data[:1])",
        "self._feed(data[:1])",
    ),
    Mend(
        "whole-tokens",
        _FILE,
        "Debian's expat 2.5 delays like 2.6, and its Python 3.11.2 has no flush: what never ends "
        "within a token has nothing to be delayed",
        """COMMON_NS = "http://pyxmpp.jajcus.net/xmlns/common"
""",
        """COMMON_NS = "http://pyxmpp.jajcus.net/xmlns/common"

class WholeTokens(object):
    \"\"\"Passes bytes of XML on to `feed` as soon as they end with a whole token.

    What is not well-formed, or not allowed in a stream, is passed on at once: the
    parser says so.\"\"\"
    _markup = re.compile(rb"[<&]")
    _reference_end = re.compile(rb"[;<&]")
    _tag_end = re.compile(rb"[<>'\\"]")
    _cdata = b"<![CDATA["

    def __init__(self, feed):
        self._pass_on = feed
        self._held = b""
        self._in_cdata = False

    def feed(self, data):
        \"\"\"Pass on what is whole of what is held and `data`, and hold the rest.\"\"\"
        if isinstance(data, str):
            data = data.encode("utf-8")
        if self._held and not any(end in data for end in b">;["):
            self._held += data
            return
        data = self._held + data
        whole = self._length(data)
        self._held = data[whole:]
        if whole:
            self._pass_on(data[:whole])

    def _length(self, data):
        \"\"\"How many bytes of `data` are whole tokens, or will never be any.\"\"\"
        place = 0
        while place < len(data):
            if self._in_cdata:
                end = data.find(b"]]>", place)
                if end < 0:
                    # What may be the beginning of the end is no token yet.
                    return len(data) - (2 if data.endswith(b"]]") else data.endswith(b"]"))
                self._in_cdata = False
                place = end + 3
                continue
            found = self._markup.search(data, place)
            if found is None:
                return len(data)
            place = found.start()
            if data.startswith(self._cdata, place):
                self._in_cdata = True
                place += len(self._cdata)
                continue
            end = self._end(data, place)
            if end is None:
                return place
            place = end
        return place

    def _end(self, data, place):
        \"\"\"Where the token at `place` ends: None if it has no end yet, the end of
        `data` if it can't have one.\"\"\"
        if data.startswith(b"&", place):
            found = self._reference_end.search(data, place + 1)
            if found is None:
                return None
            return found.end() if found.group() == b";" else len(data)
        if self._cdata.startswith(data[place:place + len(self._cdata)]):
            return None
        if data.startswith(b"<?", place):
            end = data.find(b"?>", place)
            return end + 2 if end >= 0 else None
        if data.startswith(b"<!", place):
            return len(data)
        while True:
            found = self._tag_end.search(data, place + 1)
            if found is None:
                return None
            if found.group() == b">":
                return found.end()
            if found.group() == b"<":
                return len(data)
            place = data.find(found.group(), found.end())
            if place < 0:
                return None

def _defers():
    \"\"\"Whether this expat waits for more bytes than a token needs.\"\"\"
    target = ElementTree.TreeBuilder()
    parser = ElementTree.XMLParser(target = target)
    for part in ("<a>", "<bcdefgh", "/></a>"):
        parser.feed(part)
    try:
        return not len(target.close())
    except AssertionError:
        return True

DEFERS = _defers()
""",
    ),
    Mend(
        "token-patterns",
        _FILE,
        "for whole-tokens",
        """import threading
import logging
""",
        """import threading
import logging
import re
""",
    ),
    Mend(
        "prompt-delivery",
        _FILE,
        "expat 2.6 and later delay the last stanza until more bytes come",
        """                if data:
                    self.parser.feed(data)
                else:
""",
        """                if data:
                    self.target.pending += len(data)
                    self._feed(data)
                    if self._flush is not None:
                        self._flush()
                    if self.target.pending > MAX_STANZA_SIZE:
                        self.handler.stream_refused("policy-violation",
                                                                "a stanza too large")
                else:
""",
    ),
    Mend(
        "stream-refusal",
        "pyxmpp2/streambase.py",
        "the peer is told why its stream is refused (RFC 6120 §4.9.3.18)",
        """        self.send_stream_error("not-well-formed")
        raise StreamParseError(descr)
""",
        """        self.send_stream_error("not-well-formed")
        raise StreamParseError(descr)

    def stream_refused(self, condition, descr):
        \"\"\"Called when the stream holds what must not be there.

        :Parameters:
            - `condition`: the stream error condition for it
            - `descr`: description of the error
        :Types:
            - `condition`: `str`
            - `descr`: `str`\"\"\"
        self.send_stream_error(condition)
        raise StreamParseError(descr)
""",
    ),
)
