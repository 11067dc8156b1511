"""Which origins belong to one life: a union of sets."""

from __future__ import annotations


class Groups:
    """Numbers that are joined, and who is with whom."""

    def __init__(self) -> None:
        self._parents: dict[int, int] = {}

    def find(self, number: int) -> int:
        """The number that stands for the set `number` is in."""
        root = number
        while (above := self._parents.get(root, root)) != root:
            root = above
        while (above := self._parents.get(number, number)) != root:
            self._parents[number] = root
            number = above
        return root

    def join(self, one: int, other: int) -> None:
        """Make the sets of `one` and `other` one. The lowest number stands for it, so that the order of joins does not show."""
        low, high = sorted((self.find(one), self.find(other)))
        if low != high:
            self._parents[high] = low
