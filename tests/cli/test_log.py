import csv
import json
import re
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from mundap.feedback.exchanges.exchange import Reaction
from mundap.feedback.exchanges.kept_rows import keep
from mundap.feedback.store.database import Database
from tests.command_lines import Mundap, assert_refused
from tests.feedback.an_exchange import ASKED, RATED, an_exchange


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of three exchanges in the home of the bundled FAQ."""
    monkeypatch.setenv("TZ", "Asia/Seoul")
    folder = tmp_path / "home" / "bundled"
    database = Database.of(None, folder)
    kept = [
        an_exchange(request_id="1"),
        Reaction("1", RATED, "down", reason="wrong", comment="다른 걸\n물었어요"),
        an_exchange(
            request_id="2",
            time=ASKED + timedelta(days=1),
            query='=HYPERLINK("http://a")',
            kind="unknown",
            entry_id=None,
        ),
        Reaction("2", RATED, "chosen", "refund-2"),
        an_exchange(
            request_id="3", time=ASKED + timedelta(days=2), query="홍길동인데요", conversation="b"
        ),
    ]
    with database.writing() as connection:
        keep(connection, kept)
    database.close()
    return folder


@pytest.mark.usefixtures("store")
def test_the_last_exchanges_are_shown_with_what_was_done(mundap: Mundap) -> None:
    shown = mundap("log", "show")
    assert (shown.code, shown.err) == (0, "")
    lines = [line.split("  ", 1) for line in shown.out.splitlines()]
    assert [rest for _, rest in lines] == [
        "api  answer  refund-1  홍길동인데요",
        'api  unknown  -  =HYPERLINK("http://a")  [chose refund-2]',
        "api  answer  refund-1  환불 언제 돼?  [down]  [wrong]  [다른 걸 물었어요]  [asked again]",
    ]
    assert all(re.fullmatch(r"2026-11-\d\d \d\d:\d\d:\d\d", time) for time, _ in lines)
    assert len(mundap("log", "show", "--limit", "1").out.splitlines()) == 1
    assert mundap("log", "show", "--contains", "홍길동").out.count("\n") == 1
    assert mundap("log", "show", "--kind", "unknown").out.count("\n") == 1
    assert mundap("log", "show", "--since", "2026-11-28").out.count("\n") == 1
    none = mundap("log", "show", "--before", "2026-11-01")
    assert (none.out, none.err) == ("", "Nothing of that is recorded.\n")


@pytest.mark.usefixtures("store")
def test_a_table_of_the_log_runs_nothing_in_a_spreadsheet(mundap: Mundap, tmp_path: Path) -> None:
    said = mundap("log", "export", "log.csv")
    assert (said.code, said.out) == (0, "log.csv: 3 exchanges\n")
    content = (tmp_path / "log.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    met = [[row[name] for name in ("request_id", "query", "chosen", "thumb")] for row in rows]
    assert met == [
        ["3", "홍길동인데요", "", ""],
        ["2", '\'=HYPERLINK("http://a")', "refund-2", ""],
        ["1", "환불 언제 돼?", "", "down"],
    ]
    assert rows[0]["candidates"] == "refund-2 delivery-1"


@pytest.mark.usefixtures("store")
def test_lines_of_the_log_are_json(mundap: Mundap, tmp_path: Path) -> None:
    assert mundap("log", "export", "log.jsonl", "--contains", "환불").code == 0
    lines = (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()
    # What was searched for counts, too.
    assert [json.loads(line)["request_id"] for line in lines] == ["3", "2", "1"]
    assert json.loads(lines[2])["comment"] == "다른 걸\n물었어요"


def test_what_is_deleted_is_in_no_file(mundap: Mundap, store: Path) -> None:
    deleted = mundap("log", "delete", "--contains", "홍길동", "--yes")
    assert (deleted.code, deleted.out) == (0, "1 exchanges deleted.\n")
    assert "홍길동" not in mundap("log", "show").out
    assert not any("홍길동".encode() in path.read_bytes() for path in store.iterdir())
    before = mundap("log", "delete", "--before", "2026-11-27", "--yes")
    assert before.out == "1 exchanges deleted.\n"


@pytest.mark.usefixtures("store")
def test_deleting_asks_first(mundap: Mundap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("n\n"))
    asked = mundap("log", "delete", "--before", "2027-01-01")
    assert "Delete 3 exchanges for good? [y/N]: Nothing was deleted." in asked.out
    monkeypatch.setattr("sys.stdin", StringIO(""))
    ended = mundap("log", "delete", "--before", "2027-01-01")
    assert (ended.code, ended.err) == (2, "mundap: nothing was done.\n")
    assert len(mundap("log", "show").out.splitlines()) == 3
    monkeypatch.setattr("sys.stdin", StringIO("y\n"))
    assert "3 exchanges deleted." in mundap("log", "delete", "--before", "2027-01-01").out


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["delete"], "Say which: --contains TEXT or --before DATE"),
        (["delete", "--contains", ""], "Say which: --contains TEXT or --before DATE"),
        (["export", "log.xlsx"], r"log.xlsx: wanted a name that ends with .csv or .jsonl"),
        (["show", "--since", "gestern"], "'gestern'"),
        (["show", "--faq", "nothing.csv"], "nothing.csv: no such FAQ file"),
    ],
)
def test_what_cannot_be_done_is_refused(mundap: Mundap, arguments: list[str], reason: str) -> None:
    assert_refused(mundap("log", *arguments), reason)


def test_a_store_that_cannot_be_used_is_named(mundap: Mundap, store: Path) -> None:
    (store / "store.sqlite").write_bytes(b"no store" * 1000)
    assert_refused(mundap("log", "show"), r"store\.sqlite: file is not a database")
