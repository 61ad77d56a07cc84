"""Latency and memory of the serving process on the 11,823 questions of the chatbot data.

Latency: warm, one query at a time, one thread of requests, clean-up to ranked entries.
Memory: the peak of a fresh process that opens a bundle and answers 1,000 queries, and of one
that serves the chat page to 40 visits of headless Chromium with three questions each; neither
may load torch.

    MUNDAP_DATA_DIR=... python -m benchmarks.serving
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.api_load import UNLIMITED
from benchmarks.api_server import serving
from benchmarks.page import ask, chromium
from benchmarks.result import data_dir, write_result
from mundap.index.encoders.shipped import NO_PRETRAINED, SHIPPED

_ROOT = Path(__file__).resolve().parent.parent
VISITS, QUESTIONS = 40, 3

_ANSWER = """
import json, sys
from pathlib import Path
from mundap.chatbot.bot import Bot
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.settings import ChatSettings
bot = Bot(LiveBundle.open(Path({bundle!r})), ChatSettings())
for query in json.loads(sys.stdin.readline()):
    bot.reply(query)
print("done", flush=True)
sys.stdin.readline()
"""


def main() -> None:
    """Build the bundle, measure, and write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving")
    parser.add_argument("--pretrained", default=SHIPPED)
    pretrained = parser.parse_args().pretrained
    with TemporaryDirectory() as scratch:
        bundle = Path(scratch) / "index"
        queries = _build(bundle, pretrained)
        figures = {
            "entries": len(queries),
            "latency_ms": _latency(bundle, queries[:2000]),
            "without page": _without_page(bundle, queries[:1000]),
            "with page": _with_page(bundle, queries),
        }
    name = "serving" if pretrained != NO_PRETRAINED else "serving_fast"
    write_result(name, figures, f"benchmarks.serving --pretrained {pretrained}")


def _build(bundle: Path, pretrained: str) -> list[str]:
    """Index the chatbot questions and return them in another order, lightly changed."""
    from mundap.index.bundle.bundle import Bundle
    from mundap.index.encoders.registry import encoder_directory, load_encoder, wanted_pretrained
    from mundap.index.faq.entry import read_faq

    entries = read_faq(data_dir() / "chatbot_data.parquet")
    source = encoder_directory("default")
    reader, reader_directory = wanted_pretrained(pretrained)
    Bundle.build(
        bundle,
        entries,
        load_encoder(source),
        encoder_directory=source,
        pretrained=reader,
        pretrained_directory=reader_directory,
    )
    order = np.random.default_rng(0).permutation(len(entries))
    # Not equal to what is stored: nobody types exactly that.
    return [f"{entries[row].question} 궁금해요" for row in order]


def _latency(bundle: Path, queries: list[str]) -> dict[str, float]:
    from mundap.index.bundle.bundle import Bundle

    retriever = Bundle.open(bundle).retriever
    for query in queries[:200]:
        retriever.rank([query], 4)
    taken = []
    for query in queries[200:]:
        start = time.perf_counter()
        retriever.rank([query], 4)
        taken.append((time.perf_counter() - start) * 1000)
    return {f"p{q}": round(float(np.percentile(taken, q)), 3) for q in (50, 95, 99)}


def _without_page(bundle: Path, queries: list[str]) -> dict[str, object]:
    with _child(_ANSWER.format(bundle=str(bundle))) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(queries) + "\n")
        process.stdin.flush()
        process.stdout.readline()
        return {**_memory(process.pid), "queries": len(queries)}


def _with_page(bundle: Path, queries: list[str]) -> dict[str, object]:
    home = {"MUNDAP_HOME": str(bundle.with_name("home"))}
    with serving(bundle, {**UNLIMITED, **home}, page=True) as server, chromium() as browser:
        for visit in range(VISITS):
            visitor = browser.new_page()
            visitor.goto(server.url)
            for query in queries[visit * QUESTIONS :][:QUESTIONS]:
                ask(visitor, query)
            visitor.close()
        return {**_memory(server.pid), "visits": VISITS, "questions a visit": QUESTIONS}


@contextmanager
def _child(code: str) -> Iterator[subprocess.Popen[str]]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, text=True, cwd=_ROOT, **pipes) as process:  # type: ignore[call-overload]
        try:
            yield process
        finally:
            process.kill()


def _memory(pid: int) -> dict[str, object]:
    # Not getrusage: its peak is inherited from the process that started the child.
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    return {"peak_mib": round(peak), "torch": "libtorch" in maps}


if __name__ == "__main__":
    main()
