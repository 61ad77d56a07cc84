import subprocess
import sys
import time
from pathlib import Path

import pytest

from mundap.chatbot.home import completion as completion_module
from mundap.chatbot.home.completion import completion
from mundap.chatbot.settings import ChatSettings
from tests.chatbot.home.processes import is_running

# A command with a child of its own, as `mundap prepare` has.
PARENT = """
import subprocess, sys
from pathlib import Path
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
Path(sys.argv[1]).write_text(str(child.pid))
child.wait()
"""


@pytest.fixture
def settings(tmp_path: Path) -> ChatSettings:
    faq = tmp_path / "faq.csv"
    faq.write_text("question,answer\n환불 되나요?,네.\n", encoding="utf-8")
    return ChatSettings(faq=faq, home=tmp_path / "home")


def test_the_rest_is_made_by_a_command_with_the_same_settings(
    settings: ChatSettings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, ...]] = []

    def command(*arguments: str) -> list[str]:
        asked.append(arguments)
        return [sys.executable, "-c", "print('1 / 2')"]

    monkeypatch.setattr(completion_module, "mundap_command", command)
    with completion(settings):
        time.sleep(0.5)

    home, faq = str(settings.home), str(settings.faq)
    assert asked == [("prepare", "--home", home, "--speed", "full", "--faq", faq)]
    assert "better answers follow" in capfd.readouterr().err


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")
def test_who_stops_the_server_stops_all_that_works_for_it(
    settings: ChatSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "pid"
    command = [sys.executable, "-c", PARENT, str(told)]
    monkeypatch.setattr(completion_module, "mundap_command", lambda *_: command)

    with completion(settings):
        while not told.exists() or not told.read_text():
            time.sleep(0.01)
        grandchild = int(told.read_text())
        assert is_running(grandchild)

    deadline = time.monotonic() + 30
    while is_running(grandchild) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_running(grandchild)


def test_what_is_prepared_is_left_alone(
    settings: ChatSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(completion_module, "is_prepared", lambda home: True)
    monkeypatch.setattr(subprocess, "Popen", None)

    with completion(settings):
        pass
