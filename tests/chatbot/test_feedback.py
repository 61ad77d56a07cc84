import json
import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mundap.chatbot.feedback import Feedback, FeedbackLog

ROOT = Path(__file__).resolve().parents[2]
UP = Feedback("up", "환불 언제 돼?", "answer", "refund-1", 0.87, 0.93, 3, "환불")

# Appends argv[2] lines to argv[1]; with argv[3], on a disk with that many bytes left.
CHILD = """
import resource, signal, sys
from pathlib import Path
from mundap.chatbot.feedback import Feedback, FeedbackLog
path, count = Path(sys.argv[1]), int(sys.argv[2])
if len(sys.argv) > 3:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    size = path.stat().st_size + int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
for number in range(count):
    FeedbackLog(path).append(Feedback("down", f"질문 {number}", "unknown", *[None] * 3, 1, None))
"""


def records(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def child(path: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(path), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)


def test_a_thumb_becomes_one_line_that_holds_everything(tmp_path: Path) -> None:
    path = tmp_path / "new" / "feedback.jsonl"
    before = datetime.now(UTC).replace(microsecond=0)
    FeedbackLog(path).append(UP)
    (record,) = records(path)
    assert before <= datetime.fromisoformat(str(record.pop("time"))) <= datetime.now(UTC)
    assert record == {
        "value": "up",
        "query": "환불 언제 돼?",
        "kind": "answer",
        "entry_id": "refund-1",
        "score": 0.87,
        "confidence": 0.93,
        "generation": 3,
        "category": "환불",
    }


def test_korean_stays_readable_in_the_file(tmp_path: Path) -> None:
    FeedbackLog(tmp_path / "f.jsonl").append(UP)
    assert "환불 언제 돼?" in (tmp_path / "f.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize("query", ["두\n줄", "\u2028", '"따옴표"', "\x00", "\ud800"])
def test_any_query_stays_on_one_line(tmp_path: Path, query: str) -> None:
    path = tmp_path / "f.jsonl"
    FeedbackLog(path).append(Feedback("up", query, "unknown", None, None, None, 1, None))
    (line,) = path.read_bytes().splitlines()
    assert json.loads(line)["query"] == query.replace("\ud800", "?")


def test_threads_lose_and_mix_no_line(tmp_path: Path) -> None:
    log = FeedbackLog(tmp_path / "f.jsonl")
    with ThreadPoolExecutor(8) as pool:
        for number in range(200):
            pool.submit(log.append, Feedback("up", f"{number}", "unknown", *[None] * 3, 1, None))
    queries = [record["query"] for record in records(tmp_path / "f.jsonl")]
    assert sorted(queries, key=lambda text: int(str(text))) == [str(n) for n in range(200)]


def test_processes_lose_and_mix_no_line(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    children = [child(path, "50") for _ in range(3)]
    assert [process.communicate()[1] for process in children] == [""] * 3
    queries = sorted(str(record["query"]) for record in records(path))
    assert queries == sorted(f"질문 {number}" for number in range(50) for _ in range(3))


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_full_disk_leaves_whole_lines_and_a_word_in_the_log(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    FeedbackLog(path).append(UP)
    before = path.read_bytes()
    errors = child(path, "1", "20").communicate()[1]
    assert path.read_bytes() == before
    assert "feedback not kept" in errors
    assert "Traceback" not in errors


def test_a_path_that_cannot_be_written_is_logged_and_not_raised(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    with caplog.at_level(logging.ERROR):
        FeedbackLog(tmp_path / "file" / "feedback.jsonl").append(UP)
    assert "feedback not kept" in caplog.text
