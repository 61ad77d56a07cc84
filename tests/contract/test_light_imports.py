"""Serving and the command line load only what they use; torch alone would take 200 MB."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mundap.index.bundle.bundle import Bundle
from mundap.index.encoders.registry import encoder_directory, load_encoder
from mundap.index.faq.entry import FaqEntry

ROOT = Path(__file__).resolve().parents[2]

# What none of the serving path may load.
HEAVY = {
    "accelerate",
    "bm25s",
    "datasets",
    "ir_measures",
    "matplotlib",
    "openpyxl",
    "optuna",
    "pandas",
    "pyarrow",
    "scipy",
    "sentence_transformers",
    "sklearn",
    "tensorboardX",
    "torch",
    "transformers",
}


def modules_of(package: str) -> list[str]:
    files = sorted((ROOT / package).rglob("[!_]*.py"))
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    return [f"mundap.{name}" for name in names]


def run(code: str, **env: str) -> str:
    """Run `code` in a fresh interpreter and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded_after(code: str) -> set[str]:
    """Return the top-level names of everything in memory once `code` has run; of ours, rooms."""
    names = "sorted({name.removeprefix('mundap.').partition('.')[0] for name in sys.modules})"
    last_line = run(f"{code}\nimport json, sys\nprint(json.dumps({names}))").splitlines()[-1]
    return set(json.loads(last_line))


def test_importing_the_index_package_loads_nothing_heavy() -> None:
    loaded = loaded_after(f"import {', '.join(modules_of('index'))}")
    heavy = HEAVY | {"gradio", "kiwipiepy", "onnxruntime", "tokenizers", "tqdm", "typer"}
    assert loaded & heavy == set()
    assert {"index", "numpy"} <= loaded


def test_importing_the_package_loads_none_of_its_rooms() -> None:
    loaded = loaded_after("import mundap")
    assert loaded & (HEAVY | {"numpy", "pydantic", "index", "chatbot", "library"}) == set()


def test_importing_the_public_names_loads_nothing_heavy() -> None:
    loaded = loaded_after("from mundap import *")
    assert loaded & (HEAVY | {"gradio", "fastapi", "kiwipiepy", "typer"}) == set()
    assert "library" in loaded


@pytest.mark.slow
def test_importing_the_bot_loads_nothing_heavy() -> None:
    loaded = loaded_after(
        "import mundap.chatbot.bot, mundap.chatbot.home.first_run, mundap.chatbot.live_bundle"
    )
    assert loaded & (HEAVY | {"gradio", "fastapi", "kiwipiepy", "training", "evaluation"}) == set()


@pytest.mark.slow
def test_importing_the_api_loads_nothing_heavy() -> None:
    loaded = loaded_after(
        "import mundap.chatbot.api.serving.app, mundap.chatbot.api.serving.server"
    )
    heavy = HEAVY | {"gradio", "kiwipiepy", "faiss", "httpx", "tqdm", "training", "evaluation"}
    assert loaded & heavy == set()


@pytest.mark.slow
def test_importing_the_page_loads_no_torch() -> None:
    # gradio brings pandas and pyarrow; nothing else of the list may come.
    loaded = loaded_after(f"import {', '.join(modules_of('chatbot'))}")
    assert loaded & HEAVY <= {"pandas", "pyarrow"}
    assert loaded & {"training", "evaluation"} == set()


def test_importing_the_command_line_loads_of_our_packages_what_declares_its_options() -> None:
    loaded = loaded_after("import mundap.cli")
    light = HEAVY | {"numpy", "gradio", "faiss", "kiwipiepy", "pydantic_settings", "tqdm"}
    assert loaded & (light | {"app", "chatbot", "evaluation"}) == set()


@pytest.mark.slow
def test_a_bot_that_has_answered_has_loaded_nothing_heavy(tmp_path: Path) -> None:
    entries = [FaqEntry("fee", "배송비는 얼마인가요?", "3,000원이에요.")]
    # In this process, as building needs scipy.
    source = encoder_directory("default")
    Bundle.build(tmp_path, entries, load_encoder(source), encoder_directory=source)
    loaded = loaded_after(f"""
from pathlib import Path
from mundap.chatbot.bot import Bot
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.settings import ChatSettings
reply = Bot(LiveBundle.open(Path({str(tmp_path)!r})), ChatSettings()).reply("배송비는 얼마인가요")
assert (reply.kind, reply.text) == ("answer", "3,000원이에요."), reply
""")
    assert loaded & (HEAVY | {"gradio", "fastapi"}) == set()
    assert {"faiss", "kiwipiepy"} <= loaded


def test_importing_sets_up_no_logging_and_writes_no_file(tmp_path: Path) -> None:
    light = [
        *modules_of("index"),
        "mundap.chatbot.bot",
        "mundap.chatbot.home.first_run",
        "mundap.cli",
    ]
    code = f"import logging, {', '.join(light)}\nprint(logging.root.handlers)"
    homes = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"), str(tmp_path))
    assert run(code, **homes) == "[]\n"
    assert list(tmp_path.iterdir()) == []
