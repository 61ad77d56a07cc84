"""The sets that tell one reply from another: one word, two questions, follow-ups, languages."""

import re
from collections import Counter
from functools import cache
from typing import Any

import pytest

from benchmarks.replies import SETS
from mundap.chatbot.home.bundled import bundled_path
from mundap.evaluation.queries import read_queries
from mundap.index.faq.entry import FaqEntry, read_faq
from mundap.index.korean.text import clean, match_key
from mundap.index.query.language import is_foreign
from mundap.index.query.questions import leans
from mundap.index.tables.table import read_table

COLUMNS = {
    "one_word": ("query", "entry_ids", "kind"),
    "two_questions": ("query", "entry_ids"),
    "follow_ups": ("previous_query", "query", "entry_id", "kind"),
    "other_languages": ("query", "entry_id", "language"),
}
SCRIPTS = {"en": r"[A-Za-z]{2}", "ja": r"[぀-ヿ]", "zh": r"[一-鿿]"}
# What ends a sentence in 존댓말; a message without it is 반말.
POLITE = r"(?:요|까|니다|죠)\b"


@cache
def rows(name: str) -> tuple[dict[Any, Any], ...]:
    return tuple(read_table(bundled_path(f"{name}.csv")).rows)


@cache
def entries() -> dict[str, FaqEntry]:
    return {entry.entry_id: entry for entry in read_faq(bundled_path("faq"))}


@cache
def stored() -> dict[str, str]:
    """Return the entry of each stored phrasing."""
    return {match_key(t): e.entry_id for e in entries().values() for t in e.passages}


@cache
def learnt() -> frozenset[str]:
    """Return the keys of all that something was trained, fitted or measured on elsewhere."""
    files = [bundled_path("queries.csv"), bundled_path("development_queries.csv")]
    asked = [query.text for file in files for query in read_queries(file)]
    for file in bundled_path("training_faqs").glob("*_*.csv"):
        asked += [str(row["query"]) for row in read_table(file).rows if "query" in row]
    return frozenset(map(match_key, asked))


def ids(row: dict[Any, Any]) -> list[str]:
    found = str(row.get("entry_ids") or row.get("entry_id") or "")
    return [entry_id for entry_id in found.split("|") if entry_id]


@pytest.mark.parametrize("name", SETS)
def test_a_set_has_its_columns_and_at_least_60_rows(name: str) -> None:
    assert read_table(bundled_path(f"{name}.csv")).columns == COLUMNS[name]
    assert len(rows(name)) >= 60


@pytest.mark.parametrize("name", SETS)
def test_no_query_stands_twice_and_every_entry_is_there(name: str) -> None:
    keys = Counter(
        match_key(f"{row.get('previous_query', '')}|{row['query']}") for row in rows(name)
    )
    assert [key for key, count in keys.items() if count > 1] == []
    assert [i for row in rows(name) for i in ids(row) if i not in entries()] == []
    assert [row for row in rows(name) if len(set(ids(row))) < len(ids(row))] == []


@pytest.mark.parametrize("name", ["two_questions", "follow_ups", "other_languages"])
def test_nothing_was_learnt_or_is_stored(name: str) -> None:
    asked = [str(row["query"]) for row in rows(name)]
    assert [text for text in asked if match_key(text) in stored().keys() | learnt()] == []


def test_a_word_is_one_word_and_its_kind_says_what_is_stored() -> None:
    kinds = Counter(row["kind"] for row in rows("one_word"))
    assert set(kinds) == {"topic", "stored", "nothing"}
    assert kinds["topic"] >= 50
    assert [row for row in rows("one_word") if len(str(row["query"]).split()) > 1] == []
    known = {row["query"]: stored().get(match_key(str(row["query"]))) for row in rows("one_word")}
    for row in rows("one_word"):
        expected = ids(row)[0] if row["kind"] == "stored" else None
        assert known[row["query"]] == expected
        assert bool(ids(row)) is (row["kind"] != "nothing")


def test_two_questions_have_two_answers() -> None:
    assert [row for row in rows("two_questions") if len(ids(row)) != 2] == []


def test_what_leans_and_what_stands_alone_are_told_apart_by_people() -> None:
    kinds = Counter(row["kind"] for row in rows("follow_ups"))
    assert set(kinds) == {"leans", "alone"}
    assert kinds["leans"] >= 60
    assert all(clean(str(row["previous_query"])) for row in rows("follow_ups"))
    # The set is not written after the rules: some of what leans they do not see.
    unseen = [row for row in rows("follow_ups") if not leans(str(row["query"]))]
    assert kinds["alone"] < len(unseen) < len(rows("follow_ups"))


def test_each_language_has_its_letters_and_at_least_20_queries() -> None:
    counts = Counter(row["language"] for row in rows("other_languages"))
    assert set(counts) == set(SCRIPTS)
    assert min(counts.values()) >= 20
    for row in rows("other_languages"):
        assert re.search(SCRIPTS[row["language"]], str(row["query"]))
        assert not re.search("[가-힣]", str(row["query"]))


def test_korean_is_polite_and_plain_with_emoji_and_latin() -> None:
    texts = [str(row["query"]) for name in ("two_questions", "follow_ups") for row in rows(name)]
    polite = [text for text in texts if re.search(POLITE, text)]
    assert min(len(polite), 3 * (len(texts) - len(polite))) >= 60
    for pattern in (r"[😀-🙏ㅠㅋ]", r"[A-Za-z]{2}"):
        assert sum(bool(re.search(pattern, text)) for text in texts) >= 2


@pytest.mark.parametrize("name", ["airline", "bank_card", "eye_clinic"])
def test_a_faq_held_back_is_asked_in_each_language_with_questions_beside_the_point(
    name: str,
) -> None:
    folder = bundled_path("training_faqs")
    table = read_table(folder / f"{name}_languages.csv")
    asked = table.rows
    known = {entry.entry_id for entry in read_faq(folder / f"{name}.csv")}
    tests = {match_key(str(row["query"])) for row in rows("other_languages")}

    assert table.columns == ("query", "entry_id", "language")
    assert {row["entry_id"] for row in asked} - known == {""}
    assert len({match_key(str(row["query"])) for row in asked} - tests) == len(asked)
    covered = Counter((row["language"], bool(row["entry_id"])) for row in asked)
    assert {language for language, _ in covered} == set(SCRIPTS)
    assert min(covered.values()) >= 3
    assert [row for row in asked if not is_foreign(clean(str(row["query"])))] == []
