"""How an index grows: 12 thousand short questions, 100 thousand, a million, ten million.

Of each size: the build with the static encoder alone (processor time, memory, bytes on disk) beside
what that encoder takes for the same texts when nothing else is made of them, one call after the
other, half of them before the build and half after; the start of a process that serves it, its
memory once it has answered, how long a search takes with vectors and words, how many of the ten
nearest vectors it finds, and how often the one entry that answers a query comes first; of a large
one besides how long 100 changed entries take until they serve, and a roll-back. Sizes that are not
named keep their figures of before.

    MUNDAP_DATA_DIR=... python -m benchmarks.scale 12000 100000
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.result import RESULTS, data_dir, write_result
from benchmarks.scale.picture import write_picture
from benchmarks.scale.questions import PlantedQuery, write_questions
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.manifest import Manifest
from mundap.index.encoders.encoder import DEFAULT_ENCODER, Encoder
from mundap.index.encoders.registry import load_encoder
from mundap.index.encoders.shipped import NO_PRETRAINED
from mundap.index.search.retriever import Retriever

_ROOT = Path(__file__).resolve().parents[2]
_DEPTH, _WARM = 10, 100
_BLOCK = 65_536
# One in so many of the texts is asked as a query, too, without its first word.
_ASKED = 300
# Texts by which the encoder is timed before a build and after it, and how many it is given at once.
_TIMED, _AT_ONCE = 10_000, 256
# Entries that are changed at once.
_CHANGED = 100
# Seconds between two looks at the memory of a build.
_EVERY = 0.2


def main() -> None:
    """Measure each size and write all figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale")
    parser.add_argument("sizes", nargs="*", type=int, default=[12_000, 100_000])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--scratch", type=Path, help="Folder in which what is built stays, to be measured again."
    )
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve is not None:
        _serve(options.serve)
        return
    for size in options.sizes:
        with _scratch(options.scratch, size) as scratch:
            figures = _measure(size, options.seed, scratch)
        every = _with_earlier(size, figures)
        write_result("scale", every, f"benchmarks.scale {' '.join(every)}")
        write_picture(every)


@contextmanager
def _scratch(kept: Path | None, size: int) -> Iterator[Path]:
    if kept is None:
        with TemporaryDirectory(prefix="mundap-scale-") as folder:
            yield Path(folder)
        return
    inside = kept / str(size)
    inside.mkdir(parents=True, exist_ok=True)
    yield inside


def _earlier() -> dict[str, Any]:
    try:
        found = json.loads((RESULTS / "scale.json").read_text(encoding="utf-8"))["figures"]
    except FileNotFoundError:
        return {}
    return dict(found)


def _with_earlier(size: int, figures: dict[str, Any]) -> dict[str, Any]:
    found = {**_earlier(), str(size): figures}
    return dict(sorted(found.items(), key=lambda item: int(item[0])))


def _measure(size: int, seed: int, scratch: Path) -> dict[str, Any]:
    faq, index = scratch / "faq.jsonl", scratch / "index"
    planted = write_questions(data_dir(), size, faq, seed)
    build = _build(faq, index, size) if not index.exists() else _earlier()[str(size)]["build"]
    path = Generations(index).current()
    manifest = Manifest.read(path)
    files = {name: record.bytes for name, record in manifest.files.items()}
    return {
        "entries": manifest.entries,
        "index": manifest.index_kind,
        "build": build,
        "disk_mb": round(sum(files.values()) / 1e6, 1),
        "vectors_mb": round(files.get("lists.faiss", files.get("vectors.faiss", 0)) / 1e6, 1),
        **_served(index, planted),
        **(_amended(index, scratch) if manifest.large else {}),
    }


def _build(faq: Path, index: Path, size: int) -> dict[str, Any]:
    encoder, texts = load_encoder(DEFAULT_ENCODER), _some_texts(faq, size)
    half = len(texts) // 2
    before = _timed(encoder, texts[:half])
    command = [sys.executable, "-m", "mundap.cli", "index", "build", "--pretrained", NO_PRETRAINED]
    begun = time.monotonic()
    process = subprocess.Popen([*command, "--faq", str(faq), "--output", str(index)], cwd=_ROOT)
    own = 0
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        own = max(own, _memory(process.pid)["own"])
        time.sleep(_EVERY)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed.")
    wall, cpu = time.monotonic() - begun, used.ru_utime + used.ru_stime
    after = _timed(encoder, texts[half:])
    own_wall, own_cpu = (sum(pair) / len(texts) for pair in zip(before, after, strict=True))
    return {
        "wall_s": round(wall, 1),
        "cpu_s": round(cpu, 1),
        # With what of files it has mapped lies in memory, which the system may take back.
        "peak_mb": round(used.ru_maxrss / 1024),
        "peak_own_mb": own,
        "encoder_texts_per_cpu_s": round(1 / own_cpu),
        # 1 is as fast as the encoder alone; above, as what surrounds it uses another core.
        "of_encoder_by_clock": round(own_wall * size / wall, 3),
        "of_encoder_by_cpu": round(own_cpu * size / cpu, 3),
    }


def _some_texts(faq: Path, size: int) -> list[str]:
    step = max(1, size // (2 * _TIMED))
    with faq.open(encoding="utf-8") as lines:
        return [json.loads(line)["question"] for line in islice(lines, 0, None, step)]


def _timed(encoder: Encoder, texts: Sequence[str]) -> tuple[float, float]:
    """Return seconds of the clock and of the processor that the encoder takes for texts."""
    wall, cpu = time.monotonic(), time.process_time()
    for first in range(0, len(texts), _AT_ONCE):
        encoder.encode(texts[first : first + _AT_ONCE])
    return time.monotonic() - wall, time.process_time() - cpu


def _amended(index: Path, scratch: Path) -> dict[str, float]:
    """Change some entries and take that back; return how long each takes until it serves."""
    changed = scratch / "changed.jsonl"
    rows = (
        {"entry_id": f"q{n}", "question": f"{n}번 질문이 바뀌었나요?", "answer": f"네, {n}번이요."}
        for n in range(_CHANGED)
    )
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    changed.write_text("".join(lines), encoding="utf-8")
    taken = {}
    for name, rest in {"amend": ["--faq", str(changed)], "rollback": []}.items():
        begun = time.monotonic()
        command = [sys.executable, "-m", "mundap.cli", "index", name, str(index), *rest]
        subprocess.run(command, cwd=_ROOT, check=True)
        taken[f"{name}_s"] = round(time.monotonic() - begun, 1)
    return taken


def _served(index: Path, planted: Sequence[PlantedQuery]) -> dict[str, Any]:
    """Ask a process of its own, and return what it found and how much it took."""
    begun = time.monotonic()
    with _child(index) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        started = time.monotonic() - begun
        process.stdin.write(json.dumps([asdict(query) for query in planted]) + "\n")
        process.stdin.flush()
        found: dict[str, Any] = json.loads(process.stdout.readline())
        return {"cold_start_s": round(started, 2), **found}


@contextmanager
def _child(index: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "benchmarks.scale", "--serve", str(index)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, cwd=_ROOT, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def _serve(index: Path) -> None:
    """Open an index, say when the first query is answered, and measure the queries of stdin."""
    bundle = Bundle.open(index)
    bundle.retriever.rank(["환불은 언제 되나요?"], 4)
    print("ready", flush=True)
    planted = [PlantedQuery(**row) for row in json.loads(sys.stdin.readline())]
    retriever = bundle.retriever
    step = max(1, len(retriever.passages) // _ASKED)
    texts = [retriever.passages.texts[row] for row in range(0, len(retriever.passages), step)]
    near = [text.partition(" ")[2] for text in texts]
    for query in near[:_WARM]:
        retriever.rank([query], 4)
    first = [retriever.rank([query.text], 4)[0].hits[0].entry_id for query in planted]
    right = [one == query.entry_id for one, query in zip(first, planted, strict=True)]
    print(
        json.dumps(
            {
                "hybrid_ms": _latency(retriever, [*near[_WARM:], *(q.text for q in planted)]),
                "in_a_category_ms": _latency(retriever, near[_WARM:], "분류 7"),
                "memory_mb": _memory(),
                "recall_at_10": _recall(retriever, near),
                "planted_hit_at_1": round(float(np.mean(right)), 4),
                "planted": len(planted),
            }
        ),
        flush=True,
    )


def _latency(
    retriever: Retriever, queries: Sequence[str], category: str | None = None
) -> dict[str, float]:
    """Return percentiles of processor time, as other work on the machine does not change them."""
    taken = []
    for query in queries:
        start = time.process_time()
        retriever.rank([query], 4, category=category)
        taken.append((time.process_time() - start) * 1000)
    return {f"p{q}": round(float(np.percentile(taken, q)), 2) for q in (50, 95, 99)}


def _recall(retriever: Retriever, queries: Sequence[str]) -> float:
    """Return the share of the ten nearest vectors, or of such as are as near, that are found."""
    engine, asked = retriever.dense.engine, retriever.encoder.encode(queries)
    best = np.full((len(queries), 0), 0, np.float32)
    for first in range(0, engine.count(), _BLOCK):
        rows = np.arange(first, min(first + _BLOCK, engine.count()))
        cosines = asked @ engine.vectors(rows).T
        top = np.partition(cosines, -min(_DEPTH, len(rows)), axis=1)[:, -_DEPTH:]
        best = -np.sort(-np.hstack([best, top]), axis=1)[:, :_DEPTH]
    found = [hits.scores for hits in engine.search(asked, _DEPTH)]
    right = [
        (scores >= least - 1e-5).sum() for scores, least in zip(found, best[:, -1], strict=True)
    ]
    return round(float(np.sum(right)) / (len(queries) * _DEPTH), 4)


def _memory(process: int | str = "self") -> dict[str, int]:
    """Return what a process holds of its own, and what of files it has mapped lies in memory."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    held = {key: value for key, _, value in (line.partition(":") for line in lines)}
    kinds = {"own": "RssAnon", "mapped": "RssFile"}
    # One that has just ended holds nothing.
    return {name: int(held.get(key, "0 kB").split()[0]) // 1024 for name, key in kinds.items()}


if __name__ == "__main__":
    main()
