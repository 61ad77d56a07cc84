import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mundap.evaluation.queries import Query
from mundap.evaluation.run import (
    RunError,
    qrels_of,
    read_qrels,
    read_run,
    trec_order,
    write_qrels,
    write_run,
)

IDS = st.text(
    st.characters(codec="utf-8").filter(lambda c: not c.isspace() and c not in "\ufeff␠"),
    min_size=1,
    max_size=6,
)
SINGLE = st.floats(allow_nan=False, allow_infinity=False, width=32)
DOUBLE = st.floats(-1e30, 1e30)
RUNS = st.dictionaries(
    IDS, st.dictionaries(IDS, SINGLE | DOUBLE, min_size=1, max_size=5), max_size=4
)


@given(RUNS)
def test_a_written_run_reads_back_equal(tmp_path_factory, run):
    path = tmp_path_factory.mktemp("run") / "run.trec"
    write_run(run, path, "dense")
    assert read_run(path) == run


@given(RUNS)
def test_ir_measures_reads_the_same_run(tmp_path_factory, run):
    path = tmp_path_factory.mktemp("run") / "run.trec"
    write_run(run, path, "dense")
    with path.open(encoding="utf-8", newline="\n") as file:
        theirs = {}
        for hit in ir_measures.read_trec_run(file):
            theirs.setdefault(hit.query_id, {})[hit.doc_id] = hit.score
    assert theirs == run


@given(st.dictionaries(IDS, st.dictionaries(IDS, st.integers(-2, 3), min_size=1), max_size=4))
def test_written_qrels_read_back_equal(tmp_path_factory, qrels):
    path = tmp_path_factory.mktemp("qrels") / "qrels.trec"
    write_qrels(qrels, path)
    assert read_qrels(path) == qrels


def test_the_files_look_as_trec_wants_them(tmp_path):
    write_run({"q1": {"배송-1": 0.1, "배송-2": 0.25}, "q2": {}}, tmp_path / "run.trec", "bm25")
    write_qrels(qrels_of([Query("q1", "배송비?", "배송-1")]), tmp_path / "qrels.trec")
    assert (tmp_path / "run.trec").read_bytes().decode() == (
        "q1 Q0 배송-2 1 0.25 bm25\nq1 Q0 배송-1 2 0.1 bm25\n"
    )
    assert (tmp_path / "qrels.trec").read_bytes().decode() == "q1 0 배송-1 1\n"


def test_files_of_other_tools_are_read(tmp_path):
    path = tmp_path / "run.trec"
    path.write_bytes(
        b"\xef\xbb\xbfq1\tQ0\td1\t1\t1.5e-3\tAnserini BM25 (k1=0.9)\r\n\r\nq1 0 d2 9 -2 x"
    )
    assert read_run(path) == {"q1": {"d1": 0.0015, "d2": -2.0}}
    path = tmp_path / "qrels.txt"
    path.write_bytes(b"q1\t0\td1\t2\r\nq1\t0\td2\t0\r\n")
    assert read_qrels(path) == {"q1": {"d1": 2, "d2": 0}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("q1 Q0 d1 1 0.5", r"run\.trec, line 1: 5 fields; wanted `query_id Q0 entry_id rank"),
        ("q1 Q0 d1 1 0.5 x\nq1 Q0 d1 2 0.4 x", r"line 2: 'd1' stands twice for query 'q1'"),
        ("q1 Q0 d1 1 high x", r"line 1: score 'high'; wanted a finite number"),
        ("q1 Q0 d1 1 nan x", r"line 1: score 'nan'; wanted a finite number"),
    ],
)
def test_a_bad_line_of_a_run_is_named(tmp_path, text, message):
    path = tmp_path / "run.trec"
    path.write_text(text)
    with pytest.raises(RunError, match=message):
        read_run(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("q1 0 d1", r"line 1: 3 fields; wanted `query_id 0 entry_id relevance`"),
        ("q1 0 d1 yes", r"line 1: relevance 'yes'; wanted a whole number"),
        ("q1 0 d1 1 more", r"line 1: relevance '1 more'; wanted a whole number"),
    ],
)
def test_a_bad_line_of_qrels_is_named(tmp_path, text, message):
    path = tmp_path / "qrels.trec"
    path.write_text(text)
    with pytest.raises(RunError, match=message):
        read_qrels(path)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(RunError, match=r"none\.trec: cannot be read \(No such file"):
        read_run(tmp_path / "none.trec")
    (tmp_path / "cp949.trec").write_bytes("q1 0 배송 1".encode("cp949"))
    with pytest.raises(RunError, match=r"cp949\.trec: cannot be read \(not UTF-8 text\)"):
        read_qrels(tmp_path / "cp949.trec")


def test_ties_go_by_id_descending_and_scores_count_in_single_precision():
    assert trec_order({"a": 0.5, "나": 0.5 + 1e-12, "b": 0.5, "z": 0.25}) == ["나", "b", "a", "z"]


@pytest.mark.parametrize("score", [float("nan"), float("inf"), 1e300])
def test_a_score_that_has_no_place_in_an_order_is_refused(score):
    with pytest.raises(RunError, match=r"entry 'b' has score .*; wanted a finite number"):
        trec_order({"a": 0.5, "b": score})


def test_an_id_that_holds_a_space_comes_back(tmp_path):
    run = {"q 1": {"배송 1": 0.5, "배송": 0.25}}
    write_run(run, tmp_path / "run.trec", "ours")
    write_qrels({"q 1": {"배송 1": 1}}, tmp_path / "qrels.trec")
    assert read_run(tmp_path / "run.trec") == run
    assert read_qrels(tmp_path / "qrels.trec") == {"q 1": {"배송 1": 1}}
