from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mundap.index.encoders.encoder import ReadText
from mundap.index.engines.engine import EngineError
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages
from mundap.index.search.content import ContentRetriever, KeptText
from mundap.index.search.lexical import LexicalIndex
from mundap.index.search.retriever import Retriever
from tests.index import shop_faq
from tests.tiny_encoder import TinyEncoder, TinyReader

LONG = FaqEntry(
    "long", "반품 절차가 궁금해요", "\n".join(f"{n}. 신청하고 보내요." * 9 for n in range(9))
)
ENTRIES = [*shop_faq.ENTRIES, LONG]
QUERIES = ["배송비 얼마야", "3일 걸려요", "신청하고 보내요", "우주 정거장", "ㅋ", ""]


def read(reader: TinyReader, query: str) -> ReadText:
    return reader.read_queries([query])[0]


def late(query: ReadText, text: ReadText) -> float:
    if not len(query.pieces) or not len(text.pieces):
        return 0.0
    return float(np.mean([max(float(q @ p) for p in text.pieces) for q in query.pieces]))


def brute_force(reader: TinyReader, entry: FaqEntry, query: ReadText) -> list[float]:
    """Compare a query with every text of one entry, one after the other."""
    phrasings = [float(v @ query.vector) for v in reader.encode_passages(entry.passages)]
    middle = reader.encode_passages(entry.passages).sum(axis=0)
    length = float(np.linalg.norm(middle))
    contents = reader.read_passages(Passages.with_answers([entry]).texts)
    return [
        max(phrasings),
        float(middle @ query.vector) / length if length else 0.0,
        max(float(text.vector @ query.vector) for text in contents),
        max(late(query, text) for text in contents),
    ]


@given(
    query=st.sampled_from(QUERIES),
    places=st.lists(st.integers(0, len(ENTRIES) - 1), min_size=1, max_size=6, unique=True),
)
@settings(max_examples=60)
def test_signals_equal_a_brute_force_over_phrasings_and_contents(
    query: str, places: list[int]
) -> None:
    reader = TinyReader()
    asked = read(reader, query)

    signals = CONTENT.signals(asked, query, np.array(places))
    signals[:, 3] = CONTENT.late(asked, np.array(places))

    words = LexicalIndex.build(Passages.with_answers(ENTRIES))
    bm25 = words.bm25(words.words(query))
    expected = [[*brute_force(reader, ENTRIES[n], asked), float(bm25[n])] for n in places]
    assert signals == pytest.approx(np.array(expected), abs=1e-2)


CONTENT = ContentRetriever.build(TinyReader(), Passages.of(ENTRIES))


def test_what_is_sealed_opens_with_the_same_signals(tmp_path: Path) -> None:
    reader, owners = TinyReader(), np.arange(len(ENTRIES))
    CONTENT.seal(tmp_path / "content")

    opened = ContentRetriever.open(tmp_path / "content", reader, Passages.of(ENTRIES))

    files = (path for path in (tmp_path / "content").rglob("*") if path.is_file())
    names = (path.relative_to(tmp_path / "content").as_posix() for path in files)
    assert sorted(names) == sorted(CONTENT.files)
    for query in QUERIES:
        signals = [c.signals(read(reader, query), query, owners) for c in (opened, CONTENT)]
        np.testing.assert_array_equal(*signals)
    # Nothing was read again.
    assert reader.read == []


def test_pieces_of_another_faq_are_refused_with_both_numbers(tmp_path: Path) -> None:
    CONTENT.seal(tmp_path / "content")
    count, fewer = (len(Passages.with_answers(each)) for each in (ENTRIES, ENTRIES[1:]))

    with pytest.raises(EngineError, match=f"pieces of {count} texts, but the FAQ has {fewer}"):
        ContentRetriever.open(tmp_path / "content", TinyReader(), Passages.of(ENTRIES[1:]))


@given(st.lists(st.booleans(), min_size=len(CONTENT.phrasings.passages)).map(np.array))
@settings(max_examples=25)
def test_what_is_left_without_some_phrasings_is_what_would_be_built_of_the_rest(
    drawn: np.ndarray,
) -> None:
    kept = drawn[: len(CONTENT.phrasings.passages)]
    kept[0] = True
    reader = TinyReader()

    left = CONTENT.without(kept)

    phrasings = CONTENT.phrasings.passages.kept(kept)
    contents = Passages.with_answers(phrasings.entries)
    fresh = ContentRetriever.of_read(
        reader,
        (phrasings, contents),
        reader.encode_passages(phrasings.texts),
        [KeptText.of(text) for text in reader.read_passages(contents.texts)],
    )
    owners = np.arange(len(phrasings.entries))
    for query in QUERIES:
        asked = read(reader, query)
        signals = [c.signals(asked, query, owners) for c in (left, fresh)]
        np.testing.assert_allclose(*signals, atol=1e-6)
        np.testing.assert_allclose(*(c.late(asked, owners) for c in (left, fresh)), atol=1e-6)


def test_an_entry_is_found_by_what_its_answer_alone_says() -> None:
    entries = [
        *(FaqEntry(f"e{n}", f"{n}번째 질문", f"{n}번째 답변") for n in range(40)),
        FaqEntry("post", "어느 회사가 가져다주나요?", "우체국 택배로 보내 드려요."),
    ]

    retriever = Retriever.build(TinyEncoder(), entries, pretrained=TinyReader())

    [ranking] = retriever.rank(["우체국 택배"], 3)
    assert ranking.hits[0].entry_id == "post"
    signals = ranking.hits[0].signals
    assert signals is not None
    assert (signals.bm25, signals.coverage) == (0.0, 0.0)
    assert min(signals.content, signals.late, signals.content_bm25) > 0


def test_a_category_limits_what_contents_propose() -> None:
    entries = [
        FaqEntry("a", "교환되나요", "우체국으로 보내 주세요.", (), "교환"),
        FaqEntry("b", "환불되나요", "우체국으로 보내 주세요.", (), "환불"),
    ]
    content = ContentRetriever.build(TinyReader(), Passages.of(entries))
    asked = read(TinyReader(), "우체국")

    assert content.candidates(asked, 5, "환불") == {1}
    assert content.candidates(asked, 5, None) == {0, 1}
