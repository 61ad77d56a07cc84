"""kill -9 of who prepares a FAQ: nobody goes on behind its back, and the next start is free."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mundap.chatbot.home.child import mundap_command, mundap_environment
from mundap.chatbot.home.completion import completing
from mundap.chatbot.home.first_run import is_prepared
from mundap.chatbot.home.home import Home
from mundap.chatbot.settings import ChatSettings
from mundap.index.bundle.bundle import Bundle
from tests.chatbot.home.processes import is_running

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")

STEP = """
import os, sys, time
from pathlib import Path
from mundap.index.parent import end_with_parent
end_with_parent()
Path(sys.argv[1]).write_text(f"{os.getpid()} {sorted(v for v in os.environ if 'PARENT' in v)}")
time.sleep(float(sys.argv[2]))
sys.exit(3)
"""
PARENT = f"""
import sys
from mundap.chatbot.home import child
child.mundap_command = lambda *given: [sys.executable, "-P", "-c", {STEP!r}, *given]
sys.exit(child.run_mundap(sys.argv[1:]))
"""


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_step_ends_with_who_runs_it(tmp_path: Path) -> None:
    told = tmp_path / "told"
    command = [sys.executable, "-P", "-c", PARENT, str(told), "600"]
    with subprocess.Popen(command, env=mundap_environment()) as parent:
        wait_until(lambda: told.exists() and bool(told.read_text()))
        parent.kill()
    pid, inherited = told.read_text().split(" ", 1)
    wait_until(lambda: not is_running(int(pid)))
    assert inherited == "[]"  # what it starts itself has another standard input


def test_a_step_that_ends_by_itself_says_how(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-c", PARENT, str(tmp_path / "told"), "0"]
    done = subprocess.run(command, env=mundap_environment(), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (3, "")


@pytest.mark.slow
def test_a_training_whose_parent_was_killed_is_begun_anew_by_the_next_start(tmp_path: Path) -> None:
    faq = tmp_path / "faq.csv"
    rows = ("환불 되나요?,네.,환불돼요|돈 돌려줘요", "배송 되나요?,아니요.,배송돼요|보내 줘요")
    faq.write_text("\n".join(["question,answer,alternates", *rows]), encoding="utf-8")
    settings = ChatSettings(faq=faq, home=tmp_path / "home", speed="fast")
    home, command = Home.of(settings), mundap_command(*completing(settings))
    training = home.encoder.with_name(".encoder.training") / "lock"

    with subprocess.Popen(command, env=mundap_environment()) as first:
        wait_until(training.exists)
        os.kill(first.pid, signal.SIGKILL)
    again = subprocess.run(command, env=mundap_environment(), capture_output=True, text=True)

    assert (again.returncode, is_prepared(home)) == (0, True), again.stderr
    assert Bundle.open(home.index).retriever.search(["환불돼요"], 1)[0][0].entry.answer == "네."
    assert not training.parent.exists()
