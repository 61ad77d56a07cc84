"""One benchmark's figures on disk, with the machine and the command that made them."""

import json
import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"


def data_dir() -> Path:
    """Return the folder with the public data; ends the program with a message without it."""
    folder = os.environ.get("MUNDAP_DATA_DIR", "")
    if not folder or not Path(folder).is_dir():
        sys.exit(
            "Set MUNDAP_DATA_DIR to the folder with the public data (parakqc_dev.parquet, "
            "chatbot_data.parquet); `mundap data download` fetches the originals."
        )
    return Path(folder)


def write_result(name: str, figures: dict[str, Any], command: str | None = None) -> None:
    """Write `benchmarks/results/NAME.json` and print the figures.

    `command` is the module with its options, where it is not `benchmarks.NAME` alone.
    """
    record = {
        "benchmark": name,
        "command": f"python -m {command or f'benchmarks.{name}'}".rstrip(),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "figures": figures,
    }
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(text, encoding="utf-8")
    print(text)


def read_figures(name: str) -> dict[str, Any]:
    """Return the figures that `write_result` wrote last."""
    text = (RESULTS / f"{name}.json").read_text(encoding="utf-8")
    figures: dict[str, Any] = json.loads(text)["figures"]
    return figures


def machine() -> dict[str, Any]:
    """Describe what a figure was measured on."""
    packages = ("faiss-cpu", "kiwipiepy", "numpy", "torch", "gradio")
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in packages},
    }


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if "model name" in line), "?")
