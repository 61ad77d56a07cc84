from hypothesis import given
from hypothesis import strategies as st

from mundap.index.faq.sheets import row_store
from mundap.index.faq.sheets.row_store import RowStore

texts = st.lists(st.text(st.characters(), max_size=30), max_size=20)


@given(texts, st.sampled_from([0, 40, 1 << 24]))
def test_items_come_back_in_their_order_from_memory_and_from_a_file(
    items: list[str], held: int
) -> None:
    whole, row_store._HELD = row_store._HELD, held
    try:
        store = RowStore(str)
        for place, item in enumerate(items):
            store.add(item)
            assert store[place // 2] == items[place // 2]
    finally:
        row_store._HELD = whole
    assert list(store) == items
    assert [store[place] for place in reversed(range(len(store)))] == items[::-1]
