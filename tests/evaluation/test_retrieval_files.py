import csv
import json

from mundap.evaluation.queries import Query
from mundap.evaluation.retrieval import MEASURES, evaluate
from mundap.evaluation.retrieval_files import write_retrieval
from mundap.evaluation.run import qrels_of, read_qrels, read_run

QUERIES = [
    Query("q1", "배송비, 얼마?", "배송-1"),
    Query("q2", "환불 언제", "환불-1"),
    Query("q3", "😀", "인사"),
]
DENSE = {"q1": {"배송-1": 0.75, "환불-1": 0.5}, "q2": {"배송-1": 0.5, "환불-1": 0.25}, "q3": {}}
BM25 = {"q1": {"환불-1": 3.5}, "q2": {"환불-1": 2.5}, "q3": {"인사": 0.0}}


QUESTIONS = {"배송-1": "배송비가 얼마예요?", "환불-1": "환불은 언제 돼요?"}


def figures(runs):
    return {name: evaluate(run, qrels_of(QUERIES)) for name, run in runs.items()}


def files(directory):
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*.*"))


def test_one_system_has_its_files_side_by_side(tmp_path):
    runs = {"dense": DENSE}
    write_retrieval(tmp_path / "new" / "report", QUERIES, runs, figures(runs), QUESTIONS)
    home = tmp_path / "new" / "report"
    assert files(home) == ["metrics.json", "per_query.csv", "qrels.trec", "run.trec"]
    assert read_run(home / "run.trec") == {"q1": DENSE["q1"], "q2": DENSE["q2"]}
    assert read_qrels(home / "qrels.trec") == qrels_of(QUERIES)


def test_several_systems_have_a_folder_each(tmp_path):
    runs = {"dense": DENSE, "bm25": BM25}
    write_retrieval(tmp_path, QUERIES, runs, figures(runs), QUESTIONS)
    assert files(tmp_path) == [
        "bm25/per_query.csv",
        "bm25/run.trec",
        "dense/per_query.csv",
        "dense/run.trec",
        "metrics.json",
        "qrels.trec",
    ]
    assert read_run(tmp_path / "bm25" / "run.trec") == BM25
    metrics = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    assert metrics == {name: found.to_dict() for name, found in figures(runs).items()}
    assert list(metrics) == ["dense", "bm25"]
    assert list(metrics["dense"]) == list(MEASURES)
    assert metrics["bm25"]["hit@1"][0] == 2 / 3


def test_figures_computed_from_the_written_files_are_the_same(tmp_path):
    runs = {"dense": DENSE}
    write_retrieval(tmp_path, QUERIES, runs, figures(runs), QUESTIONS)
    again = evaluate(read_run(tmp_path / "run.trec"), read_qrels(tmp_path / "qrels.trec"))
    assert again == figures(runs)["dense"]


def test_each_query_has_a_row_with_what_came_first(tmp_path):
    runs = {"dense": DENSE}
    write_retrieval(tmp_path, QUERIES, runs, figures(runs), QUESTIONS)
    with (tmp_path / "per_query.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        *("query_id", "query", "entry_id", "question", "rank"),
        *("top_entry_id", "top_question", "top_score"),
        *MEASURES,
    ]
    fee, refund = QUESTIONS.values()
    assert [list(row.values())[:9] for row in rows] == [
        ["q1", "배송비, 얼마?", "배송-1", fee, "1", "배송-1", fee, "0.75", "1.0"],
        ["q2", "환불 언제", "환불-1", refund, "2", "배송-1", fee, "0.5", "0.0"],
        ["q3", "😀", "인사", "", "", "", "", "", "0.0"],
    ]
