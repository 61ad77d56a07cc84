import json
from pathlib import Path

import pytest

from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.settings import ChatSettings
from mundap.evaluation.perturbations import PERTURBATIONS
from tests.command_lines import Mundap, assert_refused

MEASURED = ["eval", "robustness", "--queries", "queries.csv"]
BUILT = [*MEASURED, "--faq", "faq.csv", "--encoder", "default"]


def test_robustness_prints_json_and_writes_a_chart(mundap: Mundap, files: Path) -> None:
    shown = mundap(*BUILT, "--mode", "bm25", "--json", "--output", "report")
    assert shown.code == 0
    report = json.loads(shown.out)
    assert list(report) == ["bm25"]
    assert report["bm25"]["queries"] == 3
    assert set(report["bm25"]["kinds"]) <= set(PERTURBATIONS)
    assert json.loads((files / "report" / "robustness.json").read_text()) == report
    assert (files / "report" / "robustness.png").exists()


def test_robustness_prints_a_table_of_hybrid_and_bm25(mundap: Mundap, files: Path) -> None:
    shown = mundap(*BUILT)
    assert shown.code == 0
    assert "Robustness of hybrid" in shown.out
    assert "Robustness of bm25" in shown.out


def test_robustness_refuses_queries_of_another_faq(mundap: Mundap, files: Path) -> None:
    outcome = mundap(*BUILT, "--queries", "strangers.csv")
    assert_refused(outcome, "not in the FAQ")


def test_robustness_is_that_of_what_visitors_meet_or_of_an_index(
    mundap: Mundap, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ("--faq", "faq.csv", "--output", "index", "--pretrained", "none")
    assert mundap("index", "build", *options).code == 0
    opened: list[tuple[Path | None, Path | None]] = []

    def noted(settings: ChatSettings, index: Path | None) -> LiveBundle:
        opened.append((settings.faq, index))
        return LiveBundle.open(files / "index")

    monkeypatch.setattr("mundap.chatbot.home.first_run.open_live", noted)
    usual = mundap(*MEASURED, "--faq", "faq.csv", "--json")
    named = mundap(*MEASURED, "--index", "index", "--json")
    built = mundap(*BUILT, "--json")

    assert (usual.code, usual.out) == (0, named.out)
    assert named.out == built.out
    assert opened == [(Path("faq.csv"), None), (None, Path("index"))]


def test_an_index_stands_beside_nothing_that_it_holds(mundap: Mundap, files: Path) -> None:
    outcome = mundap(*BUILT, "--index", "index")
    assert_refused(outcome, "--index holds what --faq names")
