import json
from pathlib import Path

from mundap.evaluation.perturbations import PERTURBATIONS
from tests.command_lines import Mundap, assert_refused

ARGUMENTS = ["eval", "robustness", "--faq", "faq.csv", "--queries", "queries.csv"]


def test_robustness_prints_json_and_writes_a_chart(mundap: Mundap, files: Path) -> None:
    shown = mundap(*ARGUMENTS, "--mode", "bm25", "--json", "--output", "report")
    assert shown.code == 0
    report = json.loads(shown.out)
    assert list(report) == ["bm25"]
    assert report["bm25"]["queries"] == 3
    assert set(report["bm25"]["kinds"]) <= set(PERTURBATIONS)
    assert json.loads((files / "report" / "robustness.json").read_text()) == report
    assert (files / "report" / "robustness.png").exists()


def test_robustness_prints_a_table_of_hybrid_and_bm25(mundap: Mundap, files: Path) -> None:
    shown = mundap(*ARGUMENTS)
    assert shown.code == 0
    assert "Robustness of hybrid" in shown.out
    assert "Robustness of bm25" in shown.out


def test_robustness_refuses_queries_of_another_faq(mundap: Mundap, files: Path) -> None:
    outcome = mundap("eval", "robustness", "--faq", "faq.csv", "--queries", "strangers.csv")
    assert_refused(outcome, "not in the FAQ")
