import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from mundap.evaluation.perturbations import PERTURBATIONS
from mundap.evaluation.queries import Query
from mundap.evaluation.report.robustness import robustness_table, write_robustness
from mundap.evaluation.robustness import AsTyped, ReadFirst, measure_robustness, with_and_without
from mundap.index.search.hit import Hit
from mundap.index.search.retriever import Retriever
from tests.index.shop_faq import ENTRIES, query_layer
from tests.tiny_encoder import TinyEncoder

QUERIES = [
    Query("1", "배송비는 얼마인가요?", "fee"),
    Query("2", "쿠폰은 어디에 등록하나요?", "coupon"),
    Query("3", "환불 어떻게 해요", "refund"),
]


class Exact:
    """Finds an entry by its exact question alone."""

    def search(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        return [
            [Hit(entry, query, 1.0) for entry in ENTRIES if query in entry.passages]
            for query in queries
        ]


EXACT = Exact()


def measured():
    return measure_robustness(ReadFirst(query_layer(), EXACT), EXACT, query_layer(), QUERIES)


def test_only_queries_that_a_kind_changes_count() -> None:
    kinds = {report.kind: report for report in measured().kinds}
    assert list(kinds) == list(PERTURBATIONS)
    assert kinds["NFD"].queries == 3
    assert kinds["Latin loan word"].queries == 1
    assert kinds["particles dropped"].queries == 2


def test_losses_are_paired_and_the_layer_mends_what_it_can() -> None:
    report = measured()
    assert (report.queries, report.clean.mean, report.changed, report.hurt) == (3, 1.0, 0, 0)
    for kind in report.kinds:
        assert kind.read_loss.mean == pytest.approx(kind.clean.mean - kind.read.mean)
        assert kind.as_typed_loss.mean == pytest.approx(1.0 - kind.as_typed.mean)
    kinds = {report.kind: report for report in report.kinds}
    assert (kinds["wrong keyboard"].as_typed.mean, kinds["wrong keyboard"].read.mean) == (0, 1)
    assert (kinds["NFD"].as_typed.mean, kinds["NFD"].read.mean) == (0, 1)
    assert (kinds["spacing removed"].as_typed.mean, kinds["spacing removed"].read.mean) == (0, 0)


def test_a_query_that_the_layer_mends_or_hurts_is_counted() -> None:
    asked = [Query("1", "배솟비 얼마예요", "fee"), Query("2", "배송비 얼마예요", "fee")]
    read = ReadFirst(query_layer(), EXACT)
    report = measure_robustness(read, EXACT, query_layer(), asked)
    assert (report.changed, report.mended, report.hurt) == (1, 1, 0)
    assert measure_robustness(EXACT, read, query_layer(), asked).hurt == 1


def test_progress_counts_the_kinds() -> None:
    seen: list[tuple[int, int]] = []
    measure_robustness(
        EXACT, EXACT, query_layer(), QUERIES, advance=lambda done, total: seen.append((done, total))
    )
    assert seen == [(n, len(PERTURBATIONS)) for n in range(1, len(PERTURBATIONS) + 1)]


def test_systems_come_with_and_without_the_layer() -> None:
    retriever = Retriever.build(TinyEncoder(), ENTRIES)
    typed = ["ghksqnf djEjgrp gody"]
    for name in ("hybrid", "dense", "bm25", "tfidf"):
        read, as_typed = with_and_without(retriever, name)
        clean = as_typed.search(["환불 어떻게 해요"], 3)
        assert [h.entry_id for h in read.search(typed, 3)[0]] == [h.entry_id for h in clean[0]]
    assert AsTyped(retriever).search(typed, 1) != retriever.search(typed, 1)


def test_the_report_is_a_table_a_file_and_a_chart(tmp_path: Path) -> None:
    report = measured()
    write_robustness(tmp_path / "new", {"exact": report, "again": report})
    written = json.loads((tmp_path / "new" / "robustness.json").read_text(encoding="utf-8"))
    assert written["exact"] == report.to_dict()
    assert written["exact"]["kinds"]["NFD"]["as_typed_loss"] == [1.0, 1.0, 1.0]
    assert (tmp_path / "new" / "robustness.png").read_bytes().startswith(b"\x89PNG")
    console = Console(width=140)
    with console.capture() as capture:
        console.print(robustness_table("exact", report))
    shown = capture.get()
    assert all(kind in shown for kind in PERTURBATIONS)
    assert "100.0 (100.0 to 100.0)" in shown


def test_the_same_seed_gives_the_same_report() -> None:
    assert measured() == measured()
    assert np.isfinite([kind.read.mean for kind in measured().kinds]).all()
