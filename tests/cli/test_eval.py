import json
from pathlib import Path

import pytest

from tests.command_lines import Mundap

SYSTEMS = {"dense", "bm25", "tfidf"}
MEASURES = {"hit@1", "hit@3", "hit@10", "mrr@10", "ndcg@10"}


def test_eval_retrieval_prints_systems_measures_and_intervals(mundap: Mundap, files: Path) -> None:
    arguments = ["--faq", "faq.csv", "--queries", "queries.csv", "--json", "--output", "report"]
    shown = mundap("eval", "retrieval", *arguments)
    assert shown.code == 0
    figures = json.loads(shown.out)
    assert set(figures) == SYSTEMS
    for measures in figures.values():
        assert set(measures) == MEASURES
        assert all(0 <= low <= value <= high <= 1 for value, low, high in measures.values())
    assert figures["dense"]["hit@1"][0] == 1.0
    written = {path.name for path in (files / "report").rglob("*") if path.is_file()}
    assert {"metrics.json", "qrels.trec"} <= written


def test_eval_retrieval_measures_only_the_modes_asked_for(mundap: Mundap, files: Path) -> None:
    modes = ["--mode", "tfidf", "--mode", "bm25"]
    arguments = ["--faq", "faq.csv", "--queries", "queries.csv", *modes]
    assert list(json.loads(mundap("eval", "retrieval", *arguments, "--json").out)) == [
        "tfidf",
        "bm25",
    ]
    table = mundap("eval", "retrieval", *arguments)
    assert table.code == 0
    assert "bm25" in table.out
    assert "dense" not in table.out


def test_eval_sts_prints_correlations(mundap: Mundap, files: Path) -> None:
    shown = mundap("eval", "sts", "--data", "sts.csv", "--json")
    figures = json.loads(shown.out)
    assert (shown.code, set(figures)) == (0, {"pearson", "spearman", "f1", "n"})
    assert figures["n"] == 2
    assert figures["spearman"] == pytest.approx(1.0)
    lines = mundap("eval", "sts", "--data", "sts.csv").out.splitlines()
    assert [line.split()[0] for line in lines] == ["pearson", "spearman", "f1", "n"]
