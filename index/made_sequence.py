"""Sequences whose items are made as they are asked for."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar, overload

_T_co = TypeVar("_T_co", covariant=True)


class MadeSequence(Sequence[_T_co], Generic[_T_co]):
    """A sequence that says how many items it has and makes one of them, by its place from 0."""

    @abstractmethod
    def item(self, place: int) -> _T_co:
        """Return the item at a place that is there: from 0, below the number of items."""

    @overload
    def __getitem__(self, place: int) -> _T_co: ...
    @overload
    def __getitem__(self, place: slice) -> list[_T_co]: ...
    def __getitem__(self, place: int | slice) -> _T_co | list[_T_co]:
        """Return the item at a place, or those at several; raises IndexError as a list does."""
        wanted = range(len(self))[place]
        return self.item(wanted) if isinstance(wanted, int) else [*map(self.item, wanted)]
