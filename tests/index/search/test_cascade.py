from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mundap.index.encoders.encoder import ReadText
from mundap.index.faq.entry import FaqEntry
from mundap.index.search import retriever as retriever_module
from mundap.index.search.lexical import LexicalIndex
from mundap.index.search.retriever import Retriever
from tests.index import shop_faq
from tests.tiny_encoder import TinyEncoder, TinyReader

LONE = [replace(entry, alternates=()) for entry in shop_faq.ENTRIES]
QUERIES = ["배송비 얼마야", "3일 걸려요", "카드 결제 되죠", "우주 정거장", "ㅋ", "배송"]


class Asked(TinyReader):
    """Remembers the queries that it was to read."""

    def __init__(self) -> None:
        super().__init__()
        self.queries: list[str] = []

    def read_queries(self, texts: Sequence[str]) -> list[ReadText]:
        self.queries.extend(texts)
        return super().read_queries(texts)


def built(entries: Sequence[FaqEntry]) -> tuple[Retriever, Asked]:
    reader = Asked()
    retriever = Retriever.build(TinyEncoder(dimension=512), entries, pretrained=reader)
    reader.queries.clear()
    return retriever, reader


@pytest.mark.parametrize("mark", ["", "?", " !!"])
@pytest.mark.parametrize("entries", [LONE, shop_faq.ENTRIES])
def test_a_stored_phrasing_is_found_without_the_pretrained_encoder(
    entries: list[FaqEntry], mark: str
) -> None:
    retriever, reader = built(entries)
    question = entries[2].passages[-1].rstrip("?")

    ranking = retriever.rank_in_steps(question + mark, 3)

    assert (ranking.hits[0].entry_id, ranking.is_exact) == (entries[2].entry_id, True)
    assert reader.queries == []


@given(st.sampled_from(QUERIES), st.integers(1, 5))
@settings(max_examples=30, deadline=None)
def test_of_a_faq_of_one_phrasing_everything_else_is_ranked_as_in_one_step(
    query: str, k: int
) -> None:
    retriever, reader = built(LONE)

    ranking = retriever.rank_in_steps(query, k)

    assert reader.queries == [query]
    assert [ranking] == retriever.rank([query], k)


def test_where_words_and_static_vectors_are_sure_nothing_is_read_and_they_say_how_sure() -> None:
    retriever, reader = built(shop_faq.ENTRIES)
    query = f"{shop_faq.ENTRIES[0].question.rstrip('?')} 궁금"
    plain = Retriever.build(TinyEncoder(dimension=512), shop_faq.ENTRIES)
    [expected] = plain.rank([query], 3)
    certain = retriever._cascade.confidence.probability(expected.evidence)

    retriever._cascade = replace(retriever._cascade, may_be_sure=True, sure=certain)
    settled = retriever.rank_in_steps(query, 3)
    assert (settled, reader.queries) == (replace(expected, sure=certain), [])

    retriever._cascade = replace(retriever._cascade, sure=certain + 1e-9)
    read = retriever.rank_in_steps(query, 3)
    assert (read.sure, reader.queries) == (None, [query])


def test_a_faq_that_no_pretrained_encoder_reads_is_ranked_in_one_step() -> None:
    retriever = Retriever.build(TinyEncoder(), shop_faq.ENTRIES)

    for query in QUERIES:
        assert [retriever.rank_in_steps(query, 3)] == retriever.rank([query], 3)


def test_pieces_are_compared_with_the_likeliest_candidates_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    retriever, _ = built(LONE)
    [every] = retriever.rank(["배송비 얼마야"], len(LONE))
    monkeypatch.setattr(retriever_module, "LATE_CANDIDATES", 3)

    [ranking] = retriever.rank(["배송비 얼마야"], len(LONE))

    assert len(ranking.hits) == 3
    assert ranking.hits[0] == every.hits[0]
    assert set(ranking.hits) < set(every.hits)


def test_how_a_first_came_first_is_told_of_what_is_shown_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    retriever, _ = built(shop_faq.ENTRIES)
    retriever._cascade = replace(retriever._cascade, may_be_sure=True, sure=1.1)
    told: list[str] = []
    shared = LexicalIndex.shared

    def counted(self: LexicalIndex, query: str, row: int) -> tuple[str, ...]:
        told.append(query)
        return shared(self, query, row)

    monkeypatch.setattr(LexicalIndex, "shared", counted)
    assert retriever.rank_in_steps("배송비 얼마야", 3).shared
    assert told == ["배송비 얼마야"]
