"""What a device says it can, as a hash (XEP-0115): whoever says the same can the same."""

from __future__ import annotations

from termxmpp.values import dataclass

__all__ = ["MOST_ABILITIES", "Capabilities"]

# Of more programs it is not remembered what they can: there are not so many.
MOST_ABILITIES = 500


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The hash `verification`, by the function `hash`, of what programs of `node` can."""

    node: str
    verification: str
    hash: str

    @property
    def full_node(self) -> str:
        """The node of the device under which it says what it can (§6.2)."""
        return f"{self.node}#{self.verification}"
