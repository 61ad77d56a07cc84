import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.categories import Categories
from mundap.index.faq.passages.passages import Passages
from mundap.index.faq.passages.stored_passages import ENTRIES_FILE, StoredPassages, write_passages

FAQ = [
    FaqEntry(
        "r",
        "환불은 언제 되나요?",
        "3일 걸려요.",
        ("돈  언제 돌려줘", "환불은 언제 되나요?"),
        "결제",
    ),
    FaqEntry("d", "배송 왜 안 와😭", "확인할게요.\n곧요.", (), "배송", question_en="Where is it?"),
    FaqEntry("c", "쿠폰", "고르세요.", ("Coupon",), "결제", question_en="coupon"),
]


def stored(entries: list[FaqEntry], directory: Path) -> StoredPassages:
    write_passages(iter(entries), directory)
    return StoredPassages.open(directory)


def test_stored_passages_are_those_in_memory(tmp_path: Path) -> None:
    found, wanted = stored(FAQ, tmp_path), Passages.of(FAQ)

    assert list(found.entries) == found.entries[:] == FAQ
    assert (found.entries[-1], len(found.entries)) == (FAQ[-1], 3)
    assert tuple(found.texts[:]) == wanted.texts
    assert [found.texts[row] for row in range(len(found))] == list(wanted.texts)
    for name in ("owners", "bounds", "english"):
        np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))
    assert (found.most, found.phrasings) == (wanted.most, wanted.phrasings)
    with pytest.raises(IndexError):
        found.entries[3]


def test_entries_are_found_by_id_and_category_as_in_memory(tmp_path: Path) -> None:
    found, wanted = stored(FAQ, tmp_path), Passages.of(FAQ)

    assert [found.find(name) for name in ("d", "r", "없음")] == [FAQ[1], FAQ[0], None]
    assert found.category_names == wanted.category_names == ["결제", "배송"]
    for category in ("결제", "배송", "없음"):
        assert found.places_of(category) == wanted.places_of(category)
    for count in range(5):
        assert found.examples(count) == wanted.examples(count)


def test_a_faq_without_english_has_none(tmp_path: Path) -> None:
    assert stored(FAQ[:1], tmp_path).english is None


def test_threads_read_entries_at_once(tmp_path: Path) -> None:
    entries = [FaqEntry(str(n), f"질문 {n}", "답" * (n % 50)) for n in range(500)]
    found = stored(entries, tmp_path)
    wrong: list[int] = []

    def read(first: int) -> None:
        wrong.extend(n for n in range(first, 500) if found.entries[n] != entries[n])

    threads = [threading.Thread(target=read, args=(first,)) for first in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_file_of_another_length_is_refused(tmp_path: Path) -> None:
    stored(FAQ, tmp_path)
    with (tmp_path / ENTRIES_FILE).open("ab") as file:
        file.write(b"{}\n")
    with pytest.raises(ValueError, match=r"faq\.jsonl: not of 490 bytes"):
        StoredPassages.open(tmp_path)


@given(names=st.lists(st.sampled_from(["결제", "배송", "", "배송/결제"]), max_size=30))
def test_each_category_has_its_rows(names: list[str]) -> None:
    found = Categories.of(names)

    assert list(found) == names
    for name in {*names, "없음"}:
        assert found.rows_of(name).tolist() == [row for row, one in enumerate(names) if one == name]


def test_categories_are_read_as_they_were_written(tmp_path: Path) -> None:
    opened = stored(FAQ, tmp_path).categories

    assert opened[:] == ["결제", "결제", "배송", "배송", "결제", "결제"]
    assert opened.rows_of("배송").tolist() == [2, 3]
