"""A program in a terminal that asks questions, one after the other."""

from __future__ import annotations

from tests.support.terminal import Terminal

__all__ = ["Dialogue"]


class Dialogue(Terminal):
    """A terminal whose words are waited for in their order."""

    _seen = 0

    def hears(self, words: str) -> None:
        """Wait for `words` behind all that was waited for before."""
        wanted = words.encode()
        self.wait_until(lambda: wanted in self.output[self._seen :], repr(words))
        self._seen = self.output.index(wanted, self._seen) + len(wanted)

    def answers(self, *dialogue: tuple[str, str]) -> None:
        """Type each answer behind its question."""
        for question, answer in dialogue:
            self.hears(question)
            self.type(answer)
