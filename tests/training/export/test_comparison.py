from collections.abc import Sequence
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from mundap.evaluation.agreement import Agreement, Speed
from mundap.evaluation.queries import Query
from mundap.evaluation.sts import SentencePair
from mundap.index.encoders.encoder import Vectors, unit_rows
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages
from mundap.training.export.comparison import ExportComparison
from tests.tiny_encoder import TinyEncoder

ENTRIES = [
    FaqEntry("fee", "배송비는 얼마인가요?", "3,000원이에요.", ("택배 요금",)),
    FaqEntry("refund", "환불은 며칠 걸려요?", "사흘이요.", ("돈 언제 줘",)),
]
QUERIES = [Query("q1", "배송비는 얼마", "fee"), Query("q2", "환불은 며칠", "refund")]
PAIRS = [SentencePair("배송비 얼마", "배송비 얼마", 5.0), SentencePair("배송비", "환불은", 0.0)]


class Blind(TinyEncoder):
    """Says of every text the same."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        return unit_rows(np.ones((len(texts), self.dimension), dtype=np.float32))


def test_what_an_export_loses_is_seen_in_every_figure() -> None:
    texts = Passages.of(ENTRIES).texts
    report = ExportComparison.measure(TinyEncoder(), Blind(), texts, PAIRS, QUERIES, ENTRIES)
    assert report.quality == {
        "STS Pearson": (pytest.approx(1.0), 0.0),
        "STS Spearman": (pytest.approx(1.0), 0.0),
        "Hit@1": (1.0, 0.5),
        "MRR@10": (1.0, 0.75),
    }
    assert report.agreement.texts == 4
    assert report.agreement.lowest < report.agreement.mean < 1


def test_without_judged_data_there_are_cosines_and_speeds_alone() -> None:
    report = ExportComparison.measure(TinyEncoder(), TinyEncoder(), ["가나다", "라마바"])
    assert report.quality == {}
    assert set(report.to_dict()) == {"agreement", "speed", "quality"}


def test_the_table_shows_both_sides_and_their_difference() -> None:
    report = ExportComparison(
        Agreement(0.9987, 0.9871, 0.964, 1200),
        Speed(12.0, 100.0),
        Speed(4.0, 250.0),
        {"Hit@1": (0.9, 0.885)},
    )
    shown = StringIO()
    Console(file=shown, width=100).print(report.table())
    text = " ".join(shown.getvalue().split())
    assert "Hit@1 │ 0.9000 │ 0.8850 │ -0.0150" in text
    assert "ms for one text │ 12.00 │ 4.00 │ 3.00x" in text
    assert "texts a second │ 100 │ 250 │ 2.50x" in text
    for part in ("1,200 texts", "mean 0.9987", "lowest 0.9871", "nearest text for 96.4%"):
        assert part in text


def test_json_holds_what_the_table_shows() -> None:
    report = ExportComparison(
        Agreement(0.9, 0.8, 1.0, 2), Speed(2.0, 10.0), Speed(1.0, 20.0), {"Hit@1": (0.5, 0.25)}
    )
    assert report.to_dict() == {
        "agreement": {"mean": 0.9, "lowest": 0.8, "same_nearest": 1.0, "texts": 2},
        "speed": {
            "before": {"milliseconds": 2.0, "texts_per_second": 10.0},
            "after": {"milliseconds": 1.0, "texts_per_second": 20.0},
        },
        "quality": {"Hit@1": [0.5, 0.25]},
    }
