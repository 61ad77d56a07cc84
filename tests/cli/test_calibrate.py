import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from mundap import cli
from mundap.chatbot.home.bundled import bundled_path
from mundap.index.bundle.manifest import Manifest
from mundap.index.encoders.encoder import directory_fingerprint
from mundap.index.faq.entry import read_faq
from mundap.index.search.confidence import EVIDENCE, Confidence
from mundap.index.tables.table import read_table
from mundap.index.tables.table_writer import write_table
from tests.command_lines import Mundap, assert_refused

# Without a pretrained encoder: a fit is none of its business, and it is quicker.
PLAIN = ("--pretrained", "none")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the bundled questions about delivery."""
    index = tmp_path_factory.mktemp("built") / "index"
    arguments = ["--faq", str(bundled_path("faq") / "delivery.csv"), "--output", str(index), *PLAIN]
    done = CliRunner().invoke(cli.app, ["index", "build", *arguments], catch_exceptions=False)
    assert (done.exit_code, done.stdout) == (0, "")
    return index


@pytest.fixture
def shop(files: Path, built: Path) -> Path:
    """A folder with that index, and queries written for it."""
    write_table(pd.DataFrame(delivery_queries()), files / "asked.csv")
    shutil.copytree(built, files / "index")
    return files


def delivery_queries() -> list[dict[str, str]]:
    known = {entry.entry_id for entry in read_faq(bundled_path("faq") / "delivery.csv")}
    rows = read_table(bundled_path("development_queries.csv")).rows
    return [row for row in rows if row["entry_id"] in known]


def test_a_fit_on_given_queries_is_told_in_sentences_and_serves(mundap: Mundap, shop: Path) -> None:
    strange = bundled_path("development_out_of_scope.csv")
    given = ("--queries", "asked.csv", "--out-of-scope", strange, "--target-accuracy", "0.8")
    shown = mundap("calibrate", "index", *given)
    assert (shown.code, shown.err) == (0, "")
    lines = shown.out.splitlines()
    assert lines[:2] == [
        "Generation 2 serves with this confidence:",
        "  It answers when it is right with probability 0.80 or more.",
    ]
    assert re.fullmatch(r"  It answers \d+% \[\d+, \d+\] of the questions that .*", lines[2])
    assert re.fullmatch(r"  Answers given: \d+% \[\d+, \d+\] right\.", lines[3])
    assert lines[-1].startswith(f"  Measured on {len(delivery_queries())} (given) and ")
    assert json.loads(mundap("index", "info", "index").out)["confidence"]["answer"] == 0.8
    assert mundap("index", "list", "index").out.splitlines()[1].startswith("* 000002")


def test_json_is_one_object_with_the_generation_and_the_whole_fit(
    mundap: Mundap, shop: Path
) -> None:
    shown = mundap("calibrate", "index", "--queries", "asked.csv", "--json")
    assert (shown.code, shown.err) == (0, "")
    fitted = json.loads(shown.out)
    assert fitted.pop("generation") == 2
    assert fitted == json.loads(mundap("index", "info", "index").out)["confidence"]
    usual = Confidence.usual(content=False).answer
    assert (fitted["answer"], fitted["fit"]["in_scope"]) == (usual, "given")
    assert {name: set(fitted[name]["weights"]) for name in ("first", "shown")} == {
        "first": set(EVIDENCE),
        "shown": set(EVIDENCE),
    }


def test_a_fit_keeps_what_the_index_has_read_and_both_encoders(mundap: Mundap, files: Path) -> None:
    assert mundap("index", "build", "--faq", "faq.csv", "--output", "index").code == 0
    before = json.loads(mundap("index", "info", "index").out)
    assert mundap("calibrate", "index").code == 0
    after = json.loads(mundap("index", "info", "index").out)
    assert after["encoders"] == before["encoders"]
    assert set(after["encoders"]) == {"retrieval", "reading"}
    read = [name for name in before["files"] if name.startswith("content/")]
    assert read
    assert [after["files"][name] for name in read] == [before["files"][name] for name in read]


def test_a_faq_too_small_to_fit_on_keeps_the_default_and_says_so(
    mundap: Mundap, files: Path
) -> None:
    assert mundap("index", "build", "--faq", "faq.csv", "--output", "index", *PLAIN).code == 0
    shown = mundap("calibrate", "index")
    assert shown.out.splitlines() == [
        "Generation 2 serves with this confidence:",
        "  Fewer than 50 queries in scope or out of scope to fit on. The default fit is used.",
    ]


def test_what_cannot_be_calibrated_is_refused_in_one_sentence(mundap: Mundap, files: Path) -> None:
    assert mundap("index", "build", "--faq", "faq.csv", "--output", "index", *PLAIN).code == 0
    assert_refused(mundap("calibrate", "nowhere"), "nowhere: no index here")
    assert_refused(mundap("calibrate", "empty"), "empty: no index here")
    assert_refused(mundap("calibrate", "index", "--target-accuracy", "2"), "wanted above 0")
    assert_refused(mundap("calibrate", "index", "--queries", "strangers.csv"), "'nobody'")
    assert len(mundap("index", "list", "index").out.splitlines()) == 1


def test_an_index_of_another_encoder_is_refused_with_both_fingerprints(
    mundap: Mundap, files: Path
) -> None:
    assert mundap("index", "build", "--faq", "faq.csv", "--output", "index", *PLAIN).code == 0
    manifest = Manifest.read(files / "index/generations/000001")
    encoder = files / "index/encoders" / manifest.encoder
    config = json.loads((encoder / "config.json").read_text(encoding="utf-8"))
    (encoder / "config.json").write_text(json.dumps(config | {"outside": {"NNP": 0.5}}))
    other = directory_fingerprint(encoder)
    assert_refused(mundap("calibrate", "index"), f"(?s)(?=.*{manifest.encoder})(?=.*{other})")


def test_a_build_takes_queries_and_the_accuracy_wanted(mundap: Mundap, shop: Path) -> None:
    faq = bundled_path("faq") / "delivery.csv"
    wanted = ("--queries", "asked.csv", "--target-accuracy", "0.7")
    assert mundap("index", "build", "--faq", faq, "--output", "index", *PLAIN, *wanted).code == 0
    confidence = json.loads(mundap("index", "info", "index").out)["confidence"]
    assert confidence["answer"] == confidence["fit"]["target_accuracy"] == 0.7
    assert (confidence["fit"]["in_scope"], confidence["fit"]["n_in_scope"]) == (
        "given",
        len(delivery_queries()),
    )
