import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from mundap.feedback.exchanges.old_file import take_over
from mundap.feedback.store.database import Database, StoreError
from mundap.feedback.store.tables import exchanges, reactions
from tests.feedback.an_exchange import RATED, an_exchange
from tests.store_rows import rows

# As the last version with such a file wrote it, and as the first one did.
LINE = {
    "request_id": "5f0a",
    "time": "2026-11-26T18:00:07+09:00",
    "asked": "2026-11-26T09:00:00+00:00",
    "channel": "api",
    "query": "환불 언제 돼?",
    "reading": "환불 언제 되나요",
    "category": "환불",
    "kind": "answer",
    "entry_id": "refund-1",
    "score": 0.87,
    "confidence": 0.93,
    "candidates": ["refund-2", "delivery-1"],
    "generation": 3,
    "milliseconds": 1.25,
    "value": "down",
    "reason": "wrong",
    "comment": "010-1234-5678로요",
}
OLDEST = {
    "time": "2026-11-20T10:00:00+00:00",
    "value": "up",
    "query": "배송",
    "kind": "suggest",
    "entry_id": None,
    "score": None,
    "confidence": 0.4,
    "generation": 1,
    "category": None,
}


def write(folder: Path, *lines: Any) -> Path:
    path = folder / "feedback.jsonl"
    path.write_text(
        "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), encoding="utf-8"
    )
    return path


def test_the_old_file_is_taken_over_once(tmp_path: Path, database: Database) -> None:
    path = write(tmp_path, LINE, {**LINE, "value": "none", "reason": None, "comment": None}, OLDEST)
    for _ in range(2):
        take_over(tmp_path, database)
    assert [file.name for file in tmp_path.iterdir() if "feedback" in file.name] == [
        "feedback.jsonl.imported"
    ]
    assert not path.exists()
    first, oldest = rows(database, exchanges)
    whole = asdict(an_exchange(conversation=None, language=None))
    assert first == {**whole, "candidates": ["refund-2", "delivery-1"]}
    assert (oldest["query"], oldest["channel"], oldest["kind"]) == ("배송", "page", "suggest")
    said = [(row["value"], row["time"], row["comment"]) for row in rows(database, reactions)]
    assert said[:2] == [("down", RATED, "[phone]로요"), ("none", RATED, None)]
    assert said[2][0] == "up"


def test_a_file_that_could_not_be_renamed_is_not_written_twice(
    tmp_path: Path, database: Database
) -> None:
    path = write(tmp_path, LINE, OLDEST)
    take_over(tmp_path, database)
    path.with_name("feedback.jsonl.imported").rename(path)
    take_over(tmp_path, database)
    assert (len(rows(database, exchanges)), len(rows(database, reactions))) == (2, 2)


def test_lines_that_are_no_thumbs_are_counted(
    tmp_path: Path, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, LINE, {"query": "환불"}, [1], None, {**LINE, "time": "gestern"})
    take_over(tmp_path, database)
    assert len(rows(database, reactions)) == 1
    assert "feedback.jsonl: 4 lines were no thumbs." in caplog.text


def test_a_folder_without_the_file_is_left_alone(tmp_path: Path, database: Database) -> None:
    take_over(tmp_path, database)
    assert rows(database, exchanges) == []


def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, LINE)

    def refuse(path: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(StoreError, match=r"feedback\.jsonl: Permission denied; its thumbs belong"):
        take_over(tmp_path, database)
