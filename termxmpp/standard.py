"""What termxmpp keeps to: a XEP or an RFC, in the version that the code was written to.

Each is declared where it is kept, in a feature or beside the code; out of these declarations
come `doap.xml` (XEP-0453) and the table in the README, by `python -m tests.doap`.
"""

from __future__ import annotations

from termxmpp.values import dataclass

__all__ = ["Standard"]


@dataclass(frozen=True, slots=True)
class Standard:
    """`name` is `XEP-0198` or `RFC 6120`, with a section where it is only that: `RFC 6121 §2`.

    The `version` is that of a XEP's header; its sections need none. The `note` says in English
    what the title does not: of what is partial, what is kept of it or missing.
    """

    name: str
    title: str
    version: str = ""
    note: str = ""
    is_partial: bool = False

    @property
    def whole(self) -> str:
        """The name without a section."""
        return self.name.partition(" §")[0]


DOAP = Standard("XEP-0453", "DOAP usage in XMPP", "0.1.2")
