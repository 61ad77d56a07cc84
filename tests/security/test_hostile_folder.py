"""No file of the working directory is run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(sys.executable).with_name("mundap")
OURS = ("cli.py", "app.py", "index/__init__.py", "chatbot/__init__.py", "commands/__init__.py")
OTHERS = ("numpy.py", "typer.py", "json.py", "sitecustomize.py", "pydantic/__init__.py")


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    for name in (*OURS, *OTHERS):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("open('RUN', 'w').close()\nraise SystemExit('hostile')\n")
    (tmp_path / "f.csv").write_text("question,answer\n배송비는?,무료\n환불은?,3일\n")
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(
            [str(SCRIPT)],
            id="script",
            marks=pytest.mark.skipif(not SCRIPT.exists(), reason="mundap is not installed"),
        ),
        pytest.param([sys.executable, "-P", "-m", "mundap.cli"], id="safe path"),
    ],
)
def test_a_hostile_folder_runs_nothing(hostile: Path, command: list[str]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MUNDAP_HOME": str(hostile / "home")}
    done = subprocess.run(
        [*command, "ask", "환불은?", "--faq", "f.csv"],
        cwd=hostile,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert not (hostile / "RUN").exists(), done.stderr
    assert (done.returncode, "3일" in done.stdout) == (0, True), done.stderr


def test_python_m_runs_none_of_the_names_that_are_ours(hostile: Path) -> None:
    """With `python -m`, Python itself looks into the working directory for other people's names."""
    for name in OTHERS:
        (hostile / name).unlink()
    done = subprocess.run(
        [sys.executable, "-m", "mundap.cli", "--help"],
        cwd=hostile,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
    )
    assert not (hostile / "RUN").exists()
    assert done.returncode == 0
