import json
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from mundap.chatbot.home.home import Home
from mundap.chatbot.settings import ChatSettings
from mundap.index.encoders.registry import encoder_directory
from mundap.index.faq.entry import FaqEntry, read_faq, write_faq
from mundap.training.data import download
from mundap.training.data.catalogue import Dataset
from mundap.training.data.conversions import convert_chatbot_data
from tests.cli.small_faq import ENTRIES
from tests.command_lines import Mundap, Outcome, assert_refused
from tests.training.file_site import closed_port, publish, serve


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl", ".xlsx"])
def test_import_and_export_lose_nothing(suffix: str, mundap: Mundap, files: Path) -> None:
    there = mundap("data", "export", "faq.csv", f"there{suffix}")
    assert there == Outcome(0, "", f"4 entries written to there{suffix}\n")
    assert mundap("data", "import", f"there{suffix}", "back.jsonl").code == 0
    assert read_faq(files / "back.jsonl") == ENTRIES


def test_an_export_for_korean_excel_is_cp949(mundap: Mundap, files: Path) -> None:
    mundap("data", "export", "faq.csv", "excel.csv", "--encoding", "cp949")
    assert "배송비는 얼마인가요?" in (files / "excel.csv").read_bytes().decode("cp949")
    assert read_faq(files / "excel.csv") == ENTRIES


def test_characters_that_cp949_lacks_are_all_named_and_nothing_is_written(
    mundap: Mundap, files: Path
) -> None:
    smile = FaqEntry("smile", "웃어—봐", "😀\xa0네", ("웃음—",))
    write_faq([smile, FaqEntry("dash", "줄", "가—나")], files / "smile.csv")
    refused = mundap("data", "export", "smile.csv", "excel.csv", "--encoding", "cp949")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.splitlines() == [
        "lost: '—' (U+2014 EM DASH) -> '-' in smile, dash",
        "lost: '😀' (U+1F600 GRINNING FACE) -> dropped in smile",
        "lost: '\\xa0' (U+00A0 NO-BREAK SPACE) -> ' ' in smile",
        "mundap: excel.csv: CP949 lacks the 3 characters above. Write UTF-8 instead (--encoding "
        "utf-8-sig, which Excel opens too), or what comes nearest (--replace).",
    ]
    assert not (files / "excel.csv").exists()


def test_what_comes_nearest_is_written_when_asked_and_named(mundap: Mundap, files: Path) -> None:
    write_faq([FaqEntry("smile", "웃어—봐", "네 😀")], files / "smile.csv")
    cp949 = ["--encoding", "cp949", "--replace"]
    done = mundap("data", "export", "smile.csv", "excel.csv", *cp949)
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines() == [
        "replaced: '—' (U+2014 EM DASH) -> '-' in smile",
        "replaced: '😀' (U+1F600 GRINNING FACE) -> dropped in smile",
        "1 entry written to excel.csv",
    ]
    assert read_faq(files / "excel.csv") == [FaqEntry("smile", "웃어-봐", "네")]
    again = mundap("data", "export", "excel.csv", "again.csv", *cp949)
    assert again.err == "1 entry written to again.csv\n"
    assert (files / "again.csv").read_bytes() == (files / "excel.csv").read_bytes()


def test_import_takes_columns_of_any_name_and_merges_answers_when_asked(
    mundap: Mundap, files: Path
) -> None:
    rows = "물음,대답\n환불 되나요?,됩니다.\n환불 가능?,됩니다.\n배송 언제 와요?,내일요.\n"
    (files / "raw.csv").write_bytes(rows.encode("cp949"))
    columns = ["--question-column", "물음", "--answer-column", "대답"]
    assert mundap("data", "import", "raw.csv", "all.jsonl", *columns).code == 0
    assert [entry.question for entry in read_faq(files / "all.jsonl")] == [
        "환불 되나요?",
        "환불 가능?",
        "배송 언제 와요?",
    ]
    assert mundap("data", "import", "raw.csv", "few.jsonl", *columns, "--merge-answers").code == 0
    merged = [(entry.question, entry.alternates) for entry in read_faq(files / "few.jsonl")]
    assert merged == [("환불 되나요?", ("환불 가능?",)), ("배송 언제 와요?", ())]


def test_lint_shows_what_to_mend_and_is_strict_when_asked(mundap: Mundap, files: Path) -> None:
    sound = mundap("data", "lint", "--faq", "faq.csv", "--strict")
    assert (sound.code, sound.err) == (0, "")
    assert sound.out.startswith("4 entries: lone 1\n")
    cost = FaqEntry("cost", "배송비는 얼마인가요", "5,000원이에요.", ("운송비",))
    write_faq([*ENTRIES, cost], files / "faq.csv")
    shown = mundap("data", "lint", "--faq", "faq.csv")
    assert shown.code == 0
    assert "contradiction (1)" in shown.out
    assert "Decide which answer is right" in shown.out
    strict = mundap("data", "lint", "--faq", "faq.csv", "--strict", "--json")
    found = json.loads(strict.out)
    assert (strict.code, found["entries"]) == (1, 5)
    assert [problem["kind"] for problem in found["problems"]] == ["contradiction", "lone"]
    assert found["problems"][0]["entry_ids"] == ["fee", "cost"]


def test_lint_says_of_which_faq_when_and_by_which_encoder(mundap: Mundap, files: Path) -> None:
    today, words = date.today().isoformat(), "static vectors of morphemes, as it comes"
    shown = mundap("data", "lint", "--faq", "faq.csv").out
    assert shown.splitlines()[-1] == f"faq.csv · {today} · {words}"
    found = json.loads(mundap("data", "lint", "--faq", "faq.csv", "--json").out)
    assert (found["FAQ"], found["date"], found["encoder"]) == ("faq.csv", today, words)


def test_lint_reads_a_faq_by_the_encoder_of_the_index_that_chat_serves(
    mundap: Mundap, files: Path
) -> None:
    home = Home.of(ChatSettings.load(faq=Path("faq.csv")))
    shutil.copytree(encoder_directory("default"), home.encoder)
    record = home.encoder / "training.json"
    record.write_text('{"pairs": 1234}', encoding="utf-8")
    shown = mundap("data", "lint", "--faq", "faq.csv").out
    assert shown.endswith("static vectors of morphemes, trained on 1,234 pairs\n")
    plain = mundap("data", "lint", "--faq", "faq.csv", "--encoder", "default").out
    assert plain.endswith("static vectors of morphemes, as it comes\n")
    assert not home.index.exists()


def test_lint_looks_through_the_faq_of_an_index(mundap: Mundap, files: Path) -> None:
    mundap("index", "build", "--faq", "faq.csv", "--output", "index", "--pretrained", "none")
    (files / "faq.csv").unlink()
    shown = mundap("data", "lint", "--index", "index", "--language", "ko")
    assert (shown.code, shown.err) == (0, "")
    first, *_, last = shown.out.splitlines()
    assert first == "항목 4개: 다른 표현 없음 1"
    assert last.startswith("인덱스 index의 FAQ · ")


def test_lint_names_the_row_of_what_an_export_left(mundap: Mundap, files: Path) -> None:
    rows = "질문,답변\n환불 되나요?,$name$님 됩니다.\n배송은?,위 1번 참고\n"
    (files / "raw.csv").write_text(rows, encoding="utf-8")
    shown = mundap("data", "lint", "--faq", "raw.csv")
    assert "'$name$님 됩니다.' holds '$name$', which" in shown.out
    assert "(raw.csv, row 2)" in shown.out
    strict = mundap("data", "lint", "--faq", "raw.csv", "--strict", "--json")
    found = json.loads(strict.out)["problems"]
    assert strict.code == 1
    assert [(problem["kind"], problem["places"], problem["is_fault"]) for problem in found] == [
        ("marker", ["raw.csv, row 2"], True),
        ("reference", ["raw.csv, row 3"], False),
        ("lone", ["raw.csv, row 2", "raw.csv, row 3"], False),
    ]


def test_lint_takes_columns_of_any_name(mundap: Mundap, files: Path) -> None:
    (files / "raw.csv").write_text("물음,대답\n환불 되나요?,됩니다.\n", encoding="utf-8")
    columns = ["--question-column", "물음", "--answer-column", "대답"]
    shown = mundap("data", "lint", "--faq", "raw.csv", *columns)
    assert (shown.code, shown.out.splitlines()[0]) == (0, "1 entries: lone 1")


def test_download_list_names_the_data_sets_with_their_licences(mundap: Mundap) -> None:
    shown = mundap("data", "download", "list")
    assert (shown.code, shown.err) == (0, "")
    names = {line.split()[0] for line in shown.out.splitlines()}
    assert names >= {"chatbot-data", "question-pair", "parakqc", "korsts", "kornli", "nsmc"}


def test_download_writes_tables_and_prints_their_paths(
    mundap: Mundap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serve() as site:
        dataset = Dataset("talk", (publish(site),), convert_chatbot_data, "MIT", "Talk.")
        monkeypatch.setattr(download, "CATALOGUE", {"talk": dataset})
        monkeypatch.setenv("MUNDAP_DATA_URL", site.url)
        shown = mundap("data", "download", "talk", "--output", "tables")
    assert (shown.code, shown.out) == (0, "tables/talk.parquet\n")
    assert len(read_faq(tmp_path / "tables/talk.parquet")) == 2
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another"))
    nowhere = f"http://127.0.0.1:{closed_port()}"
    offline = mundap("data", "download", "talk", "--output", "none", "--base-url", nowhere)
    assert_refused(offline, "Cannot fetch .*Connection refused.*check the network")


RAW = (
    "연번,문의,회신,구분\n"
    "1,환불 되나요?,됩니다.,환불\n"
    "2,배송은?,,배송\n"
    "3,환불 되나요?,됩니다.,환불\n"
)


def test_an_import_shows_what_it_took_and_what_it_left_out(mundap: Mundap, files: Path) -> None:
    (files / "raw.csv").write_bytes(RAW.encode("cp949"))
    done = mundap("data", "import", "raw.csv", "new.jsonl", "--rejected", "rejected.csv")
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines()[-6:] == [
        "raw.csv: columns left out: '연번' (numbers).",
        "1 row is a copy of another and was merged with it.",
        "1 row was not taken:",
        "- raw.csv, row 3: the answer is empty. Fill it or drop the row.",
        "1 rejected row written to rejected.csv",
        "1 entry written to new.jsonl",
    ]
    assert "CP949, commas; headings in row 1" in " ".join(done.err.split())
    assert read_faq(files / "new.jsonl")[0].category == "환불"
    assert "배송은?" in (files / "rejected.csv").read_text(encoding="utf-8-sig")


def test_a_dry_run_and_a_strict_import_write_nothing(mundap: Mundap, files: Path) -> None:
    (files / "raw.csv").write_text(RAW, encoding="utf-8")
    before = sorted(files.iterdir())
    dry = mundap("data", "import", "raw.csv", "--dry-run")
    assert (dry.code, dry.err.splitlines()[-1]) == (0, "1 entry; nothing was written.")
    otherwise = next(line for line in dry.err.splitlines() if line.startswith("Say otherwise"))
    options = re.findall(r"--[a-z-]+", otherwise)
    assert set(options) <= set(re.findall(r"--[a-z-]+", mundap("data", "import", "-h").out))
    strict = mundap("data", "import", "raw.csv", "new.jsonl", "--strict")
    assert strict.code == 2
    assert "mundap: raw.csv has rows that cannot be used.\n1 row was not taken:" in strict.err
    assert strict.err.endswith("Mend them; without --strict the others go in.\n")
    nowhere = mundap("data", "import", "raw.csv")
    assert_refused(nowhere, "Name the FAQ to write, such as faq.parquet, or say --dry-run")
    assert sorted(files.iterdir()) == before


def test_what_most_answers_end_with_is_proposed_for_removal(mundap: Mundap, files: Path) -> None:
    rows = "".join(f'{n}번 창구는?,"{n}층이에요.\n도움이 되었나요? 예 아니요"\n' for n in range(6))
    (files / "raw.csv").write_text(f"질문,답변\n{rows}", encoding="utf-8")
    kept = mundap("data", "import", "raw.csv", "kept.jsonl")
    assert "Leave it out with --drop-boilerplate." in kept.err
    assert read_faq(files / "kept.jsonl")[0].answer == "0층이에요.\n도움이 되었나요? 예 아니요"
    mundap("data", "import", "raw.csv", "cut.jsonl", "--drop-boilerplate")
    assert read_faq(files / "cut.jsonl")[0].answer == "0층이에요."


def test_what_was_said_of_a_file_is_remembered_until_something_else_is(
    mundap: Mundap, files: Path
) -> None:
    (files / "raw.csv").write_text("갑,을,병\n환불 되나요?,됩니다.,안 됩니다.\n", encoding="utf-8")
    said = ["--question-column", "갑", "--answer-column", "병"]
    assert mundap("data", "export", "raw.csv", "one.jsonl", *said).code == 0
    again = mundap("data", "export", "raw.csv", "two.jsonl")
    assert again.err.splitlines()[0] == (
        "raw.csv is read as before: --question-column 갑 --answer-column 병"
    )
    assert mundap("data", "export", "raw.csv", "three.jsonl", "--answer-column", "을").code == 0
    answers = [read_faq(files / f"{name}.jsonl")[0].answer for name in ("one", "two", "three")]
    assert answers == ["안 됩니다.", "안 됩니다.", "됩니다."]
    # What does not fit is refused and changes nothing.
    wrong = mundap("data", "export", "raw.csv", "four.jsonl", "--answer-column", "정")
    assert_refused(
        wrong, "missing column '정'; found '갑', '을', '병' in row 1. Name one of them with"
    )
    assert "--answer-column 을" in mundap("data", "lint", "--faq", "raw.csv").err
