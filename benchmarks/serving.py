"""Latency and memory of the serving process on the 11,823 questions of the chatbot data.

Latency: warm, one query at a time, one thread of requests, clean-up to ranked entries.
Memory: the peak of a fresh process that opens a bundle and answers 1,000 queries, with and
without the chat page built in it; neither may import torch.

    MUNDAP_DATA_DIR=... python -m benchmarks.serving
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.result import data_dir, write_result

_ANSWER = """
import json, sys
from pathlib import Path
from chatbot.bot import Bot
from chatbot.live_bundle import LiveBundle
from chatbot.settings import ChatSettings
settings = ChatSettings()
if {page}:
    from chatbot.feedback import FeedbackLog
    from chatbot.page import build_page
    from chatbot.page_server import launch_page
bot = Bot(LiveBundle.open(Path({bundle!r})), settings)
if {page}:
    page = build_page(bot, settings, FeedbackLog(Path({bundle!r}) / "feedback.jsonl"))
    launch_page(page, ChatSettings(port=7999), block=False)
for query in json.loads(sys.stdin.read()):
    bot.reply(query)
# Not getrusage: its peak is inherited from the process that started this one.
status = Path("/proc/self/status").read_text()
peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
print(json.dumps({{"peak_mb": round(peak), "torch": "torch" in sys.modules}}))
"""


def main() -> None:
    """Build the bundle, measure, and write the figures."""
    with TemporaryDirectory() as scratch:
        bundle = Path(scratch) / "index"
        queries = _build(bundle)
        figures = {
            "entries": len(queries),
            "latency_ms": _latency(bundle, queries[:2000]),
            "without page": _memory(bundle, queries[:1000], page=False),
            "with page": _memory(bundle, queries[:1000], page=True),
        }
    write_result("serving", figures)


def _build(bundle: Path) -> list[str]:
    """Index the chatbot questions and return them in another order, lightly changed."""
    from index.bundle import Bundle
    from index.encoder import load_encoder
    from index.faq import read_faq

    entries = read_faq(data_dir() / "chatbot_data.parquet")
    Bundle.build(bundle, entries, load_encoder("default"), encoder_source="default")
    order = np.random.default_rng(0).permutation(len(entries))
    # Not equal to what is stored: nobody types exactly that.
    return [f"{entries[row].question} 궁금해요" for row in order]


def _latency(bundle: Path, queries: list[str]) -> dict[str, float]:
    from index.bundle import Bundle

    retriever = Bundle.open(bundle).retriever
    for query in queries[:200]:
        retriever.search([query], 4)
    taken = []
    for query in queries[200:]:
        start = time.perf_counter()
        retriever.search([query], 4)
        taken.append((time.perf_counter() - start) * 1000)
    return {f"p{q}": round(float(np.percentile(taken, q)), 3) for q in (50, 95, 99)}


def _memory(bundle: Path, queries: list[str], *, page: bool) -> dict[str, object]:
    code = _ANSWER.format(bundle=str(bundle), page=page)
    root = Path(__file__).resolve().parent.parent
    finished = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(queries),
        capture_output=True,
        text=True,
        cwd=root,
        check=True,
    )
    measured: dict[str, object] = json.loads(finished.stdout.strip().splitlines()[-1])
    return measured


if __name__ == "__main__":
    main()
