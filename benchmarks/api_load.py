"""The API under load: requests a second, latency and memory on 11,823 questions.

wrk (Debian's package) and the server share this machine: 32 connections, or --connections N, ask
one query after another. With --rebuild-every N, some questions of the FAQ are changed every N
seconds; the server is asked over the API to rebuild its index and has to switch to the new
generation. With --pretrained none it is what `--speed fast` serves.

    MUNDAP_DATA_DIR=... python -m benchmarks.api_load --seconds 600
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.api_server import ApiServer, serving
from benchmarks.result import data_dir, write_result
from mundap.chatbot.api.layers.access import new_token
from mundap.index.encoders.shipped import NO_PRETRAINED, SHIPPED
from mundap.index.faq.entry import FaqEntry, read_faq, write_faq

# What a busy afternoon changes in a FAQ.
CHANGED = 20
WARM_UP_SECONDS = 5
_LUA = Path(__file__).with_suffix(".lua")


@dataclass(slots=True)
class Watch:
    """What happened beside the load."""

    memory: list[dict[str, float]] = field(default_factory=list)
    rebuild_seconds: list[float] = field(default_factory=list)


def main() -> None:
    """Build, serve, load, and write the figures."""
    options = _options()
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing; on Debian: apt-get install wrk")
    entries = read_faq(data_dir() / "chatbot_data.parquet")
    with TemporaryDirectory() as scratch:
        bundle, faq = Path(scratch) / "index", Path(scratch) / "faq.jsonl"
        bodies = Path(scratch) / "bodies.jsonl"
        build(bundle, entries, faq, options.pretrained)
        bodies.write_text("".join(f"{line}\n" for line in _bodies(entries)), encoding="utf-8")
        token, digest = new_token()
        with serving(bundle, {**UNLIMITED, "MUNDAP_API_ADMIN_TOKEN": digest}, faq=faq) as server:
            rebuild = Rebuild(server, token, faq, entries)
            figures = _measure(server, rebuild, bodies, options)
    name = "api_load" if options.rebuild_every is None else "api_load_rebuild"
    name += "" if options.pretrained != NO_PRETRAINED else "_fast"
    name += "" if options.connections == 32 else f"_{options.connections}"
    words = " ".join(sys.argv[1:])
    write_result(name, {"entries": len(entries), **figures}, f"benchmarks.api_load {words}")


# One client must be allowed to be all of them.
UNLIMITED = {"MUNDAP_API_RATE_LIMIT": "1000000/second"}


def build(bundle: Path, entries: list[FaqEntry], faq: Path, pretrained: str = SHIPPED) -> None:
    """Write a generation of `entries` as an owner does, by the command, through file `faq`."""
    write_faq(entries, faq)
    command = [sys.executable, "-m", "mundap.cli", "index", "build", "--encoder", "default"]
    subprocess.run(
        [*command, "--faq", str(faq), "--output", str(bundle), "--pretrained", pretrained],
        cwd=_LUA.parent.parent,
        stderr=subprocess.DEVNULL,
        check=True,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.api_load")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--rebuild-every", type=float, default=None, help="seconds")
    parser.add_argument("--pretrained", default=SHIPPED)
    return parser.parse_args()


def _bodies(entries: list[FaqEntry]) -> Iterator[str]:
    """Yield a request for each entry in another order, lightly changed: nobody types as stored."""
    for row in np.random.default_rng(0).permutation(len(entries)).tolist():
        yield json.dumps({"query": f"{entries[row].question} 궁금해요"}, ensure_ascii=False)


def _measure(
    server: ApiServer, rebuild: "Rebuild", bodies: Path, options: argparse.Namespace
) -> dict[str, Any]:
    _wrk(server, bodies, WARM_UP_SECONDS, options.connections)
    watch, before = Watch(), _usage(server)
    load_before, generation_before = os.getloadavg()[0], _generation(server)
    with (
        _beside(lambda: watch.memory.append(server.memory()), 1.0),
        _rebuilds(rebuild, watch, options.rebuild_every),
    ):
        driven = _wrk(server, bodies, options.seconds, options.connections)
    after = _usage(server)
    used = {name: round(after[name] - before[name], 1) for name in before}
    figures = {
        "connections": options.connections,
        **driven,
        "requests_per_second": round(driven["requests"] / driven["seconds"], 1),
        "memory_at_start": watch.memory[0],
        "memory_at_end": watch.memory[-1],
        "memory_highest_mib": max(sample["rss_mib"] for sample in watch.memory),
        "memory_each_tenth_mib": [part[-1]["rss_mib"] for part in _tenths(watch.memory)],
        # Two cores give two seconds a second; what others took was not there for us.
        "cpu_seconds": used,
        "load_average": [round(load_before, 2), round(os.getloadavg()[0], 2)],
    }
    if options.rebuild_every is not None:
        figures["rebuild_every_seconds"] = options.rebuild_every
        figures["rebuild_seconds"] = watch.rebuild_seconds
        figures["generations"] = [generation_before, _generation(server)]
    return figures


def _tenths(samples: list[dict[str, float]]) -> list[list[dict[str, float]]]:
    step = max(1, len(samples) // 10)
    return [samples[start : start + step] for start in range(0, len(samples), step)]


def _wrk(server: ApiServer, bodies: Path, seconds: int, connections: int) -> dict[str, Any]:
    command = ["wrk", "--threads", "1", "--connections", str(connections), "--timeout", "5s"]
    command += ["--duration", f"{seconds}s", "--script", str(_LUA), server.url, "--", str(bodies)]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    driven: dict[str, Any] = json.loads(finished.stdout.strip().splitlines()[-1])
    return driven


def _generation(server: ApiServer) -> int:
    # The first request after a switch starts it; the second sees it.
    server.ask("배송비")
    time.sleep(2)
    return int(server.ask("배송비")["generation"])


def _usage(server: ApiServer) -> dict[str, float]:
    """Return processor seconds so far: the server's, its rebuilds', wrk's, everybody's."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    first = Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0].split()[1:9]
    user, nice, system, _idle, _wait, irq, softirq, _steal = map(int, first)
    return {
        "server": server.cpu_seconds(),
        "rebuilds": server.rebuild_cpu_seconds(),
        "wrk": children.ru_utime + children.ru_stime,
        "whole_machine": (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK"),
    }


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Changes a FAQ file, and has its index built anew as an administrator does."""

    server: ApiServer
    token: str
    faq: Path
    entries: list[FaqEntry]

    def __call__(self, number: int) -> None:
        """Return once the new generation is there; raises RuntimeError where it is not."""
        changed = [replace(e, question=f"{e.question} {number}") for e in self.entries[:CHANGED]]
        write_faq(changed + self.entries[CHANGED:], self.faq)
        job = self.server.post("/v1/index/rebuild", {}, token=self.token)
        while job["state"] == "running":
            time.sleep(0.2)
            path = f"/v1/index/jobs/{job['job_id']}"
            job = json.loads(self.server.get(path, token=self.token))
        if job["state"] != "done":
            raise RuntimeError(f"rebuild {number} failed: {job['message']}")


@contextmanager
def _rebuilds(rebuild: Rebuild, watch: Watch, every: float | None) -> Iterator[None]:
    if every is None:
        yield
        return

    def work() -> None:
        start = time.monotonic()
        rebuild(len(watch.rebuild_seconds) + 1)
        watch.rebuild_seconds.append(round(time.monotonic() - start, 1))

    with _beside(work, every):
        yield


@contextmanager
def _beside(work: Any, every: float) -> Iterator[None]:
    """Call `work` at once and then every so many seconds until the end of the block."""
    done, failed = threading.Event(), []

    def repeat() -> None:
        due = time.monotonic()
        while not done.is_set():
            try:
                work()
            except Exception as error:
                failed.append(error)
                return
            due += every
            done.wait(max(0.0, due - time.monotonic()))

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    if failed:
        raise failed[0]


if __name__ == "__main__":
    main()
