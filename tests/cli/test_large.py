"""What each command does with a FAQ that is too large to hold: it works from files, or says how."""

from dataclasses import replace
from pathlib import Path

import pytest

from mundap import library
from mundap.chatbot.home import first_run
from mundap.evaluation.queries import Query
from mundap.index.bundle import large
from mundap.index.bundle.large import TooLargeError
from mundap.index.faq.entry import write_faq
from tests.cli.small_faq import ENTRIES
from tests.command_lines import Mundap, assert_refused

TOO_MANY = "4 entries are too many for {}, which holds a FAQ in memory and takes up to 3. {}"


@pytest.fixture
def index(files: Path, mundap: Mundap, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index of the four entries, which count as too many to hold."""
    monkeypatch.setattr(large, "LARGE", 3)
    built = mundap("index", "build", "--faq", "faq.csv", "--output", "index", "--pretrained=none")
    assert built.code == 0, built.err
    return files / "index"


@pytest.fixture
def home(index: Path, mundap: Mundap, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A FAQ that a start has indexed; in this process, as a child would not find it large."""

    def run(arguments: list[str], step: str) -> None:
        assert mundap(*arguments).code == 0

    monkeypatch.setattr(first_run, "_run", run)
    assert mundap("prepare", "--faq", "faq.csv").code == 0
    return next((index.parent / "home").glob("faq-*"))


IN_MEMORY = [
    ("calibrate index", "fitting its confidence", "It keeps the usual one"),
    ("data lint --index index", "`mundap data lint`", "Look through it in parts"),
    ("data lint --faq faq.csv", "`mundap data lint`", "Look through it in parts"),
    (
        "eval retrieval --queries queries.csv --faq faq.csv",
        "`mundap eval retrieval --faq`",
        "Build an index of it, and measure that: --index I --mode hybrid",
    ),
    (
        "eval retrieval --queries queries.csv --index index",
        "tfidf",
        "Name the others: --mode hybrid --mode bm25",
    ),
    (
        "eval report --queries queries.csv --index index --output out",
        "`mundap eval report`",
        "`mundap eval retrieval --index I --mode hybrid`",
    ),
]
OF_THE_STORE = [
    ("faq import faq.csv", "editing and comparing it here"),
    ("faq import faq.csv --dry-run", "editing and comparing it here"),
    ("faq diff", "editing and comparing it here"),
    ("faq diff draft 1", "editing and comparing it here"),
    ("faq export 1.csv --generation 1", "editing and comparing it here"),
    ("improve", "`mundap improve`"),
]


def test_what_would_hold_an_index_in_memory_says_what_to_do_instead(
    index: Path, mundap: Mundap
) -> None:
    for line, what, instead in IN_MEMORY:
        assert_refused(mundap(*line.split()), TOO_MANY.format(what, instead))


def test_a_faq_that_is_edited_as_a_file_is_not_taken_into_the_store(
    home: Path, mundap: Mundap
) -> None:
    for line, what in OF_THE_STORE:
        refused = mundap(*line.split(), "--faq", "faq.csv")
        assert_refused(refused, TOO_MANY.format(what, ""))
        assert f"`mundap index amend {home / 'index'} --faq CHANGED.csv`" in refused.err


def test_a_start_serves_a_large_faq_from_files_and_leaves_nothing_to_be_completed(
    home: Path, mundap: Mundap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which would take hours, at full speed."""
    monkeypatch.setattr(first_run, "_run", None)
    assert (
        mundap("ask", "환불은 며칠 걸려요?", "--faq", "faq.csv").out
        == "3영업일이에요.\n주말은 빼요.\n"
    )
    assert mundap("prepare", "--faq", "faq.csv").err == f"Ready: {home / 'index'}\n"


def test_the_first_start_says_how_a_pretrained_encoder_would_read_a_large_faq(
    index: Path, mundap: Mundap, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(first_run, "_run", lambda arguments, step: ran.append(arguments))

    said = mundap("prepare", "--faq", "faq.csv").err

    faq = index.parent / "faq.csv"
    assert said == (
        f"{faq}: 4 entries, too many to hold, are served from files, without the pretrained "
        "encoder. To have it read them, for hours and in memory: mundap index build --faq "
        f"{faq} --output FOLDER, then mundap serve --index FOLDER.\n"
        f"Ready: {next((index.parent / 'home').glob('faq-*')) / 'index'}\n"
    )
    [arguments] = ran
    assert arguments[arguments.index("--pretrained") + 1] == "none"


def test_an_amended_index_of_a_start_stays_until_its_file_changes(
    home: Path, mundap: Mundap
) -> None:
    write_faq([replace(ENTRIES[0], answer="무료예요.")], home.parent / "changed.csv")
    amended = mundap("index", "amend", home / "index", "--faq", home.parent / "changed.csv")
    assert amended.code == 0, amended.err

    assert mundap("ask", ENTRIES[0].question, "--faq", "faq.csv").out == "무료예요.\n"
    back = mundap("index", "rollback", home / "index")
    assert back.out == "Generation 000001 serves now\n"
    assert mundap("ask", ENTRIES[0].question, "--faq", "faq.csv").out == "3,000원이에요.\n"


def test_a_large_index_is_measured_as_it_is_searched(index: Path, mundap: Mundap) -> None:
    modes = ["--mode", "hybrid", "--mode", "dense", "--mode", "bm25"]
    measured = mundap(
        "eval", "retrieval", "--queries", "queries.csv", "--index", "index", *modes, "--json"
    )
    assert measured.code == 0, measured.err
    assert measured.out.count('"hit@1"') == 3


def test_an_index_holds_what_a_faq_or_an_encoder_would_name(index: Path, mundap: Mundap) -> None:
    line = ["eval", "retrieval", "--queries", "queries.csv", "--index", "index"]
    assert_refused(mundap(*line, "--faq", "faq.csv"), "--index holds what --faq names")
    assert_refused(mundap(*line, "--encoder", "e"), "--index holds what --encoder names")


def test_doctor_looks_at_a_large_faq_without_reading_it_through(home: Path, mundap: Mundap) -> None:
    shown = mundap("doctor", "--faq", "faq.csv")
    assert shown.code == 0, shown.err
    assert "generation 1, 4 entries: verified\n" in shown.out
    assert "no pretrained encoder: so many entries are served from files\n" in shown.out
    assert shown.out.endswith("faq.csv: 4 entries, too many to look through here\n")


def test_a_file_of_many_entries_is_exported_and_imported_as_a_table(
    home: Path, files: Path, mundap: Mundap
) -> None:
    assert mundap("faq", "export", "out.csv", "--faq", "faq.csv").code == 0
    assert mundap("data", "import", "out.csv", "again.csv").code == 0
    assert (files / "again.csv").read_text(encoding="utf-8") == (files / "faq.csv").read_text(
        encoding="utf-8"
    )


def test_a_build_says_beforehand_how_long_a_pretrained_encoder_takes(
    index: Path, mundap: Mundap
) -> None:
    said = mundap("index", "build", "--faq", "faq.csv", "--output", "read").err
    assert said.startswith(
        "4 entries, more than 3: one process takes about 1 minutes and 0.0 GB of memory for the "
        "pretrained encoder to read them. Without it (--pretrained none) they are built in files, "
    )


def test_a_program_asks_a_large_index_and_is_refused_what_is_not_done_for_it(index: Path) -> None:
    built = library.Chatbot.build(ENTRIES, index, pretrained=None)
    assert built.ask("환불은 며칠 걸려요?").entry_id == "refund"
    assert library.Chatbot.open(index).evaluate([Query("1", "환불 며칠", "refund")])

    with pytest.raises(TooLargeError, match=r"fitting to queries, which .* Leave them out"):
        library.Chatbot.build(
            ENTRIES, index, pretrained=None, queries=[Query("1", "환불 며칠", "refund")]
        )
