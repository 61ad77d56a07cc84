import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.made_sequence import MadeSequence


class Squares(MadeSequence[int]):
    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def item(self, place: int) -> int:
        assert 0 <= place < self._count
        return place * place


_ENDS = st.none() | st.integers(-8, 8)


@given(st.integers(0, 6), st.builds(slice, _ENDS, _ENDS, _ENDS.filter(lambda step: step != 0)))
def test_parts_are_those_of_a_list(count: int, part: slice) -> None:
    assert Squares(count)[part] == [n * n for n in range(count)][part]


@given(st.integers(0, 6))
def test_items_are_those_of_a_list_from_both_ends(count: int) -> None:
    every = [n * n for n in range(count)]
    made = Squares(count)
    assert [*made] == every
    assert [*reversed(made)] == every[::-1]
    assert [made[-1 - n] for n in range(count)] == every[::-1]


@pytest.mark.parametrize("place", [3, -4])
def test_what_is_not_there_is_refused_as_a_list_refuses_it(place: int) -> None:
    with pytest.raises(IndexError, match="out of range"):
        Squares(3)[place]
