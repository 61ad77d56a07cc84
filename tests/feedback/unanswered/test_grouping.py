"""Unanswered queries grouped by meaning, and the groups as an owner sees them."""

import random
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mundap.feedback.exchanges.exchange_log import Wanted
from mundap.feedback.exchanges.forgetting import forget
from mundap.feedback.store.database import Database
from mundap.feedback.unanswered.grouping import groups_of, regroup
from mundap.feedback.unanswered.groups import (
    Group,
    grouping,
    groups,
    is_stale,
    not_yet_grouped,
    open_count,
    queries_of,
)
from mundap.feedback.unanswered.meaning import ALIKE, meanings
from mundap.feedback.unanswered.query_digest import query_digest
from mundap.feedback.unanswered.settling import ignore, settle, undo
from mundap.feedback.unanswered.unsettled import Unsettled
from mundap.feedback.verdicts.judgements import all_judgements, judge
from mundap.index.bundle.bundle import Bundle
from mundap.index.encoders.encoder import Vectors, unit_rows
from mundap.index.korean.text import match_key
from tests.chatbot.small_faq import build, tiny_encoder
from tests.feedback.unanswered.store import DAY, ask, react

SURE = 0.9
PARKING = ("주차장 있나요", "주차장 있나요?", "주차장이 있나요??")
RECEIPT = ("현금영수증 발급되나요", "현금영수증 발급되나요?")


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    directory = tmp_path_factory.mktemp("index")
    build(directory)
    return Bundle.open(directory, tiny_encoder())


def names(database: Database, limit: int = 50) -> list[list[str]]:
    with database.reading() as connection:
        found, _ = groups(connection, 0, limit)
    return [[one.query for one in group.members] for group in found]


def test_what_means_the_same_is_one_group_and_the_largest_comes_first(
    database: Database, bundle: Bundle, tmp_path: Path
) -> None:
    with database.writing() as connection:
        for query in (*RECEIPT, *PARKING, PARKING[1], "기린은 몇 살인가요"):
            ask(connection, query)

    assert regroup(database, bundle, tmp_path / "v.npz") == 3

    found = names(database)
    assert [set(group) for group in found] == [set(PARKING), set(RECEIPT), {"기린은 몇 살인가요"}]
    with database.reading() as connection:
        assert open_count(connection) == 6
        assert not is_stale(connection, grouping(connection), 1)
        assert is_stale(connection, grouping(connection), 2)


def test_the_order_in_which_they_came_changes_nothing(
    database: Database, bundle: Bundle, tmp_path: Path
) -> None:
    queries = [
        *PARKING,
        *RECEIPT,
        "기린은 몇 살인가요",
        "기린 나이",
        "택배비 얼마",
        "택배비는 얼마",
    ]
    seen = []
    for seed in range(4):
        with database.writing() as connection:
            for query in random.Random(seed).sample(queries, len(queries)):
                ask(connection, query)
        regroup(database, bundle, tmp_path / "v.npz")
        seen.append(names(database))

    assert seen[1:] == seen[:-1]


WORDS = ("환불", "배송", "주차", "쿠폰", "언제", "얼마", "되나요", "있나요", "pickup", "👋")


@given(
    st.lists(
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join),
        unique=True,
        max_size=30,
    )
)
@settings(deadline=None, max_examples=40)
def test_every_query_is_in_exactly_one_group(queries: list[str]) -> None:
    asked = [Unsettled(text, text, 1 + len(text) % 3, DAY, DAY, {"unknown": 1}) for text in queries]
    vectors = tiny_encoder().encode(queries)

    found = groups_of(asked, vectors)

    assert sorted(one.key for group in found for one in group) == sorted(queries)
    counts = [sum(one.count for one in group) for group in found]
    assert counts == sorted(counts, reverse=True)
    for group in found:
        assert alike(vectors[[queries.index(one.key) for one in group]])


def alike(vectors: Vectors) -> bool:
    """Whether a group may be one: its mean cosine, each with each, is what the whole was joined by.

    The last two parts were joined at `ALIKE` or more, and what is within them is nearer.
    """
    others = vectors @ vectors.T
    count = len(vectors)
    return count == 1 or bool((others.sum() - count) / (count * (count - 1)) >= ALIKE - 1e-4)


def test_the_most_central_query_names_its_group() -> None:
    angles = np.radians([0, 10, 20, 25])
    vectors = unit_rows(np.column_stack([np.cos(angles), np.sin(angles)]))
    asked = [Unsettled(key, key, 1, DAY, DAY, {"unknown": 1}) for key in "가나다라"]

    [group] = groups_of(asked, vectors)

    # The mean lies at 14 degrees.
    assert [one.key for one in group] == ["나", "가", "다", "라"]


def test_a_meaning_leans_on_what_of_the_faq_is_near(bundle: Bundle) -> None:
    queries = ["택배 요금", "배송비 문의", "zzz"]
    own = tiny_encoder().encode(queries)

    meant = meanings(bundle.retriever, own)

    passages = bundle.retriever.dense.engine.vectors()
    for query, meaning in zip(own, meant.vectors, strict=True):
        cosines = passages @ query
        shares = np.exp((cosines - cosines.max()) / 0.02)
        near = unit_rows((shares @ passages)[None])[0]
        wanted = unit_rows(np.concatenate([query, near])[None])[0]
        assert meaning == pytest.approx(wanted, abs=1e-5)
    rows = [(passages @ query).argmax() for query in own]
    owners = bundle.retriever.passages.owners
    assert meant.nearest == [bundle.entries[owners[row]].entry_id for row in rows]


def test_a_query_without_words_means_nothing(bundle: Bundle) -> None:
    meant = meanings(bundle.retriever, np.zeros((2, 512), np.float32))
    assert not meant.vectors.any()
    assert meant.nearest == [None, None]


def test_what_an_owner_settles_is_gone_at_once_and_undoing_brings_it_back(
    database: Database, bundle: Bundle, tmp_path: Path
) -> None:
    with database.writing() as connection:
        for query in (*PARKING, *RECEIPT):
            ask(connection, query)
    regroup(database, bundle, tmp_path / "v.npz")
    before = names(database)

    with database.writing() as connection:
        settled = settle(connection, "김하나", PARKING[:2], "fee")
        hidden = ignore(connection, "김하나", RECEIPT)
    assert names(database) == [[PARKING[2]]]
    with database.reading() as connection:
        judged = [(one.query, one.verdict, one.entry_id) for one in all_judgements(connection)]
    assert judged == [
        *((query, "right", "fee") for query in PARKING[:2]),
        *((query, "uncovered", None) for query in RECEIPT),
    ]

    with database.writing() as connection:
        undo(connection, "김하나", hidden)
        undo(connection, "김하나", settled)
    assert names(database) == before
    with database.reading() as connection:
        assert all_judgements(connection) == []


def test_ignoring_twice_is_undone_step_by_step(database: Database) -> None:
    with database.writing() as connection:
        judge(connection, "김하나", "주차", "right", "fee")
        first = ignore(connection, "김하나", ["주차"])
        second = ignore(connection, "김하나", ["주차"])
        undo(connection, "김하나", second)
        undo(connection, "김하나", first)
        assert [one.verdict for one in all_judgements(connection)] == ["right"]


def test_other_deeds_are_not_undone_here(database: Database) -> None:
    with database.writing() as connection:
        judged = judge(connection, "김하나", "주차", "right", "fee")
        with pytest.raises(LookupError, match=str(judged)):
            undo(connection, "김하나", judged)
        with pytest.raises(LookupError, match="77"):
            undo(connection, "김하나", 77)


def test_what_came_since_is_told_beside_the_groups(
    database: Database, bundle: Bundle, tmp_path: Path
) -> None:
    with database.writing() as connection:
        ask(connection, "주차장 있나요")
    regroup(database, bundle, tmp_path / "v.npz")
    with database.writing() as connection:
        liked = ask(connection, "쿠폰 어디서", "suggest")
        ask(connection, "주차장 있나요")
        ask(connection, "새 질문")

    with database.reading() as connection:
        last = grouping(connection)
        assert last is not None
        assert is_stale(connection, last, 1)
        new = [one.query for one in not_yet_grouped(connection, last, SURE, 10)]
        digests = [
            query_digest(match_key(text)) for text in ("새 질문", "없는 질문", "주차장 있나요")
        ]
        known = queries_of(connection, digests, SURE)
    assert new == ["새 질문", "쿠폰 어디서"]
    assert known == ["새 질문", "주차장 있나요"]

    with database.writing() as connection:
        react(connection, liked, "chosen", "coupon-1")
    with database.reading() as connection:
        assert [one.query for one in not_yet_grouped(connection, last, SURE, 10)] == ["새 질문"]


def test_before_the_first_grouping_all_is_new(database: Database) -> None:
    with database.reading() as connection:
        assert not is_stale(connection, None, 1)
        assert groups(connection, 0, 10) == ([], 0)
    with database.writing() as connection:
        ask(connection, "주차장 있나요")

    with database.reading() as connection:
        assert is_stale(connection, None, 1)
        [new] = not_yet_grouped(connection, None, SURE, 10)
    assert new.query == "주차장 있나요"


def test_pages_hold_each_group_once(database: Database, bundle: Bundle, tmp_path: Path) -> None:
    with database.writing() as connection:
        for number in range(7):
            ask(connection, chr(ord("가") + 588 * number) * 3 + "?")
    assert regroup(database, bundle, tmp_path / "v.npz") == 7

    with database.reading() as connection:
        pages = [groups(connection, offset, 3) for offset in (0, 3, 6, 9)]

    assert [len(found) for found, _ in pages] == [3, 3, 1, 0]
    assert {total for _, total in pages} == {7}
    assert len({group.name for found, _ in pages for group in found}) == 7


def test_a_group_sums_up_its_members() -> None:
    later = DAY + timedelta(days=2)
    group = Group(
        (
            Unsettled("가", "가", 2, DAY, DAY, {"unknown": 2}),
            Unsettled("나", "나", 3, DAY, later, {"unknown": 1, "unsure": 2}),
        )
    )

    assert (group.name, group.count, group.first, group.last) == ("가", 5, DAY, later)
    assert dict(group.reasons) == {"unknown": 3, "unsure": 2}


def test_alike_in_a_group_is_what_is_nearest_to_the_entry_of_the_query_that_names_it() -> None:
    nearest = {"가": "fee", "나": "fee", "다": "gift", "라": None}
    members = [
        Unsettled(key, key, 1, DAY, DAY, {"unknown": 1}, entry_id)
        for key, entry_id in nearest.items()
    ]
    group = Group(tuple(members))

    assert [one.key for one in members if group.is_alike(one)] == ["가", "나"]
    assert group.others == 2
    # Of the rest, once those are settled.
    assert [Group(group.members[2:]).is_alike(one) for one in members[2:]] == [True, False]


def test_the_nearest_entry_of_each_query_is_kept_with_its_group(
    database: Database, bundle: Bundle, tmp_path: Path
) -> None:
    with database.writing() as connection:
        for query in ("배송비 문의", "주차장 있나요"):
            ask(connection, query)
    regroup(database, bundle, tmp_path / "v.npz")

    with database.reading() as connection:
        found, _ = groups(connection, 0, 10)

    members = [one for group in found for one in group.members]
    own = tiny_encoder().encode([one.query for one in members])
    meant = meanings(bundle.retriever, own)
    assert [one.nearest for one in members] == list(meant.nearest)


def test_of_too_many_those_asked_most_are_grouped_and_the_rest_is_counted(
    database: Database, bundle: Bundle, tmp_path: Path
) -> None:
    with database.writing() as connection:
        for query in ("하나 질문", "두울 문의", "두울 문의", "세엣"):
            ask(connection, query)

    regroup(database, bundle, tmp_path / "v.npz", most=2)

    assert names(database)[0] == ["두울 문의"]
    with database.reading() as connection:
        last = grouping(connection)
        assert last is not None
        assert last.left_out == 1
        assert open_count(connection) == 2


def test_what_is_forgotten_is_in_no_group(
    database: Database, bundle: Bundle, tmp_path: Path
) -> None:
    with database.writing() as connection:
        ask(connection, "제 번호는 비밀")
        ask(connection, "주차장 있나요")
    regroup(database, bundle, tmp_path / "v.npz")

    forget(database, Wanted(contains="비밀"))

    assert names(database) == []
    with database.reading() as connection:
        last = grouping(connection)
        assert last is None
        assert [one.query for one in not_yet_grouped(connection, last, SURE, 10)] == [
            "주차장 있나요"
        ]
