"""Mends of stanzas: what a peer wrote may be refused, and must not fail in another way."""

from __future__ import annotations

from termxmpp.port.convert import Mend

__all__ = ["STANZA"]

STANZA = (
    Mend(
        "quoting",
        "pyxmpp2/xmppserializer.py",
        "these two came with urllib, http and email: ten milliseconds and more than a megabyte",
        "from xml.sax.saxutils import escape, quoteattr\n",
        '''def escape(data):
    """`data` as the text of an element."""
    return data.replace("&", "&amp;").replace(">", "&gt;").replace("<", "&lt;")

def quoteattr(data):
    """`data` as the value of an attribute, with its quotes."""
    data = escape(data)
    for char in "\\n\\r\\t":
        data = data.replace(char, "&#{0};".format(ord(char)))
    if '"' in data and "'" not in data:
        return "'{0}'".format(data)
    return '"{0}"'.format(data.replace('"', "&quot;"))
''',
    ),
    Mend(
        "malformed-jid",
        "pyxmpp2/stanza.py",
        "the exception needs its message: a malformed address was a TypeError without",
        "            raise JIDMalformedProtocolError\n",
        '            raise JIDMalformedProtocolError("an address is malformed")\n',
    ),
    Mend(
        "jid-from-wire",
        "pyxmpp2/jid.py",
        "our tables are of Unicode 3.2: an emoji in a nick made the whole stanza malformed",
        "    def __setattr__(self, name, value):\n",
        '''    @classmethod
    def from_wire(cls, data):
        """The JID that a server sent, which has prepared its parts by tables newer than ours.

        Prepared once more they might address somebody else.
        """
        obj = cls.cache.get((data,))
        if obj is not None:
            return obj
        bare, slash, resource = data.partition("/")
        local, at, domain = bare.rpartition("@")
        if (at and not local) or (slash and not resource):
            raise JIDError("A part of the JID is empty")
        if local.isascii():
            local = cls.__prepare_local(local)
        domain = cls.__prepare_domain(domain)
        obj = cls(local, domain, resource or None, check=False)
        cls.cache[(data,)] = obj
        return obj

    def __setattr__(self, name, value):
''',
    ),
    Mend(
        "stanza-from",
        "pyxmpp2/stanza.py",
        "the sender's server has prepared its address",
        "                self._from_jid = JID(from_jid)\n            to_jid",
        "                self._from_jid = JID.from_wire(from_jid)\n            to_jid",
    ),
    Mend(
        "stanza-to",
        "pyxmpp2/stanza.py",
        "our server has prepared our address",
        "                self._to_jid = JID(to_jid)\n        except",
        "                self._to_jid = JID.from_wire(to_jid)\n        except",
    ),
    Mend(
        "stream-error-text",
        "pyxmpp2/error.py",
        "RFC 6120 §4.9.2: the text has the conditions' namespace, so it was taken for one",
        '    text_qname = STREAM_QNP + "text"\n',
        '    text_qname = STREAM_ERROR_QNP + "text"\n',
    ),
    Mend(
        "stanza-error-text",
        "pyxmpp2/error.py",
        "RFC 6120 §8.3.2: the text has the conditions' namespace, so it was taken for one",
        '    text_qname = STANZA_CLIENT_QNP + "text"\n',
        '    text_qname = STANZA_ERROR_QNP + "text"\n',
    ),
    Mend(
        "stanza-error-text-kept",
        "pyxmpp2/error.py",
        "each error took the text's name back to the stanza's namespace",
        '            self.text_qname = "{{{0}}}text".format(namespace)\n',
        "",
    ),
    Mend(
        "error-text-first",
        "pyxmpp2/error.py",
        "a text is no condition, though its namespace is theirs; it may also be empty",
        """            if child.tag.startswith(self.cond_qname_prefix):
                if self.condition is not None:
                    logger.warning("Multiple conditions in XMPP error element.")
                    continue
                self.condition = deepcopy(child)
            elif child.tag == self.text_qname:
                lang = child.get(XML_LANG_QNAME, None)
                if lang:
                    self.language = lang
                self.text = child.text.strip()
""",
        """            if child.tag == self.text_qname:
                lang = child.get(XML_LANG_QNAME, None)
                if lang:
                    self.language = lang
                self.text = (child.text or "").strip()
            elif child.tag.startswith(self.cond_qname_prefix):
                if self.condition is not None:
                    logger.warning("Multiple conditions in XMPP error element.")
                    continue
                self.condition = deepcopy(child)
""",
    ),
    Mend(
        "plain-domain",
        "pyxmpp2/jid.py",
        "nameprep only lowers ASCII, in 50 µs a label: a roster of 10,000 took seconds of it",
        "labels = [idna.nameprep(label) for label in labels]",
        "labels = [\n"
        "                label.lower() if label.isascii() else idna.nameprep(label)\n"
        "                for label in labels\n"
        "            ]",
    ),
)
