import json
from pathlib import Path
from typing import Any

import pytest

from mundap.evaluation.perturbations import PERTURBATIONS
from mundap.index.search.retriever import Retriever
from tests.command_lines import Mundap, assert_refused
from tests.index.encoders.small_pretrained import write_small_pretrained

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


@pytest.mark.parametrize(
    ("options", "reads"),
    [((), True), (("--pretrained", "none"), False), (("--mode", "bm25"), False)],
    ids=["usual", "none", "no hybrid"],
)
def test_hybrid_is_measured_with_the_pretrained_encoder_unless_told_not_to(
    mundap: Mundap,
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    reads: bool,
) -> None:
    shipped = write_small_pretrained(files / "shipped")
    monkeypatch.setattr("mundap.index.encoders.pretrained.SHIPPED_DIRECTORY", shipped)
    built: list[object] = []
    build = Retriever.build

    def noted(*given: Any, pretrained: Any = None) -> Retriever:
        built.append(pretrained)
        return build(*given, pretrained=pretrained)

    monkeypatch.setattr(Retriever, "build", noted)
    assert mundap(*ARGUMENTS, *options).code == 0
    assert [reader is not None for reader in built] == [reads]
