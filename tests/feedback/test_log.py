import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mundap.feedback.exchange import Thumb
from mundap.feedback.log import append, line_of
from tests.feedback.an_exchange import RATED, UP, an_exchange

ROOT = Path(__file__).resolve().parents[2]
LARGE = 10**9

# Appends argv[2] lines to argv[1], saying so after each; with argv[3], on a disk with that many
# bytes left.
CHILD = """
import resource, signal, sys
from pathlib import Path
from mundap.feedback.log import append
path, count = Path(sys.argv[1]), int(sys.argv[2])
if len(sys.argv) > 3:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    size = path.stat().st_size + int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
for number in range(count):
    append(path, b'{"query": "%d"}\\n' % number, 10**9)
    print(number, flush=True)
"""


def records(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def child(path: Path, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", CHILD, str(path), *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=ROOT, text=True, **pipes)


def test_a_line_holds_a_thumb_and_its_exchange() -> None:
    thumb = Thumb("5f0a", RATED, "down", "틀려요", "다른 걸 물었어요")
    assert json.loads(line_of(an_exchange(), thumb)) == {
        "request_id": "5f0a",
        "time": "2026-11-26T09:00:07+00:00",
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
        "reason": "틀려요",
        "comment": "다른 걸 물었어요",
    }


def test_korean_stays_readable_in_the_file() -> None:
    assert "환불 언제 돼?" in line_of(an_exchange(), UP).decode()


@pytest.mark.parametrize("query", ["두\n줄", "\u2028", '"따옴표"', "\x00", "\ud800"])
def test_any_query_stays_on_one_line(query: str) -> None:
    (line,) = line_of(an_exchange(query=query), UP).splitlines()
    assert json.loads(line)["query"] == query.replace("\ud800", "?")


def test_the_file_is_its_owners_alone_even_where_it_was_not(tmp_path: Path) -> None:
    new, old = tmp_path / "home" / "new.jsonl", tmp_path / "old.jsonl"
    old.touch(mode=0o644)
    for path in (new, old):
        append(path, b"{}\n", LARGE)
        assert [file.stat().st_mode & 0o777 for file in path.parent.glob(f"{path.name}*")] == (
            [0o600, 0o600]
        )


def test_threads_lose_and_mix_no_line(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    with ThreadPoolExecutor(8) as pool:
        for number in range(200):
            pool.submit(append, path, b'{"query": %d}\n' % number, LARGE)
    assert sorted(int(str(record["query"])) for record in records(path)) == list(range(200))


def test_processes_lose_and_mix_no_line(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    children = [child(path, "50") for _ in range(3)]
    assert [process.communicate()[1] for process in children] == [""] * 3
    queries = sorted(int(str(record["query"])) for record in records(path))
    assert queries == sorted([*range(50)] * 3)


def test_a_killed_process_leaves_all_that_it_has_reported(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    process = child(path, "100000")
    assert process.stdout is not None
    reported = [int(process.stdout.readline()) for _ in range(20)][-1]
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert len(records(path)) > reported
    append(path, b'{"query": "next"}\n', LARGE)  # the lock went with the process
    assert records(path)[-1] == {"query": "next"}


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_full_disk_leaves_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    append(path, b"{}\n", LARGE)
    errors = child(path, "1", "5").communicate()[1]
    assert path.read_bytes() == b"{}\n"
    assert "OSError" in errors


def test_half_a_line_is_not_joined_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.write_bytes(b'{}\n{"query": "')
    append(path, b"{}\n", LARGE)
    append(path, b"{}\n", LARGE)
    assert path.read_bytes() == b'{}\n{"query": "\n{}\n{}\n'


def test_a_file_grows_to_its_bound_and_not_beyond(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    append(path, b"{}\n", 6)
    append(path, b"{}\n", 6)
    with pytest.raises(OSError, match="it has 6 bytes, of 6 at most"):
        append(path, b"{}\n", 6)
    assert path.read_bytes() == b"{}\n{}\n"
