"""A query and its first hit, read together where that may change the reply."""

from dataclasses import replace

import pytest

from mundap.index.search.confidence import EVIDENCE, Confidence, LogOdds
from mundap.index.search.evidence import MOST
from mundap.index.search.retriever import Retriever
from tests.index import shop_faq
from tests.tiny_encoder import TinyEncoder, TinyReader

LONE = [replace(entry, alternates=()) for entry in shop_faq.ENTRIES]
QUERY = "환불 언제쯤 받아요"
FLAT = dict.fromkeys(EVIDENCE, 0.0)


class Judge(TinyReader):
    """Says of every passage the same; remembers what it was asked."""

    def __init__(self, odds: float) -> None:
        super().__init__()
        self.odds = odds
        self.asked: list[tuple[str, str]] = []

    def verdict(self, query: str, passage: str) -> float:
        self.asked.append((query, passage))
        return self.odds


def confidence(weight: float) -> Confidence:
    """Give every query 1/2 where it was not read, and as much as it says where it was."""
    model, unread = LogOdds(0.0, FLAT | {"together": weight}), LogOdds(0.0, FLAT)
    return Confidence(model, model, 0.7, 0.3, unread_first=unread, unread_shown=unread)


def built(odds: float) -> tuple[Retriever, Judge]:
    judge = Judge(odds)
    return Retriever.build(TinyEncoder(dimension=512), LONE, pretrained=judge), judge


@pytest.mark.parametrize(
    ("odds", "counted", "kind"),
    [(2.5, 2.5, "answer"), (-2.5, -2.5, "unknown"), (0.5, 0.5, "suggest"), (90.0, MOST, "answer")],
)
def test_where_it_may_change_the_reply_a_query_is_read_with_its_first_hit(
    odds: float, counted: float, kind: str
) -> None:
    retriever, judge = built(odds)
    [unread] = retriever.rank([QUERY], 3)
    assert unread.evidence is not None

    ranking = retriever.rank_in_steps(QUERY, 3, confidence=confidence(1.0))

    first = unread.hits[0].entry
    assert judge.asked == [(ranking.reading.text, f"{first.question} {first.answer}")]
    assert ranking == replace(unread, evidence=replace(unread.evidence, together=counted))
    assert ranking.kind(confidence(1.0)) == kind
    assert retriever.rank([QUERY], 3, verdicts=True) == [ranking]


def test_it_is_not_where_nothing_changes_nobody_judges_or_a_phrasing_was_asked() -> None:
    retriever, judge = built(9.0)
    [unread] = retriever.rank([QUERY], 3)

    assert retriever.rank_in_steps(QUERY, 3, confidence=confidence(0.01)) == unread
    assert retriever.rank_in_steps(QUERY, 3) == unread
    assert retriever.rank_in_steps(LONE[0].question, 3, confidence=confidence(1.0)).is_exact
    assert judge.asked == []


def test_without_a_pretrained_encoder_nothing_is_read() -> None:
    retriever = Retriever.build(TinyEncoder(), LONE)
    [ranking] = retriever.rank([QUERY], 3, verdicts=True)
    assert ranking.evidence is not None
    assert ranking.evidence.together == 0.0


def test_of_a_long_answer_the_part_that_is_nearest_is_read() -> None:
    parts = ["환불은 사흘 걸립니다. " * 30, "제주도는 배를 타고 갑니다. " * 30]
    long = replace(LONE[0], answer="\n\n".join(parts))
    judge = Judge(1.0)
    retriever = Retriever.build(TinyEncoder(dimension=512), [long], pretrained=judge)

    retriever.rank(["제주도 배 타고"], 1, verdicts=True)

    [(_, passage)] = judge.asked
    assert "제주도는 배를 타고" in passage
    assert len(passage) < len(long.answer)
