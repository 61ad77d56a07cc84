"""What every newcomer meets: the bundled FAQ, its queries and what it cannot answer."""

import re
from collections import Counter
from functools import cache

import pytest

from mundap.chatbot.home.bundled import bundled_path
from mundap.evaluation.queries import Query, check_against, read_queries, read_texts
from mundap.index.faq.entry import COLUMNS, FaqEntry, read_faq
from mundap.index.faq.problems import find_problems
from mundap.index.korean.morphemes import content_forms
from mundap.index.korean.text import clean, match_key
from mundap.index.tables.table import read_table

FILES = sorted(bundled_path("faq").glob("*.csv"))

CATEGORIES = {
    "account": "회원·계정",
    "app": "앱·이용 오류",
    "cancel_refund": "취소·환불",
    "delivery": "배송",
    "order": "주문",
    "payment": "결제",
    "points_coupon": "포인트·쿠폰·등급",
    "product": "상품",
    "return_exchange": "반품·교환",
    "review_gift": "리뷰·선물",
    "small_talk": "일상 대화",
    "support": "고객센터·개인정보",
}

# What answers state in passing, how often at least, and the one value that is right.
FACTS = {
    "the delivery fee": (r"(?<!새벽)배송비[는도]? ([\d,]+)원", 5, "3,000"),
    "where free delivery begins": (r"([\d,]+)원 (?:이상|미만)", 5, "30,000"),
    "the surcharge of islands": (r"제주[^.]*?([\d,]+)원", 2, "3,000"),
    "the fee of dawn delivery": (r"새벽배송(?:비| 요금은) ([\d,]+)원", 2, "4,000"),
    "the fee of a return": (r"(?:반품비|교환비)[는은]?(?: 왕복)? ([\d,]+)원", 3, "6,000"),
    "days to change one's mind": (r"받은 날부터 (?:다시 )?(\d)일 이내", 4, "7"),
    "days to return what is faulty": (r"(\d\d)일 이내", 2, "30"),
    "days until a purchase confirms itself": (r"배송 완료 후 (\d+)일이", 3, "7"),
    "the hour after which orders leave a day later": (r"오후 (\d+)시(?: 이)?전에 결제", 1, "2"),
    "the opening hours": (r"평일 (오전 \d+시부터 오후 \d+시)", 2, "오전 9시부터 오후 6시"),
    "the youngest member": (r"만 (\d+)세", 2, "14"),
    "the telephone number": (r"\d{2,4}-\d{3,4}(?:-\d{4})?", 10, "1600-0000"),
    "the e-mail address": (r"[\w.]+@[a-z.]+[a-z]", 2, "help@mundap.example"),
}


@cache
def entries() -> tuple[FaqEntry, ...]:
    return tuple(read_faq(bundled_path("faq")))


@cache
def queries() -> tuple[Query, ...]:
    return tuple(read_queries(bundled_path("queries.csv")))


@cache
def out_of_scope() -> tuple[str, ...]:
    return tuple(read_texts(bundled_path("out_of_scope.csv")))


@cache
def development_queries() -> tuple[Query, ...]:
    return tuple(read_queries(bundled_path("development_queries.csv")))


@cache
def development_out_of_scope() -> tuple[str, ...]:
    return tuple(read_texts(bundled_path("development_out_of_scope.csv")))


@cache
def measured_keys() -> frozenset[str]:
    """Return the keys of all that a reported figure is measured on."""
    texts = [query.text for query in queries()] + list(out_of_scope())
    return frozenset(map(match_key, texts))


@cache
def stored_keys() -> frozenset[str]:
    return frozenset(match_key(text) for entry in entries() for text in entry.passages)


@cache
def words(text: str) -> frozenset[str]:
    return frozenset(content_forms(text))


def overlap(first: str, second: str) -> float:
    """Return the Jaccard similarity of the content morphemes of two texts."""
    union = words(first) | words(second)
    return len(words(first) & words(second)) / len(union) if union else 0.0


def repeated(texts: list[str]) -> list[str]:
    return [text for text, count in Counter(map(match_key, texts)).items() if count > 1]


def test_there_are_at_least_300_entries() -> None:
    assert len(entries()) >= 300


def test_each_file_has_the_columns_and_one_category() -> None:
    assert {file.stem: {row["category"] for row in read_table(file).rows} for file in FILES} == {
        stem: {category} for stem, category in CATEGORIES.items()
    }
    assert {read_table(file).columns for file in FILES} == {COLUMNS}


def test_an_id_is_the_name_of_its_file_and_a_number() -> None:
    numbered = [
        (file.stem, re.fullmatch(rf"{file.stem}-\d{{3}}", entry.entry_id))
        for file in FILES
        for entry in read_faq(file)
    ]
    assert [stem for stem, match in numbered if match is None] == []


def test_ids_and_answers_are_unique() -> None:
    assert repeated([entry.entry_id for entry in entries()]) == []
    assert repeated([entry.answer for entry in entries()]) == []


def test_every_entry_has_at_least_four_alternates() -> None:
    assert [entry.entry_id for entry in entries() if len(entry.alternates) < 4] == []


def test_no_text_is_stored_twice_in_one_entry_or_in_two() -> None:
    assert repeated([text for entry in entries() for text in entry.passages]) == []


def test_doctor_finds_nothing_to_mend() -> None:
    assert find_problems(entries()) == []


def test_every_text_is_stored_clean() -> None:
    texts = [text for entry in entries() for text in entry.passages]
    texts += [*out_of_scope(), *development_out_of_scope()]
    texts += [query.text for query in development_queries()]
    assert [text for text in texts if clean(text) != text] == []


def test_every_entry_has_a_short_and_a_long_phrasing() -> None:
    narrow = [
        entry.entry_id
        for entry in entries()
        if (lengths := sorted(map(len, entry.passages)))[0] > 15 or lengths[-1] < 20
    ]
    assert narrow == []


def test_two_thirds_of_the_entries_have_a_phrasing_with_latin_letters() -> None:
    mixed = [e for e in entries() if any(re.search(r"[A-Za-z]{2}", t) for t in e.alternates)]
    assert len(mixed) >= len(entries()) * 2 / 3


@pytest.mark.parametrize("fact", FACTS)
def test_answers_agree_on(fact: str) -> None:
    pattern, at_least, value = FACTS[fact]
    stated = [
        (entry.entry_id, found)
        for entry in entries()
        for found in re.findall(pattern, entry.answer)
    ]
    assert [(entry_id, found) for entry_id, found in stated if found != value] == []
    assert len(stated) >= at_least


def test_every_entry_has_at_least_two_queries() -> None:
    check_against(queries(), entries())
    asked = Counter(query.entry_id for query in queries())
    assert [entry.entry_id for entry in entries() if asked[entry.entry_id] < 2] == []


def test_no_query_is_asked_twice_or_equals_a_stored_text() -> None:
    assert repeated([query.text for query in queries()]) == []
    assert [query for query in queries() if match_key(query.text) in stored_keys()] == []


def test_a_third_of_the_queries_shares_few_words_with_its_entry() -> None:
    passages = {entry.entry_id: entry.passages for entry in entries()}
    hard = [
        query
        for query in queries()
        if all(overlap(query.text, text) < 0.34 for text in passages[query.entry_id])
    ]
    assert len(hard) >= len(queries()) / 3


def test_out_of_scope_queries_are_200_or_more_half_near_half_far() -> None:
    kinds = Counter(row["kind"] for row in read_table(bundled_path("out_of_scope.csv")).rows)
    assert set(kinds) == {"near", "far"}
    assert kinds["near"] == kinds["far"] >= 100


def test_no_out_of_scope_query_stands_twice_or_is_stored_or_asked() -> None:
    known = stored_keys() | {match_key(query.text) for query in queries()}
    assert repeated(list(out_of_scope())) == []
    assert [text for text in out_of_scope() if match_key(text) in known] == []


def test_development_queries_ask_every_entry() -> None:
    check_against(development_queries(), entries())
    asked = {query.entry_id for query in development_queries()}
    assert [entry.entry_id for entry in entries() if entry.entry_id not in asked] == []


def test_no_development_query_stands_twice_or_is_stored_or_measured_on() -> None:
    known = stored_keys() | measured_keys()
    assert repeated([query.text for query in development_queries()]) == []
    assert [query for query in development_queries() if match_key(query.text) in known] == []


def test_two_fifths_of_the_development_queries_share_few_words_with_their_entry() -> None:
    passages = {entry.entry_id: entry.passages for entry in entries()}
    hard = [
        query
        for query in development_queries()
        if all(overlap(query.text, text) < 0.34 for text in passages[query.entry_id])
    ]
    assert len(hard) >= len(development_queries()) * 2 / 5


def test_development_out_of_scope_queries_are_100_or_more_of_either_kind() -> None:
    kinds = Counter(
        row["kind"] for row in read_table(bundled_path("development_out_of_scope.csv")).rows
    )
    assert set(kinds) == {"near", "far"}
    assert min(kinds.values()) >= 100


def test_no_development_out_of_scope_query_stands_twice_or_is_known() -> None:
    asked = {match_key(query.text) for query in development_queries()}
    known = stored_keys() | measured_keys() | asked
    assert repeated(list(development_out_of_scope())) == []
    assert [text for text in development_out_of_scope() if match_key(text) in known] == []


@pytest.mark.parametrize("name", ["out_of_scope", "development_out_of_scope"])
def test_nothing_beside_the_point_was_learnt_from_other_faqs(name: str) -> None:
    files = bundled_path("training_faqs").glob("*_out_of_scope.csv")
    learnt = {match_key(text) for file in files for text in read_texts(file)}
    asked = read_texts(bundled_path(f"{name}.csv"))

    assert [text for text in asked if match_key(text) in learnt] == []
