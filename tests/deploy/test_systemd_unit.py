"""The systemd unit: its text, and what systemd-analyze says where it is installed."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.command_lines import parse

UNIT = Path(__file__).resolve().parents[2] / "deploy" / "mundap.service"
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")


class _Repeated(dict[str, str]):
    """Keeps the values of a key that stands twice, as systemd does."""

    def __setitem__(self, key: str, value: str) -> None:
        if isinstance(value, list) and isinstance(self.get(key), list):
            value = [*self[key], *value]
        super().__setitem__(key, value)


def service() -> dict[str, str]:
    parser = configparser.RawConfigParser(strict=False, dict_type=_Repeated)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(UNIT.read_text(encoding="utf-8"))
    return dict(parser["Service"])


def test_the_command_line_parses() -> None:
    command = service()["ExecStart"]
    assert command.startswith("/opt/mundap/.venv/bin/mundap serve ")
    parse(command.removeprefix("/opt/mundap/.venv/bin/"))


def test_it_runs_as_its_own_user_who_can_gain_nothing() -> None:
    met = service()
    assert met["User"] == "mundap"
    assert (met["NoNewPrivileges"], met["CapabilityBoundingSet"]) == ("yes", "")
    assert (met["ProtectSystem"], met["ProtectHome"]) == ("strict", "yes")


def test_the_index_lies_where_the_unit_may_write() -> None:
    met = service()
    assert met["StateDirectory"] == "mundap"
    assert re.search(r"--index /var/lib/mundap/\w+", met["ExecStart"])


@needs_systemd
def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    # The program is not installed here; everything else is checked as it stands.
    text = UNIT.read_text(encoding="utf-8").replace("/opt/mundap/.venv/bin/mundap", "/bin/true")
    (tmp_path / UNIT.name).write_text(text, encoding="utf-8")
    command = [str(ANALYZE), "verify", "--man=no", str(tmp_path / UNIT.name)]
    finished = subprocess.run(command, capture_output=True, text=True)
    assert (finished.returncode, finished.stdout + finished.stderr) == (0, "")


@needs_systemd
def test_systemd_rates_its_exposure_low() -> None:
    # Out of 10; an unhardened unit has 9.6.
    command = [str(ANALYZE), "security", "--offline=true", "--threshold=15", str(UNIT)]
    finished = subprocess.run(command, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout[-200:]
