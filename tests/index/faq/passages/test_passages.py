import re
import unicodedata
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.text import match_key

REFUND = FaqEntry("refund", "환불 되나요?", "네.", ("환불하고 싶어요", "반품"), "환불")
SHIPPING = FaqEntry("shipping", "배송비는 얼마예요?", "3,000원입니다.", (), "배송")


def test_every_question_and_alternate_is_a_passage_of_its_entry() -> None:
    passages = Passages.of([REFUND, SHIPPING])

    assert passages.texts == ("환불 되나요?", "환불하고 싶어요", "반품", "배송비는 얼마예요?")
    assert passages.owners.tolist() == [0, 0, 0, 1]
    assert passages.entries == (REFUND, SHIPPING)
    assert len(passages) == 4


def test_a_text_stands_once_per_entry_where_it_stood_first() -> None:
    doubled = FaqEntry("a", "주문 취소", "네.", ("취소 방법", "주문  취소", "APP", "app"))

    assert Passages.of([doubled]).texts == ("주문 취소", "취소 방법", "APP")


def test_two_entries_may_have_the_same_text() -> None:
    passages = Passages.of([REFUND, FaqEntry("other", "반품", "아니요.")])

    assert passages.texts[-1] == "반품"
    assert passages.owners.tolist() == [0, 0, 0, 1]


def test_passages_are_clean() -> None:
    decomposed = unicodedata.normalize("NFD", " 환불\n되나요? ")

    assert Passages.of([FaqEntry("a", decomposed, "네.")]).texts == ("환불 되나요?",)


def test_each_row_has_the_category_of_its_entry() -> None:
    passages = Passages.of([REFUND, SHIPPING, FaqEntry("more", "교환", "네.")])

    assert passages.categories == ["환불", "환불", "환불", "배송", ""]


def test_each_entry_knows_whether_it_has_a_category() -> None:
    passages = Passages.of([REFUND, SHIPPING, FaqEntry("more", "교환", "네.", (), "환불")])

    assert passages.has_category("환불").tolist() == [True, False, True]
    assert passages.has_category("").tolist() == [False, False, False]


def test_bounds_are_where_the_rows_of_an_entry_begin_and_end() -> None:
    assert Passages.of([REFUND, SHIPPING]).bounds.tolist() == [0, 3, 4]
    assert Passages.of([]).bounds.tolist() == [0]


def test_the_rows_of_entries_come_in_the_order_asked_for() -> None:
    passages = Passages.of([SHIPPING, REFUND, FaqEntry("more", "교환", "네.")])

    assert passages.rows_of(np.array([1])).tolist() == [1, 2, 3]
    assert passages.rows_of(np.array([2, 0, 1])).tolist() == [4, 0, 1, 2, 3]
    nothing = passages.rows_of(np.array([], dtype=np.int64))
    assert (nothing.tolist(), nothing.dtype) == ([], np.int64)


def test_the_best_row_of_an_entry_is_the_first_of_equals() -> None:
    passages = Passages.of([SHIPPING, REFUND])
    scores = np.array([0.9, 0.1, 0.5, 0.5], dtype=np.float32)

    assert [passages.best_row(owner, scores) for owner in (0, 1)] == [0, 2]


def test_kept_passages_bring_their_entries_and_no_others() -> None:
    passages = Passages.of([SHIPPING, REFUND, FaqEntry("more", "교환", "네.")])

    kept = passages.kept(np.array([False, True, False, True, True]))

    assert kept.texts == ("환불 되나요?", "반품", "교환")
    assert [entry.entry_id for entry in kept.entries] == ["refund", "more"]
    assert (kept.owners.tolist(), kept.bounds.tolist()) == ([0, 0, 1], [0, 2, 3])
    # The entry is the same with fewer passages.
    assert kept.entries[0] is REFUND


def test_keeping_nothing_keeps_no_entry() -> None:
    kept = Passages.of([SHIPPING]).kept(np.array([False]))

    assert (kept.entries, kept.texts, kept.bounds.tolist()) == ((), (), [0])


def test_no_entry_has_no_passage() -> None:
    passages = Passages.of([])

    assert len(passages) == 0
    assert passages.categories == []


texts = st.lists(st.sampled_from(["가", "나", " 나 ", "A", "a", "다"]), min_size=1, max_size=6)


@given(st.lists(texts, max_size=5))
def test_each_entry_keeps_the_first_of_its_equal_texts_in_order(groups: list[list[str]]) -> None:
    entries = [FaqEntry(str(n), g[0], f"답 {n}", tuple(g[1:])) for n, g in enumerate(groups)]

    passages = Passages.of(entries)

    expected: list[tuple[int, str]] = []
    for owner, group in enumerate(groups):
        seen: list[str] = []
        for text in group:
            if match_key(text) not in seen:
                seen.append(match_key(text))
                expected.append((owner, text.strip()))
    assert list(zip(passages.owners.tolist(), passages.texts, strict=True)) == expected
    assert passages.owners.dtype == passages.bounds.dtype == np.int64
    for owner, (first, end) in enumerate(zip(passages.bounds, passages.bounds[1:], strict=False)):
        assert np.flatnonzero(passages.owners == owner).tolist() == list(range(first, end))


@given(st.lists(texts, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_keeping_rows_keeps_who_owns_them(groups: list[list[str]], random: Random) -> None:
    entries = [FaqEntry(str(n), g[0], f"답 {n}", tuple(g[1:])) for n, g in enumerate(groups)]
    passages = Passages.of(entries)
    rows = np.array([random.random() < 0.5 for _ in passages.texts])

    kept = passages.kept(rows)

    def owned(part: Passages) -> list[tuple[str, str]]:
        return [
            (part.entries[owner].entry_id, text)
            for owner, text in zip(part.owners, part.texts, strict=True)
        ]

    assert owned(kept) == [pair for pair, keep in zip(owned(passages), rows, strict=True) if keep]
    assert kept.bounds.tolist()[-1] == len(kept)
    assert np.diff(kept.bounds).min(initial=1) >= 1


def test_a_content_is_the_question_with_its_answer() -> None:
    contents = Passages.with_answers([REFUND, SHIPPING])

    assert contents.texts == ("환불 되나요? 네.", "배송비는 얼마예요? 3,000원입니다.")
    assert contents.owners.tolist() == [0, 1]


def test_a_long_answer_is_read_in_parts_of_whole_sentences() -> None:
    sentences = [f"{n}번째 문장이에요{'.' if n % 2 else '?'}" for n in range(60)]
    entry = FaqEntry("long", "질문", " ".join(sentences))

    contents = Passages.with_answers([entry, SHIPPING])

    parts = [text.removeprefix("질문 ") for text in contents.texts[:-1]]
    assert " ".join(parts).split(" ") == entry.answer.split(" ")
    assert len(parts) > 1
    assert all(part[-1] in ".?" and len(part) <= LONGEST for part in parts)
    assert contents.owners.tolist() == [*[0] * len(parts), 1]


# Characters of an answer that an encoder reads at once.
LONGEST = 360
answers = st.lists(
    st.one_of(st.text("가나 .?!\n", max_size=60), st.integers(1, 900).map(lambda n: "다" * n)),
    min_size=1,
).map("".join)


@given(answers.filter(str.strip))
def test_nothing_of_an_answer_is_lost_and_no_part_is_too_long(answer: str) -> None:
    contents = Passages.with_answers([FaqEntry("a", "물음", answer)])

    parts = [text.removeprefix("물음 ") for text in contents.texts]
    assert all(0 < len(part) <= LONGEST for part in parts)
    # A part that is said twice is listed once.
    said = {"".join(part.split()) for part in parts}
    assert re.fullmatch(f"({'|'.join(map(re.escape, said))})*", "".join(answer.split()))
