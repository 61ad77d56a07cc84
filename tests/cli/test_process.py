"""What a shell sees: everything the command imports and prints, in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command_lines import Outcome, assert_refused

ROOT = Path(__file__).resolve().parents[2]


def in_a_process(
    *arguments: str,
    cwd: Path,
    path: Path | None = None,
    before: Callable[[], None] | None = None,
) -> Outcome:
    """Run the command as a shell would, with everything it imports and prints.

    `path` is looked into for modules too; `before` runs in the process just before the command.
    """
    places = os.pathsep.join(map(str, filter(None, [path, ROOT])))
    done = subprocess.run(
        [sys.executable, "-m", "mundap.cli", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": places, "MUNDAP_HOME": str(cwd / "home")},
        preexec_fn=before,
        capture_output=True,
        text=True,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def test_a_shell_sees_one_sentence_and_exit_code_2(files: Path) -> None:
    refused = in_a_process("index", "build", "--faq", "columns.csv", "--output", "i", cwd=files)
    assert_refused(refused, "columns.csv: no question column; found 'foo', 'bar'")


@pytest.mark.slow
def test_a_first_start_without_onnxruntime_says_what_to_install_and_what_does_without(
    files: Path,
) -> None:
    (files / "sitecustomize.py").write_text(
        "import sys; sys.modules['onnxruntime'] = None", encoding="utf-8"
    )
    refused = in_a_process("ask", "환불", "--faq", "faq.csv", cwd=files, path=files)
    assert (refused.code, refused.out) == (2, "")
    lines = [line for line in refused.err.splitlines() if line.startswith("mundap: ")]
    assert len(lines) == 2
    assert lines[0].endswith(": needs onnxruntime. Install it: `pip install onnxruntime`.")
    assert lines[1].endswith("MUNDAP_SPEED=fast does without it.")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="drops rights as Linux knows them")
def test_what_was_prepared_answers_from_a_home_that_can_only_be_read(files: Path) -> None:
    first = in_a_process("ask", "배송비 알려줘", "--faq", "one.csv", cwd=one_answer(files))
    for path in (files / "home", *(files / "home").rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    again = in_a_process("ask", "배송비 알려줘", "--faq", "one.csv", cwd=files, before=drop_root)
    assert (again.code, again.out, again.err) == (0, first.out, "")
    other = in_a_process("ask", "배송비", "--faq", "faq.csv", cwd=files, before=drop_root)
    assert_refused(other, r"cannot be written there \(Permission denied\)\. Name a folder")


def one_answer(files: Path) -> Path:
    """A FAQ of one answer: nothing is trained for it."""
    (files / "one.csv").write_text("question,answer\n배송비 얼마?,삼천 원\n", encoding="utf-8")
    (files / "home").mkdir()
    return files


def drop_root() -> None:
    """Give up root's right to write where nobody may (capability 1), if this is root."""
    import ctypes

    if os.geteuid() == 0:
        assert ctypes.CDLL(None).prctl(24, 1, 0, 0, 0) == 0  # PR_CAPBSET_DROP


@pytest.mark.slow
def test_a_shell_can_pipe_json_past_the_progress_bars(files: Path) -> None:
    arguments = ("--faq", "faq.csv", "--queries", "queries.csv", "--mode", "dense", "--json")
    done = in_a_process("eval", "retrieval", *arguments, cwd=files)
    assert done.code == 0
    assert set(json.loads(done.out)["dense"]) >= {"hit@1", "mrr@10"}
