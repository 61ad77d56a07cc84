import pytest

from mundap.evaluation.queries import Query
from mundap.evaluation.retrieval import evaluate
from mundap.evaluation.retrieval_files import write_retrieval
from mundap.evaluation.run import RunError, qrels_of, write_qrels, write_run
from mundap.evaluation.saved_run import SavedRun, asked_of, grouped, not_shared, read_saved_runs

QUERIES = [Query("q1", "배송비, 얼마?", "배송-1"), Query("q2", "환불 언제", "환불-1")]
DENSE = {"q1": {"배송-1": 0.75}, "q2": {"배송-1": 0.5, "환불-1": 0.25}}
BM25 = {"q1": {"환불-1": 3.5}, "q2": {"환불-1": 2.5}}
TEXTS = {"q1": "배송비, 얼마?", "q2": "환불 언제"}
QUESTIONS = {"배송-1": "배송비가 얼마예요?", "환불-1": "환불은 언제 돼요?", "쿠폰-1": "쿠폰?"}


# Of the entries that are right or came first.
MET = {name: QUESTIONS[name] for name in ("배송-1", "환불-1")}


def save(folder, **runs):
    reports = {name: evaluate(run, qrels_of(QUERIES)) for name, run in runs.items()}
    write_retrieval(folder, QUERIES, runs, reports, QUESTIONS)


def test_a_folder_of_one_system_brings_its_queries(tmp_path):
    save(tmp_path / "old", dense=DENSE)
    assert SavedRun.read(tmp_path / "old") == SavedRun(DENSE, qrels_of(QUERIES), TEXTS, MET)


def test_one_of_several_systems_takes_the_queries_of_the_folder_above(tmp_path):
    save(tmp_path, dense=DENSE, bm25=BM25)
    assert SavedRun.read(tmp_path / "bm25") == SavedRun(BM25, qrels_of(QUERIES), TEXTS, MET)


def test_a_bare_file_brings_a_run_alone_even_beside_other_files(tmp_path):
    save(tmp_path, dense=DENSE)
    assert SavedRun.read(tmp_path / "run.trec") == SavedRun(DENSE, None, {})


def test_runs_are_named_by_their_paths_and_share_their_queries(tmp_path):
    save(tmp_path / "a", dense=DENSE)
    save(tmp_path / "b", bm25=BM25)
    write_run(BM25, tmp_path / "c.trec", "other")
    saved = read_saved_runs([tmp_path / "a", tmp_path / "b", tmp_path / "c.trec"])
    assert list(saved) == [str(tmp_path / name) for name in ("a", "b", "c.trec")]
    assert asked_of(saved, None, None) == (qrels_of(QUERIES), TEXTS)


def test_named_queries_and_qrels_go_before_those_beside_the_runs(tmp_path):
    save(tmp_path / "a", dense=DENSE)
    saved = read_saved_runs([tmp_path / "a"])
    write_qrels({"q1": {"환불-1": 1}}, tmp_path / "other.trec")
    assert asked_of(saved, None, tmp_path / "other.trec") == ({"q1": {"환불-1": 1}}, TEXTS)
    (tmp_path / "other.csv").write_text("query_id,query,entry_id\nq9,쿠폰?,쿠폰-1\n")
    assert asked_of(saved, tmp_path / "other.csv", None) == (
        {"q9": {"쿠폰-1": 1}},
        {"q9": "쿠폰?"},
    )
    with pytest.raises(RunError, match="--queries and --qrels both say"):
        asked_of(saved, tmp_path / "other.csv", tmp_path / "other.trec")


def test_runs_without_queries_or_with_different_ones_are_refused(tmp_path):
    save(tmp_path / "a", dense=DENSE)
    save(tmp_path / "b", dense=DENSE)
    write_qrels({"q1": {"환불-1": 1}}, tmp_path / "b" / "qrels.trec")
    with pytest.raises(RunError, match=r"a and .*b were measured on different queries"):
        asked_of(read_saved_runs([tmp_path / "a", tmp_path / "b"]), None, None)
    bare = read_saved_runs([tmp_path / "a" / "run.trec"])
    with pytest.raises(RunError, match=r"do not say which entries are right\. Name the queries"):
        asked_of(bare, None, None)


def test_what_is_no_run_is_refused_in_a_sentence(tmp_path):
    save(tmp_path / "two", dense=DENSE, bm25=BM25)
    (tmp_path / "none").mkdir()
    (tmp_path / "blank.trec").write_text("\n")
    (tmp_path / "bad.trec").write_text("q1 Q0 d1 1 0.5 x\nq1 Q0 d2 2 높음 x\n")
    for name, message in {
        "two": r"two holds 2 systems; name one: .*two/dense, .*two/bm25",
        "none": r"none holds no run\.trec",
        "blank.trec": r"blank\.trec: no lines",
        "bad.trec": r"bad\.trec, line 2: score '높음'; wanted a finite number",
        "gone": r"gone: cannot be read \(No such file",
    }.items():
        with pytest.raises(RunError, match=message):
            SavedRun.read(tmp_path / name)
    save(tmp_path / "a", dense=DENSE)
    with pytest.raises(RunError, match="a is named twice"):
        read_saved_runs([tmp_path / "a", tmp_path / "a"])


def test_folders_of_several_systems_are_compared_system_by_system(tmp_path):
    save(tmp_path / "a", bm25=BM25, dense=DENSE, other=DENSE)
    save(tmp_path / "b", dense=DENSE, bm25=BM25)
    paths = [tmp_path / "a", tmp_path / "b"]
    groups = grouped(paths)
    assert groups == [[path / name for path in paths] for name in ("dense", "bm25")]
    assert not_shared(paths, groups) == [tmp_path / "a" / "other"]
    assert grouped(paths[1:]) == [[paths[1] / "dense", paths[1] / "bm25"]]


def test_single_runs_are_one_group(tmp_path):
    save(tmp_path / "a", dense=DENSE)
    paths = [tmp_path / "a", tmp_path / "b.trec"]
    assert (grouped(paths), not_shared(paths, [paths])) == ([paths], [])


def test_folders_that_cannot_be_paired_are_refused(tmp_path):
    save(tmp_path / "two", dense=DENSE, bm25=BM25)
    save(tmp_path / "others", x=DENSE, y=BM25)
    save(tmp_path / "one", dense=DENSE)
    with pytest.raises(RunError, match=r"one is one run, but .*two holds 2 systems; name one: "):
        grouped([tmp_path / "one", tmp_path / "two"])
    with pytest.raises(
        RunError, match=r"share no system: .*two has dense, bm25; .*others has x, y"
    ):
        grouped([tmp_path / "two", tmp_path / "others"])


def test_a_folder_of_an_older_version_has_queries_and_no_questions(tmp_path):
    save(tmp_path, dense=DENSE)
    (tmp_path / "per_query.csv").write_text("query_id,query\nq1,배송비\n", encoding="utf-8")
    read = SavedRun.read(tmp_path)
    assert (read.texts, read.questions) == ({"q1": "배송비"}, {})
