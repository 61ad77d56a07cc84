"""An entry keeps its id through edits, so that what was judged still points at it."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.index.faq.entry import FaqEntry, FaqError, read_faq
from mundap.index.faq.kept_ids import keep_ids

BEFORE = [
    ("환불 되나요?", "네."),
    ("배송비는 얼마예요?", "3,000원이에요."),
    ("쿠폰은 어디에 넣나요?", "쿠폰함이요."),
]


def faq(folder: Path, rows: list[tuple[str, str]]) -> list[FaqEntry]:
    lines = "".join(f'"{question}","{answer}"\n' for question, answer in rows)
    (folder / "faq.csv").write_text(f"Q,A\n{lines}", encoding="utf-8")
    return read_faq(folder / "faq.csv")


def ids(entries: list[FaqEntry]) -> list[str]:
    return [entry.entry_id for entry in entries]


def test_an_edited_answer_leaves_the_id_even_without_a_bundle(tmp_path: Path) -> None:
    edited = [(question, f"{answer} (7월부터)") for question, answer in BEFORE]
    assert ids(faq(tmp_path, BEFORE)) == ids(faq(tmp_path, edited))


def test_an_edited_question_keeps_the_id_of_its_answer(tmp_path: Path) -> None:
    before = faq(tmp_path, BEFORE)
    now = faq(tmp_path, [("환불받을 수 있나요?", "네."), *BEFORE[:0:-1]])
    assert now[0].entry_id != before[0].entry_id
    assert ids(keep_ids(now, before)) == [before[0].entry_id, *ids(before)[:0:-1]]


def test_a_new_entry_and_one_whose_texts_both_changed_get_new_ids(tmp_path: Path) -> None:
    before = faq(tmp_path, BEFORE)
    now = faq(tmp_path, [*BEFORE[:2], ("포인트는?", "내일요."), ("영업시간은?", "9시부터요.")])
    kept = keep_ids(now, before)
    assert kept == now
    assert ids(kept)[:2] == ids(before)[:2]
    assert set(ids(kept)[2:]).isdisjoint(ids(before))


def test_an_answer_that_two_entries_have_says_nothing_about_them(tmp_path: Path) -> None:
    before = faq(tmp_path, [("환불 되나요?", "네."), ("교환 되나요?", "네.")])
    now = faq(tmp_path, [("환불받나요?", "네."), ("교환 되나요?", "네.")])
    # One of the two is found by its question; the other is then the only one left.
    assert ids(keep_ids(now, before)) == ids(before)
    both = faq(tmp_path, [("환불받나요?", "네."), ("교환하나요?", "네.")])
    assert keep_ids(both, before) == both


def test_a_question_that_comes_back_beside_its_edited_one_gets_an_id_of_its_own(
    tmp_path: Path,
) -> None:
    first = faq(tmp_path, BEFORE[:1])
    edited = keep_ids(faq(tmp_path, [("환불받을 수 있나요?", "네.")]), first)
    assert ids(edited) == ids(first)

    now = keep_ids(
        faq(tmp_path, [("환불받을 수 있나요?", "네."), ("환불 되나요?", "아니요.")]), edited
    )

    assert now[0].entry_id == first[0].entry_id
    assert len(set(ids(now))) == 2
    assert keep_ids(now[::-1], now) == now[::-1]


def test_ids_that_the_faq_names_stay_whatever_was_before() -> None:
    before = [FaqEntry("a", "질문", "답"), FaqEntry("b", "다른 질문", "다른 답")]
    now = [FaqEntry("b", "질문", "답"), FaqEntry("c", "다른 질문", "다른 답")]
    assert keep_ids(now, before) == now


def test_ids_of_a_version_that_derived_them_from_the_answer_too_are_kept(tmp_path: Path) -> None:
    # sha256("환불 되나요?\n네.")[:12], as that version gave it.
    before = [replace(faq(tmp_path, BEFORE)[0], entry_id="2129bca05804")]
    now = faq(tmp_path, [("환불 되나요?", "아니요.")])
    assert ids(keep_ids(now, before)) == ["2129bca05804"]


def test_an_id_that_stands_twice_is_refused_with_both_rows(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_text("entry_id,Q,A\na,질문,답\nb,둘,2\na,셋,3\n")
    wanted = r"faq\.csv, row 4: entry_id 'a' is that of .*faq\.csv, row 2 too.*it is 'a-2' here"
    with pytest.raises(FaqError, match=wanted):
        read_faq(tmp_path / "faq.csv")


def test_people_are_told_the_row_of_an_entry_without_an_id(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_text("entry_id,Q,A\n,질문,답\nfee,둘,2\n")
    labels = [entry.label for entry in read_faq(tmp_path / "faq.csv")]
    assert labels == [f"{tmp_path / 'faq.csv'}, row 2", "fee"]


short = st.text("가나다 ?!", min_size=1, max_size=3)
rows = st.lists(st.tuples(short, short), max_size=6, unique=True)


def derived(pairs: list[tuple[str, str]], folder: Path) -> list[FaqEntry]:
    readable = [(q, a) for q, a in pairs if q.strip() and a.strip()]
    return faq(folder, readable) if readable else []


@given(rows, rows, st.randoms(use_true_random=False))
def test_ids_are_unique_and_a_faq_that_stays_keeps_them_in_any_order(
    tmp_path_factory: pytest.TempPathFactory,
    first: list[tuple[str, str]],
    second: list[tuple[str, str]],
    chance: random.Random,
) -> None:
    folder = tmp_path_factory.getbasetemp()
    before = keep_ids(derived(first, folder), [])
    now = keep_ids(derived(second, folder), before)
    assert len(set(ids(now))) == len(now)

    shuffled = list(second)
    chance.shuffle(shuffled)
    again = keep_ids(derived(shuffled, folder), now)
    assert sorted(map(repr, again)) == sorted(map(repr, now))


@given(rows, st.data())
def test_an_edit_of_one_text_that_stands_once_keeps_every_id(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]], data: st.DataObject
) -> None:
    folder = tmp_path_factory.getbasetemp()
    numbered = [(f"{q}{row}번", f"{a}{row}째") for row, (q, a) in enumerate(pairs)]
    before = derived(numbered, folder)
    if not before:
        return
    row = data.draw(st.integers(0, len(before) - 1))
    question, answer = numbered[row]
    numbered[row] = data.draw(st.sampled_from([("새 질문", answer), (question, "새 답")]))
    assert ids(keep_ids(derived(numbered, folder), before)) == ids(before)
