import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mundap import cli
from mundap.chatbot.home.home import Home
from mundap.chatbot.settings import ChatSettings
from mundap.commands import inputs
from mundap.index.bundle import large
from mundap.index.bundle.advice import advice
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.contents import read_confidence, read_entries
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.manifest import BundleBusyError
from mundap.index.bundle.writer import BundleWriter
from mundap.index.faq.entry import write_faq
from tests.cli.small_faq import ENTRIES
from tests.command_lines import Mundap, Outcome, assert_refused
from tests.index.encoders.small_pretrained import write_small_pretrained


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of two generations; the second has one more alternate."""
    folder = tmp_path_factory.mktemp("built")
    more = dataclasses.replace(ENTRIES[2], alternates=("할인권 어디에 넣어요",))
    for entries in (ENTRIES, [*ENTRIES[:2], more, *ENTRIES[3:]]):
        write_faq(entries, folder / "faq.csv")
        arguments = ["--faq", str(folder / "faq.csv"), "--output", str(folder / "index")]
        arguments += ["--pretrained", "none"]
        done = CliRunner().invoke(cli.app, ["index", "build", *arguments], catch_exceptions=False)
        assert (done.exit_code, done.stdout) == (0, "")
    return folder / "index"


def test_ask_lists_the_nearest_entries(mundap: Mundap, built: Path) -> None:
    shown = mundap("ask", "배송비는 얼마인가요?", "--index", built, "-k", "2")
    assert (shown.code, shown.err) == (0, "")
    answer, *lines = shown.out.splitlines()
    assert answer == "3,000원이에요."
    first, second = (line for line in lines if not line.startswith("  ·"))
    assert re.fullmatch(r"  1\. 0\.\d{3}  fee  배송비는 얼마인가요\?", first)
    assert second.startswith("  2. 0.")


def test_ask_prints_one_json_object_and_nothing_else(mundap: Mundap, built: Path) -> None:
    shown = mundap("ask", "배송비는 얼마인가요?", "--index", built, "-k", "2", "--json")
    assert (shown.code, shown.err) == (0, "")
    answer = json.loads(shown.out)
    hits = answer.pop("hits")
    assert 0 < answer.pop("confidence") < 1
    del answer["suggestions"]
    assert answer == {
        "query": "배송비는 얼마인가요?",
        "kind": "answer",
        "text": "3,000원이에요.",
        "entry_id": "fee",
        "generation": 2,
    }
    assert [hit["rank"] for hit in hits] == [1, 2]
    assert set(hits[0]) == {"rank", "entry_id", "score", "question"}
    assert (hits[0]["entry_id"], hits[0]["question"]) == ("fee", "배송비는 얼마인가요?")
    assert 1 >= hits[0]["score"] > hits[1]["score"]


def test_ask_explains_what_it_read_and_why_the_first_came_first(
    mundap: Mundap, built: Path
) -> None:
    shown = mundap("ask", "ghksqnf auclf rjffudy", "--index", built, "-k", "1", "--explain")
    assert (shown.code, shown.err) == (0, "")
    *why, likely = shown.out.splitlines()[-5:]
    assert why == [
        "  read as   환불 며칠 걸려요  (keyboard layout; typed: ghksqnf auclf rjffudy)",
        "  nearest   환불은 며칠 걸려요?",
        "  shared    환불, 며칠, 걸리다",
        "  rank      1 by meaning, 1 by words",
    ]
    assert re.fullmatch(r"  right     with probability [01]\.\d\d", likely)


def test_an_explanation_as_json_has_the_same_reasons(mundap: Mundap, built: Path) -> None:
    arguments = ("ask", "ghksqnf auclf rjffudy", "--index", built, "-k", "1", "--json")
    plain = json.loads(mundap(*arguments).out)
    explained = json.loads(mundap(*arguments, "--explain").out)
    reasons = explained.pop("reasons")
    assert explained == plain
    typed, meant = "ghksqnf auclf rjffudy", "환불 며칠 걸려요"
    assert reasons == {
        "searched": meant,
        "steps": [{"name": "keyboard layout", "before": typed, "after": meant}],
        "question": "환불은 며칠 걸려요?",
        "dense_rank": 1,
        "bm25_rank": 1,
        "shared": ["환불", "며칠", "걸리다"],
    }


def test_an_explanation_of_nothing_to_search_for_is_null(mundap: Mundap, built: Path) -> None:
    arguments = ("ask", "?!", "--index", built, "--explain")
    assert json.loads(mundap(*arguments, "--json").out)["reasons"] is None
    assert len(mundap(*arguments).out.splitlines()) == 1


def test_a_rebuild_embeds_only_what_is_new(mundap: Mundap, built: Path) -> None:
    encoded = json.loads(mundap("index", "info", built).out)
    assert (encoded["generation"], encoded["passages"], encoded["encoded"]) == (2, 8, 1)
    assert set(encoded["confidence"]) >= {"answer", "suggest"}


def test_a_build_reads_answers_with_the_shipped_encoder_unless_told_not_to(
    mundap: Mundap, files: Path
) -> None:
    build = ("index", "build", "--faq", "faq.csv", "--output", "index")
    assert mundap(*build).code == 0
    read = json.loads(mundap("index", "info", "index").out)
    assert mundap(*build, "--pretrained", "none").code == 0
    plain = json.loads(mundap("index", "info", "index").out)
    assert (set(read["encoders"]), set(plain["encoders"])) == (
        {"retrieval", "reading"},
        {"retrieval"},
    )
    assert set(plain["files"]) == {n for n in read["files"] if not n.startswith("content/")}


def test_a_build_and_doctor_say_what_the_percentages_rest_on_and_what_would_help(
    mundap: Mundap, files: Path
) -> None:
    output = Home.of(ChatSettings.load(faq=files / "faq.csv")).index
    built = mundap("index", "build", "--faq", "faq.csv", "--output", output, "--pretrained", "none")
    path = Generations(output).current()
    told = advice(path, read_entries(path), read_confidence(path))
    assert [one.about for one in told] == ["basis", "lone", "queries"]
    assert told[1].entry_ids == ("coupon",)
    assert [line[2:] for line in built.err.splitlines() if line.startswith("- ")] == [
        one.text for one in told
    ]
    shown = mundap("doctor", "--faq", "faq.csv").out.splitlines()
    assert [line[2:] for line in shown if line.startswith("* ")] == [one.text for one in told]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (Path.unlink, r"scales\.npy: No such file or directory\. Install mundap anew"),
        (
            lambda file: file.write_bytes(b""),
            r"scales\.npy: its SHA-256 is \w+, but .* records \w+",
        ),
    ],
    ids=["missing", "cut short"],
)
def test_a_build_refuses_a_damaged_shipped_encoder_and_leaves_what_serves(
    mundap: Mundap,
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[Path], object],
    reason: str,
) -> None:
    build = ("index", "build", "--faq", "faq.csv", "--output", "index")
    mundap(*build, "--pretrained", "none")
    shipped = write_small_pretrained(files / "shipped")
    damage(shipped / "scales.npy")
    monkeypatch.setattr("mundap.index.encoders.pretrained.SHIPPED_DIRECTORY", shipped)
    refused = mundap(*build)
    assert (refused.code, refused.out) == (2, "")
    assert re.search(rf"^mundap: .*{reason}.*$", refused.err, re.MULTILINE)
    assert mundap("index", "verify", "index").out.startswith("Generation 1: ")


def test_an_encoder_of_whole_texts_reads_no_answers(mundap: Mundap, files: Path) -> None:
    build = ("index", "build", "--faq", "faq.csv", "--output", "index")
    refused = mundap(*build, "--pretrained", "default")
    assert_refused(refused, "default: gives vectors of whole texts alone; wanted an encoder that")
    assert not (files / "index").exists()


def test_verify_counts_the_files_of_the_serving_generation(mundap: Mundap, built: Path) -> None:
    assert mundap("index", "verify", built) == Outcome(
        0, "Generation 2: 16 files and its encoders verified\n", ""
    )


def test_list_marks_the_serving_generation_and_rollback_moves_it(
    mundap: Mundap, files: Path
) -> None:
    for _ in range(2):
        assert mundap("index", "build", "--faq", "faq.csv", "--output", "index").code == 0

    def marks() -> list[str]:
        return [line[:8] for line in mundap("index", "list", "index").out.splitlines()]

    assert marks() == ["  000001", "* 000002"]
    back = mundap("index", "rollback", "index")
    assert back == Outcome(0, "Generation 000001 serves now\n", "")
    assert marks() == ["* 000001", "  000002"]
    assert_refused(mundap("index", "rollback", "index"), "no older generation to go back to")


def test_a_candidate_waits_until_it_is_promoted_and_a_rejected_one_stays_away(
    mundap: Mundap, files: Path
) -> None:
    build = ("index", "build", "--faq", "faq.csv", "--output", "index")
    assert mundap(*build).code == 0
    assert mundap(*build, "--no-promote").code == 0

    def states() -> list[list[str]]:
        lines = mundap("index", "list", "index").out.splitlines()
        return [line[2:].split()[:2] for line in lines]

    assert states() == [["000001", "serving"], ["000002", "sealed"]]
    assert_refused(mundap("index", "promote", "index", "7"), "no generation 7; there is 1, 2")
    assert mundap("index", "promote", "index", "2").out == "Generation 000002 serves now\n"
    assert states() == [["000001", "served"], ["000002", "serving"]]
    assert mundap("index", "rollback", "index").out == "Generation 000001 serves now\n"
    assert states() == [["000001", "serving"], ["000002", "rejected"]]


@pytest.mark.parametrize("command", ["build --faq faq.csv --output", "rollback", "promote"])
def test_who_comes_second_is_told_so_with_an_option_that_the_command_has(
    mundap: Mundap, files: Path, command: str
) -> None:
    assert mundap("index", "build", "--faq", "faq.csv", "--output", "index").code == 0
    number = ["1"] if command == "promote" else []
    with BundleWriter.locked(files / "index"):
        refused = mundap("index", *command.split(), "index", *number)
    assert_refused(refused, "another rebuild is running.*--wait")
    assert mundap("index", *command.split(), "index", *number, "--wait", "1").err != refused.err


def test_nothing_that_an_index_is_made_of_is_read_before_its_turn(
    mundap: Mundap, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or else a build that ends meanwhile would be undone."""
    assert mundap("index", "build", "--faq", "faq.csv", "--output", "index").code == 0
    read: list[str] = []

    def only_inside(target: str, function: Callable[..., Any]) -> None:
        def called(*arguments: Any, **options: Any) -> Any:
            if target not in read:  # the first time is the one that counts
                read.append(target)
                with pytest.raises(BundleBusyError), Generations(files / "index").writing():
                    raise AssertionError("nobody holds the lock")
            return function(*arguments, **options)

        monkeypatch.setattr(target, called)

    only_inside("mundap.commands.index.build.read_faq_option", inputs.read_faq_option)
    only_inside("mundap.index.bundle.bundle.Bundle.open", Bundle.open)
    assert mundap("index", "build", "--faq", "faq.csv", "--output", "index").code == 0
    assert mundap("calibrate", "index").code == 0
    assert read == [
        "mundap.commands.index.build.read_faq_option",
        "mundap.index.bundle.bundle.Bundle.open",
    ]


def test_a_damaged_index_is_refused_with_both_checksums(mundap: Mundap, files: Path) -> None:
    mundap("index", "build", "--faq", "faq.csv", "--output", "index")
    vectors = files / "index/generations/000001/vectors.faiss"
    vectors.write_bytes(vectors.read_bytes()[:-1])
    for command in (("index", "verify", "index"), ("ask", "환불", "--index", "index")):
        assert_refused(mundap(*command), r"SHA-256 [0-9a-f]{64}, but the manifest .* [0-9a-f]{64}")
    assert mundap("index", "list", "index").out == "* 000001  serving, damaged\n"


@pytest.mark.parametrize("mode", ["dense", "bm25"])
def test_ask_lists_the_ranking_of_one_part_and_replies_as_ever(
    mundap: Mundap, built: Path, mode: str
) -> None:
    arguments = ("ask", "환불 며칠 걸려요?", "--index", built, "-k", "2", "--json")
    whole = json.loads(mundap(*arguments).out)
    part = json.loads(mundap(*arguments, "--mode", mode).out)
    assert part["hits"] != whole["hits"]
    assert part["hits"][0]["entry_id"] == "refund"
    assert {**part, "hits": []} == {**whole, "hits": []}


def test_some_entries_of_a_large_faq_are_changed_and_some_go(
    mundap: Mundap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large, "LARGE", 3)
    faq, changed, index = tmp_path / "faq.csv", tmp_path / "changed.csv", tmp_path / "index"
    write_faq(ENTRIES, faq)
    built = mundap("index", "build", "--faq", faq, "--output", index, "--pretrained", "none")
    write_faq([dataclasses.replace(ENTRIES[0], answer="무료예요.")], changed)

    amended = mundap("index", "amend", index, "--faq", changed, "--remove", ENTRIES[1].entry_id)

    assert built.err.count("\n- Of the ten nearest questions a search finds 100.0%, measured.") == 1
    assert amended.err.endswith(
        f"Generation 2: {len(ENTRIES) - 1} entries. Since its files were made 1 are new or "
        "changed, 2 gone or changed.\n"
    )
    shown = mundap("ask", ENTRIES[0].question, "--index", index, "-k", "1")
    assert shown.out.splitlines()[0] == "무료예요."


def test_what_is_changed_is_to_be_named(mundap: Mundap, built: Path) -> None:
    assert_refused(mundap("index", "amend", built), "Name entries with --faq")
    refused = mundap("index", "amend", built, "--remove", "fee")
    assert_refused(refused, "entries are built anew in one go. Change the FAQ and run")
