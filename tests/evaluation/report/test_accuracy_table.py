import io

from rich.console import Console

from mundap.evaluation.report.accuracy_table import accuracy_table
from mundap.evaluation.retrieval import MEASURES, evaluate

QRELS = {"q1": {"배송-1": 1}, "q2": {"환불-1": 1}, "q3": {"인사": 1}}
DENSE = {"q1": {"배송-1": 0.75, "환불-1": 0.5}, "q2": {"배송-1": 0.5, "환불-1": 0.25}, "q3": {}}
BM25 = {"q1": {"환불-1": 3.5}, "q2": {"환불-1": 2.5}, "q3": {"인사": 0.0}}


def test_the_table_names_systems_measures_and_intervals():
    console = Console(width=140, record=True, file=io.StringIO())
    figures = {name: evaluate(run, QRELS) for name, run in {"dense": DENSE, "bm25": BM25}.items()}
    console.print(accuracy_table(figures))
    text = console.export_text()
    assert all(name in text for name in MEASURES)
    assert "3 queries of 3 entries" in text
    lines = {line.split("│")[1].strip(): line for line in text.splitlines() if "│" in line}
    assert ".333 [.000, 1.00]" in lines["dense"]
    assert ".667 [.000, 1.00]" in lines["bm25"]
