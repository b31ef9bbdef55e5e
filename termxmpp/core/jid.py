"""Addresses: the JID of RFC 7622 as a frozen value.

Only this module decides what is an address. Preparation is the stringprep of RFC 6122, which
the deployed servers use: whoever prepares differently addresses somebody else.
"""

from __future__ import annotations

import re
import stringprep
import unicodedata
from dataclasses import dataclass

from termxmpp.errors import DataError
from termxmpp.standard import Standard
from termxmpp.words import _

__all__ = ["Jid", "ascii_domain"]

ADDRESSES = Standard(
    "RFC 6122", "XMPP: Address Format", note="that of the servers, not yet RFC 7622"
)

# RFC 7622 §3.2 - §3.4: each part may hold at most 1023 octets.
PART_OCTETS = 1023

# Besides control characters and space, the localpart excludes these (RFC 7622 §3.3.1).
LOCAL_EXCLUDED = frozenset("\"&'/:<>@ ")

_PLAIN_LOCAL = re.compile(r"[a-z0-9!#$%()*+,\-.;=?\[\\\]^_`{|}~]{1,1023}")
_PLAIN_DOMAIN = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_IP_LITERAL = re.compile(r"\[[0-9a-f:.]+\]")


@dataclass(frozen=True, slots=True, order=True)
class Jid:
    """An XMPP address in its prepared form; two that are equal address the same entity.

    `parse` prepares; the constructor takes parts that are prepared already (from the wire,
    where the server has done it).
    """

    local: str
    domain: str
    resource: str = ""

    @classmethod
    def parse(cls, text: str) -> Jid:
        """The address that `text` (`user@host/resource`, also without user or resource) means.

        Raises DataError, a UserError, with the reason where `text` is no address (RFC 7622 §3.1).
        """
        bare, slash, resource = text.strip().partition("/")
        local, at, domain = bare.rpartition("@")
        if at and not local:
            raise _not_a_jid(text, _("nothing stands before the @"))
        if slash and not resource:
            raise _not_a_jid(text, _("nothing stands behind the /"))
        try:
            return cls(_local(local), _domain(domain), _resource(resource))
        except ValueError as error:
            raise _not_a_jid(text, str(error)) from None

    @classmethod
    def parse_or_none(cls, text: str | None) -> Jid | None:
        """The address that a peer's `text` means, or None where it is none."""
        try:
            return cls.parse(text) if text else None
        except DataError:
            return None

    @classmethod
    def prepared(cls, text: str) -> Jid:
        """The address that `text` is, which `str` has made of one."""
        bare, __, resource = text.partition("/")
        local, __, domain = bare.rpartition("@")
        return cls(local, domain, resource)

    @property
    def bare(self) -> Jid:
        """The address without its resource."""
        return Jid(self.local, self.domain) if self.resource else self

    @property
    def is_bare(self) -> bool:
        return not self.resource

    def with_resource(self, resource: str) -> Jid:
        """The same account at `resource`, which is taken as prepared."""
        return Jid(self.local, self.domain, resource)

    def __str__(self) -> str:
        text = f"{self.local}@{self.domain}" if self.local else self.domain
        return f"{text}/{self.resource}" if self.resource else text


def _not_a_jid(text: str, reason: str) -> DataError:
    return DataError(
        _("{text!r} is no XMPP address: {reason}. It should look like user@host.").format(
            text=text, reason=reason
        )
    )


def _local(text: str) -> str:
    if not text or _PLAIN_LOCAL.fullmatch(text):
        return text
    mapped = "".join(
        stringprep.map_table_b2(char) for char in text if not stringprep.in_table_b1(char)
    )
    prepared = unicodedata.ucd_3_2_0.normalize("NFKC", mapped)
    return _checked(prepared, "user", LOCAL_EXCLUDED)


def _resource(text: str) -> str:
    if text.isascii() and text.isprintable() and len(text) <= PART_OCTETS:
        return text
    mapped = "".join(char for char in text if not stringprep.in_table_b1(char))
    return _checked(unicodedata.ucd_3_2_0.normalize("NFKC", mapped), "resource", frozenset())


def ascii_domain(domain: str) -> str:
    """`domain` as it stands in the DNS and in certificates (RFC 5890); ValueError if it can't."""
    if domain.isascii():
        return domain
    import idna  # its tables are large, and few names need them

    return idna.encode(domain, uts46=True).decode()


def _domain(text: str) -> str:
    text = text.removesuffix(".").lower() if text.isascii() else text.removesuffix(".")
    is_plain = _PLAIN_DOMAIN.fullmatch(text) and "xn--" not in text
    if is_plain or _IP_LITERAL.fullmatch(text):
        prepared = text
    elif not text:
        raise ValueError("the host is missing")
    else:
        import idna  # its tables are large, and few names need them

        try:
            ascii_form = idna.encode(text, uts46=True, transitional=False)
            prepared = idna.decode(ascii_form)
        except idna.IDNAError as error:
            raise ValueError(f"{text!r} is no host name ({error})") from None
    if len(prepared.encode()) > PART_OCTETS:
        raise ValueError("the host is too long")
    return prepared


def _checked(text: str, part: str, excluded: frozenset[str]) -> str:
    """The prepared `text`, or ValueError where RFC 3920 Appendix A or B prohibits it."""
    if not text:
        raise ValueError(f"the {part} is empty")
    if len(text.encode("utf-8", "surrogatepass")) > PART_OCTETS:
        raise ValueError(f"the {part} is too long")
    for char in text:
        if char in excluded or (char != " " and _is_prohibited(char)):
            raise ValueError(f"the {part} can't hold {char!r}")
    return text


_PROHIBITED = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def _is_prohibited(char: str) -> bool:
    return any(is_in(char) for is_in in _PROHIBITED)
