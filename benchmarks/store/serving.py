"""What recording costs, and how long the owner's screens take, of servers that run."""

import http.client
import json
import random
import threading
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote

import numpy as np
from sqlalchemy import delete

from benchmarks.api_load import UNLIMITED, build
from benchmarks.api_server import ApiServer, serving
from mundap.chatbot.admin.desk.desk import COOKIE
from mundap.chatbot.admin.desk.menu import SCREENS
from mundap.feedback.exchanges.exchange import Exchange
from mundap.feedback.exchanges.kept_rows import keep
from mundap.feedback.exchanges.writer import GATHERED
from mundap.feedback.owners.owners import Owners
from mundap.feedback.store.database import Database, in_parts
from mundap.feedback.store.tables import exchanges
from mundap.feedback.unanswered.grouping import regroup
from mundap.index.bundle.bundle import Bundle
from mundap.index.encoders.shipped import NO_PRETRAINED
from mundap.index.faq.entry import FaqEntry

# Asked in a minute, from so many connections.
PER_MINUTE, CONNECTIONS = 10_000, 8
# Batches that are written to see what one takes.
_BATCHES = 60
_RESAMPLES = 10_000
_REPEATS = 5
# What is asked for of a screen beside its first view.
_VIEWS = ("overview?days=7", "overview?days=90", "unanswered?page=40", "entries?find=배송")


def bundle_of(scratch: Path, entries: list[FaqEntry]) -> Path:
    """Make the index that is served, without the pretrained encoder."""
    bundle = scratch / "index"
    build(bundle, entries, scratch / "faq.jsonl", NO_PRETRAINED)
    return bundle


def screens(scratch: Path, url: str, bundle: Path) -> dict[str, Any]:
    """Return the seconds of each screen, as an owner waits for it, once questions are grouped."""
    database = Database.open(url)
    begun, busy = time.perf_counter(), time.process_time()
    groups = regroup(database, Bundle.open(bundle), scratch / "vectors.npz")
    figures: dict[str, Any] = {
        "grouping": {
            "groups": groups,
            "seconds": round(time.perf_counter() - begun, 1),
            "processor": round(time.process_time() - busy, 1),
        }
    }
    owners = Owners(database)
    if "owner" not in owners.names():
        owners.add("owner", "a long password of one")
    token = owners.log_in("owner", "a long password of one")
    database.close()
    usual = {**UNLIMITED, "MUNDAP_HOME": str(scratch / "home"), "MUNDAP_DATABASE_URL": url}
    with serving(bundle, usual, faq=scratch / "faq.jsonl") as server:
        for path in [*(screen.path for screen in SCREENS), *_VIEWS]:
            figures[path] = _timed(server, f"/admin/{path}", f"{COOKIE}={token}")
    return figures


def _timed(server: ApiServer, path: str, cookie: str) -> dict[str, float]:
    """Return the median of several, and the first, which finds nothing ready."""
    seconds = []
    for _ in range(_REPEATS):
        begun = time.perf_counter()
        request = urllib.request.Request(
            server.url + quote(path, "/?="), headers={"Cookie": cookie}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()
        assert answer.url == request.full_url, f"{path} led to {answer.url}"
        seconds.append(time.perf_counter() - begun)
    return {"first": round(seconds[0], 3), "usual": round(median(seconds), 3)}


def writing(database: Database, entries: list[FaqEntry]) -> dict[str, Any]:
    """Return what the writer needs of the serving process for an exchange, in microseconds.

    Batches are as large as the pace makes them. What the disk takes nobody waits for.
    """
    chance = random.Random(1)
    size = round(PER_MINUTE / 60 * GATHERED)
    made = [[_recorded(entries, chance) for _ in range(size)] for _ in range(_BATCHES)]
    begun, busy = time.perf_counter(), time.process_time()
    for batch in made:
        with database.writing() as connection:
            keep(connection, batch)
    each = 1e6 / (size * len(made))
    figures = {
        "batch": size,
        "processor": round((time.process_time() - busy) * each, 1),
        "elapsed": round((time.perf_counter() - begun) * each, 1),
    }
    with database.writing() as connection:
        ids = [exchange.request_id for batch in made for exchange in batch]
        for some in in_parts(ids):
            connection.execute(delete(exchanges).where(exchanges.c.request_id.in_(some)))
    return figures


def _recorded(entries: list[FaqEntry], chance: random.Random) -> Exchange:
    entry, *others = chance.sample(entries, 4)
    query = f"{chance.choice(entry.passages)} 궁금해요"
    return Exchange(
        request_id=f"{chance.getrandbits(64):016x}",
        time=datetime.now(UTC),
        channel="page",
        query=query,
        reading=query,
        category=None,
        kind="answer",
        entry_id=entry.entry_id,
        score=chance.random(),
        confidence=chance.random(),
        candidates=tuple(each.entry_id for each in others),
        generation=1,
        milliseconds=4.0,
        conversation=f"{chance.getrandbits(96):024x}",
        language="ko",
    )


def recording(
    scratch: Path, url: str, bundle: Path, entries: list[FaqEntry], turns: int, length: float
) -> dict[str, Any]:
    """Ask two servers in turns, one that records and one that does not."""
    bodies = [
        json.dumps({"query": f"{words} 궁금해요"}).encode()
        for entry in entries
        for words in entry.passages
    ]
    usual = {**UNLIMITED, "MUNDAP_HOME": str(scratch / "home"), "MUNDAP_DATABASE_URL": url}
    with (
        serving(bundle, {**usual, "MUNDAP_RECORD": "true"}) as with_it,
        serving(bundle, {**usual, "MUNDAP_RECORD": "false"}) as without,
    ):
        servers = {"with": with_it, "without": without}
        for server in servers.values():
            _paced(server, bodies, 2 * length)
        blocks: dict[str, list[list[float]]] = {name: [] for name in servers}
        processor = {name: -server.cpu_seconds() for name, server in servers.items()}
        for number in range(turns):
            # with, without, without, with: neither is always the first.
            for name in sorted(servers, reverse=number % 2 == 1):
                blocks[name].append(sorted(_paced(servers[name], bodies, length)))
                # What was asked last is written before the other one is asked.
                time.sleep(2 * GATHERED)
        for name, server in servers.items():
            processor[name] += server.cpu_seconds()
        counters = with_it.get("/metrics")
    asked = sum(map(len, blocks["with"]))
    return {
        "per_minute": PER_MINUTE,
        "seconds_a_block": length,
        "blocks_of_each": turns,
        **{name: _counter(counters, f"mundap_{name}_total") for name in ("recorded", "dropped")},
        **{f"ms_{name}": _percentiles(found) for name, found in blocks.items()},
        "processor_ms_an_answer": {
            name: round(1000 * seconds / asked, 3) for name, seconds in processor.items()
        },
        "with_to_without": {
            name: _ratio(blocks["with"], blocks["without"], share)
            for name, share in (("p50", 0.5), ("p95", 0.95))
        },
    }


def _percentiles(blocks: list[list[float]]) -> dict[str, float]:
    every = sorted(seconds for block in blocks for seconds in block)
    return {
        "p50": _ms(every, 0.5),
        "p95": _ms(every, 0.95),
        "p99": _ms(every, 0.99),
    }


def _ratio(
    these: list[list[float]], those: list[list[float]], share: float
) -> dict[str, float | list[float]]:
    """Return the mean ratio of a percentile in blocks beside each other, with its 95% interval."""
    logs = np.log([_ms(a, share) / _ms(b, share) for a, b in zip(these, those, strict=True)])
    chance = np.random.default_rng(0)
    means = chance.choice(logs, (_RESAMPLES, len(logs))).mean(axis=1)
    low, high = np.exp(np.quantile(means, (0.025, 0.975))).round(3).tolist()
    return {"ratio": round(float(np.exp(logs.mean())), 3), "interval": [low, high]}


def _paced(server: ApiServer, bodies: list[bytes], length: float) -> list[float]:
    """Ask at a steady pace, whatever the answers take; return the seconds of each answer."""
    seconds: list[float] = []
    every = 60 / PER_MINUTE
    begin = time.perf_counter() + 0.1

    def work(first: int) -> None:
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)
        for number in range(first, int(length * PER_MINUTE / 60), CONNECTIONS):
            time.sleep(max(0.0, begin + number * every - time.perf_counter()))
            asked = time.perf_counter()
            body = bodies[number * 7919 % len(bodies)]
            connection.request("POST", "/v1/ask", body, {"Content-Type": "application/json"})
            connection.getresponse().read()
            seconds.append(time.perf_counter() - asked)
        connection.close()

    threads = [threading.Thread(target=work, args=(first,)) for first in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seconds


def _ms(ordered: list[float], share: float) -> float:
    return round(1000 * ordered[int(share * (len(ordered) - 1))], 2)


def _counter(text: str, name: str) -> int:
    line = next(line for line in text.splitlines() if line.startswith(f"{name} "))
    return int(float(line.split()[1]))
