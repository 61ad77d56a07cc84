import json
from datetime import date
from pathlib import Path

import pytest

from mundap.chatbot.home import first_run
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.settings import ChatSettings
from mundap.evaluation.fit.served_confidence import measure_confidence
from mundap.evaluation.queries import read_queries
from mundap.index.bundle.bundle import Bundle
from mundap.index.similarity.cross_encoder import CrossEncoder
from tests.command_lines import Mundap, assert_refused
from tests.index.small_cross_encoder import write_cross_encoder

TODAY = date.today().isoformat()
SYSTEMS = {"hybrid", "dense", "bm25", "tfidf"}
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


def test_eval_sts_asks_a_cross_encoder_for_what_it_finds(mundap: Mundap, files: Path) -> None:
    directory = write_cross_encoder(files / "cross")
    pairs = [("배송비는 얼마예요", "환불 되나요"), ("주문", "배송비"), ("환불 되나요", "환불")]
    found = CrossEncoder.open(directory).closeness(pairs)
    # People's scores in the order of what it finds.
    scores = found.argsort().argsort() + 1
    rows = "".join(f"{a},{b},{s}\n" for (a, b), s in zip(pairs, scores.tolist(), strict=True))
    (files / "judged.csv").write_text(f"sentence1,sentence2,score\n{rows}", encoding="utf-8")

    shown = mundap("eval", "sts", "--data", "judged.csv", "--encoder", "cross", "--json")

    assert (shown.code, json.loads(shown.out)["spearman"]) == (0, pytest.approx(1.0))


@pytest.fixture
def reports(mundap: Mundap, files: Path) -> Path:
    """Folders `old` and `new` of the same queries, the new one right where the old is wrong."""
    texts = [f"질문 {number}" for number in range(12)]
    rows = "".join(f"q{n:02d},{text},fee\n" for n, text in enumerate(texts))
    (files / "many.csv").write_text(f"query_id,query,entry_id\n{rows}", encoding="utf-8")
    for name, first, second in (("old", "refund", "fee"), ("new", "fee", "refund")):
        lines = (f"q{n:02d} Q0 {first} 1 2.0 x\nq{n:02d} Q0 {second} 2 1.0 x\n" for n in range(12))
        (files / f"{name}.trec").write_text("".join(lines), encoding="utf-8")
    return files


def test_eval_compare_shows_differences_and_changed_queries(mundap: Mundap, reports: Path) -> None:
    shown = mundap("eval", "compare", "old.trec", "new.trec", "--queries", "many.csv")
    assert (shown.code, shown.err) == (0, "")
    assert "new.trec against old.trec" in shown.out
    assert "better" in shown.out
    assert "질문 3" in shown.out
    found = mundap("eval", "compare", "old.trec", "new.trec", "--queries", "many.csv", "--json")
    (compared,) = json.loads(found.out)
    assert (len(compared["fixed"]), compared["broken"], compared["worse"]) == (12, [], False)
    # All of 12 changed for the better: 2 of the 4,096 outcomes of equal systems.
    assert compared["differences"]["hit@1"]["p"] == pytest.approx(2 / 4096)


def test_eval_compare_gates_on_what_is_significantly_worse(mundap: Mundap, reports: Path) -> None:
    queries = ("--queries", "many.csv")
    assert mundap("eval", "compare", "new.trec", "old.trec", *queries).code == 0
    gated = mundap("eval", "compare", "new.trec", "old.trec", *queries, "--gate")
    assert (gated.code, gated.err) == (1, "")
    assert "worse" in gated.out
    assert mundap("eval", "compare", "old.trec", "new.trec", *queries, "--gate").code == 0
    (reports / "copy.trec").write_text((reports / "old.trec").read_text())
    assert mundap("eval", "compare", "old.trec", "copy.trec", *queries, "--gate").code == 0


def test_eval_compare_reads_the_folders_of_eval_retrieval(mundap: Mundap, files: Path) -> None:
    for name in ("bm25", "tfidf"):
        arguments = ["--faq", "faq.csv", "--queries", "queries.csv", "--mode", name]
        assert mundap("eval", "retrieval", *arguments, "--output", name, "--json").code == 0
    (compared,) = json.loads(mundap("eval", "compare", "bm25", "tfidf", "--json").out)
    assert (compared["before"], compared["after"], compared["queries"]) == ("bm25", "tfidf", 3)


def test_eval_compare_reads_what_eval_retrieval_writes_and_shows_questions(
    mundap: Mundap, files: Path
) -> None:
    modes = ["--mode", "bm25", "--mode", "tfidf"]
    measured = ["eval", "retrieval", "--faq", "faq.csv", "--queries", "queries.csv", *modes]
    for name in ("old", "new"):
        assert mundap(*measured, "--output", name).code == 0
    # As if the new one had found the wrong entry for the first query.
    run = files / "new/bm25/run.trec"
    lines = [line for line in run.read_text("utf-8").splitlines() if not line.startswith("q0001 ")]
    run.write_text("\n".join(["q0001 Q0 phone 1 9.0 bm25", *lines]) + "\n", encoding="utf-8")
    found = json.loads(mundap("eval", "compare", "old", "new", "--json").out)
    assert [(item["before"], item["after"]) for item in found] == [
        ("old/bm25", "new/bm25"),
        ("old/tfidf", "new/tfidf"),
    ]
    shown = mundap("eval", "compare", "old", "new")
    assert (shown.code, shown.err) == (0, "")
    assert "Broken: 1 queries" in shown.out
    assert "배송비는 얼마인가요?" in shown.out.replace("\n", "")
    alone = json.loads(mundap("eval", "compare", "old", "--json").out)
    assert [(item["before"], item["after"]) for item in alone] == [("old/bm25", "old/tfidf")]
    (files / "new/tfidf/run.trec").unlink()
    named = mundap("eval", "compare", "old", "new", "--json")
    assert named.err == "old/tfidf: not compared, as another folder has no such system.\n"


def test_eval_report_writes_a_page_a_text_and_figures(mundap: Mundap, files: Path) -> None:
    (files / "beside.csv").write_text("query\n오늘 날씨\n주식 추천\n", encoding="utf-8")
    arguments = ["--faq", "faq.csv", "--queries", "queries.csv", "--out-of-scope", "beside.csv"]
    shown = mundap("eval", "report", *arguments, "--encoder", "default", "--output", "report")
    assert shown.code == 0
    assert shown.out.split() == [f"report/report.{suffix}" for suffix in ("html", "md", "json")]
    page, text, figures = ((files / path).read_text("utf-8") for path in shown.out.split())
    assert page.startswith("<!doctype html>")
    assert "3 queries to 4 entries" in page
    assert "## Confidence" in text
    values = json.loads(figures)
    assert set(values["retrieval"]) == SYSTEMS
    assert values["confidence"]["n_out_of_scope"] == 2
    assert set(values["latency"]) == SYSTEMS
    assert (values["facts"]["FAQ"], values["facts"]["date"]) == ("faq.csv", TODAY)
    words = "static vectors of morphemes, as it comes; no pretrained encoder beside it"
    assert values["facts"]["encoder"] == words
    assert f"faq.csv · {TODAY} · {words}" in page
    alone = json.loads(
        mundap("eval", "retrieval", *arguments[:4], "--json").out,
    )
    assert values["retrieval"] == alone


REPORTED = ("eval", "report", "--queries", "queries.csv", "--no-careless", "--output", "report")


@pytest.fixture
def index(mundap: Mundap, files: Path) -> Path:
    """An index of the small FAQ, as `index build` leaves it."""
    built = mundap(
        "index", "build", "--faq", "faq.csv", "--output", "index", "--pretrained", "none"
    )
    assert built.code == 0
    return files / "index"


def test_eval_report_measures_an_index_as_it_is(mundap: Mundap, index: Path) -> None:
    assert mundap(*REPORTED, "--index", "index").code == 0
    values = json.loads((index.parent / "report/report.json").read_text("utf-8"))
    facts = values["facts"]
    assert facts["FAQ"] == "the FAQ of index index"
    assert facts["encoder"] == "static vectors of morphemes, as it comes"
    assert facts["index"] == f"generation 1 of {TODAY}"
    assert facts["confidence"] == "the index's own"
    bundle = Bundle.open(index)
    asked = read_queries(index.parent / "queries.csv")
    own = measure_confidence(bundle.retriever, bundle.confidence, asked, [])
    assert values["confidence"] == json.loads(json.dumps(own.to_dict()))


def test_eval_report_measures_what_chat_serves_unless_told_otherwise(
    mundap: Mundap, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def open_live(settings: ChatSettings, named: Path | None) -> LiveBundle:
        asked.append((settings.faq, named))
        return LiveBundle.open(index)

    monkeypatch.setattr(first_run, "open_live", open_live)
    assert mundap(*REPORTED, "--faq", "faq.csv", "--language", "ko").code == 0
    assert asked == [(Path("faq.csv"), None)]
    page = (index.parent / "report/report.html").read_text("utf-8")
    assert '<html lang="ko">' in page
    assert f"항목 4개에 대한 질문 3개 · faq.csv · {TODAY} · 형태소 정적 벡터" in page


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--index", "i", "--faq", "faq.csv"), "--index holds what --faq names. Leave one"),
        (("--index", "i", "--encoder", "default"), "--index holds what --encoder names"),
        (("--index", "i", "--question-column", "Q"), "--index holds what a column names"),
        (("--question-column", "Q"), "The bundled FAQ is read as it is"),
        (("--index", "empty"), "empty: no index here"),
        (("--language", "fr"), "'fr' is not one of"),
    ],
)
def test_eval_report_refuses_what_cannot_be_meant(
    options: tuple[str, ...], reason: str, mundap: Mundap, files: Path
) -> None:
    assert_refused(mundap(*REPORTED, *options), reason)
    assert not (files / "report").exists()
