"""What a shell sees: everything the command imports and prints, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.command_lines import Outcome, assert_refused

ROOT = Path(__file__).resolve().parents[2]


def in_a_process(*arguments: str, cwd: Path) -> Outcome:
    """Run the command as a shell would, with everything it imports and prints."""
    done = subprocess.run(
        [sys.executable, "-m", "mundap.cli", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MUNDAP_HOME": str(cwd / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def test_a_shell_sees_one_sentence_and_exit_code_2(files: Path) -> None:
    refused = in_a_process("index", "build", "--faq", "columns.csv", "--output", "i", cwd=files)
    assert_refused(refused, "columns.csv: no question column; found 'foo', 'bar'")


def test_a_shell_can_pipe_json_past_the_progress_bars(files: Path) -> None:
    arguments = ("--faq", "faq.csv", "--queries", "queries.csv", "--mode", "dense", "--json")
    done = in_a_process("eval", "retrieval", *arguments, cwd=files)
    assert done.code == 0
    assert set(json.loads(done.out)["dense"]) >= {"hit@1", "mrr@10"}
