"""From a cold start to a FAQ that knows its visitors: clicks of an owner against right answers.

A shop starts with the bundled FAQ without any phrasing. Each day visitors ask some of those that
were taken away (uniformly, again and again), and now and then what the FAQ does not answer. What is
not answered is listed for the owner, who clicks `CLICKS` times a day: a click accepts the proposed
entry where that is right, or names another, or says that none answers. Where the list is grouped by
meaning, as on the owner's page, a click settles a whole group, once a click has taken out each
query that is not of its entry. What was accepted is published every evening; every fifth day
`improve` learns from it, and promotes what it made or not, by its own test. After some days the
test queries are asked, which nobody clicks on or trains on, and each time of what `improve` made.

    python -m benchmarks.owner_loop [--order grouped] [--days 5] [--every 8]
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.owner_loop.owner import ORDERS, click
from benchmarks.owner_loop.picture import table, write_picture
from benchmarks.owner_loop.shop import Remembering, Shop
from benchmarks.owner_loop.tests import as_usual, measured, with_encoder
from benchmarks.result import RESULTS, read_figures, write_result
from benchmarks.strangers import first_day
from mundap.chatbot.home.bundled import bundled_path
from mundap.chatbot.settings import ChatSettings
from mundap.improve.bounds import Bounds
from mundap.improve.run import improve
from mundap.index.encoders.registry import load_pretrained
from mundap.index.encoders.shipped import SHIPPED
from mundap.index.faq.entry import FaqEntry, read_faq, write_faq
from mundap.index.korean.text import match_key
from mundap.index.tables.table import read_table

DAYS, VISITORS, CLICKS = 15, 60, 20
# Of visitors, so many ask what the FAQ does not answer.
BESIDE = 0.1
IMPROVED_EVERY = 5
# After these days the test queries are asked, of which every so manieth is.
ASKED = (5, 10, 15)
EVERY = 2
SEED = 0


def main() -> None:
    """Play every order of the list, or one; write figures and picture, and print the table."""
    options = _options()
    reader = Remembering(load_pretrained(SHIPPED))
    known = read_figures("owner_loop") if options.order else {}
    figures = {order: known[order] for order in ORDERS if order in known}
    for order in options.order or ORDERS:
        with TemporaryDirectory() as folder:
            figures[order] = played(Path(folder), order, reader, options)
            print(f"{order}\n\n{table(figures[order])}\n", flush=True)
    figures["full"] = _full()
    figures["aim"] = {
        order: _reached(figures[order], figures["full"]) for order in ORDERS if order in figures
    }
    if (options.days, options.clicks, options.every) == (DAYS, CLICKS, EVERY):
        write_result("owner_loop", figures)
        write_picture(figures)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.owner_loop",
        description="Of other days, clicks or queries than usual only the table is printed.",
    )
    parser.add_argument("--order", action="append", choices=ORDERS, help="play this order alone")
    parser.add_argument("--days", type=int, default=DAYS, help="default: %(default)s")
    parser.add_argument("--clicks", type=int, default=CLICKS, help="a day (default: %(default)s)")
    every = "ask every so manieth test query (default: %(default)s)"
    parser.add_argument("--every", type=int, default=EVERY, help=every)
    parser.add_argument("--train", action="store_true", help="at last, an encoder on all of it")
    return parser.parse_args()


def _full() -> dict[str, Any]:
    """Return the figures of the FAQ with all its phrasings, as a file of its own; see `phrasings`.

    An encoder was trained on it; weights and confidence are those of other FAQs.
    """
    found = json.loads((RESULTS / "phrasings.json").read_text(encoding="utf-8"))
    whole = found["figures"]["phrasings"]["15"]
    return {name: whole[name] for name in ("right first", "answered right", "reached")}


def played(
    folder: Path, order: str, reader: Remembering, options: argparse.Namespace
) -> dict[str, Any]:
    """Play so many days; return the figures after some of them, and what improvements said.

    With `train` also those of an encoder on all that was accepted, whatever `improve` would do.
    """
    whole = read_faq(bundled_path("faq"))
    faq = folder / "faq.csv"
    write_faq([replace(entry, alternates=()) for entry in whole], faq)
    settings = ChatSettings(faq=faq, home=folder / "home")
    first_day(settings)
    shop = Shop(settings, reader)
    asked, runs = [_day(shop, 0, options.every)], []
    for day, queries in enumerate(_traffic(whole, options.days), start=1):
        serving = shop.open()
        shop.visit(serving, queries)
        click(shop, ORDERS[order], options.clicks, serving)
        shop.publish(serving)
        if day % IMPROVED_EVERY == 0:
            report = improve(shop.workshop, shop.database, Bounds(), "owner").report
            told = ("reason", "learned", "tests", "before", "after", "right", "wrong", "visitors")
            would = measured(shop.settings, shop.open(report["after"]["generation"]), options.every)
            clicks = {"clicks": options.clicks * day, "would": would}
            runs.append({**clicks, **{name: report.get(name) for name in told}})
            print(order, json.dumps(runs[-1]), file=sys.stderr, flush=True)
        if day in ASKED or day == options.days:
            asked.append(_day(shop, options.clicks * day, options.every))
            print(order, json.dumps(asked[-1]), file=sys.stderr, flush=True)
    found: dict[str, Any] = {"days": asked, "improve": runs}
    if options.train:
        found["trained"] = with_encoder(shop, options.every)
        print(order, json.dumps(found["trained"]), file=sys.stderr, flush=True)
    shop.database.close()
    return found


def _traffic(entries: Sequence[FaqEntry], days: int) -> Iterator[list[tuple[str, str | None]]]:
    """Yield what visitors ask each day; the same for every order."""
    random = np.random.default_rng(SEED)
    tests = {match_key(row["query"]) for row in read_table(bundled_path("queries.csv")).rows}
    known = [
        [(text, entry.entry_id) for text in entry.alternates if match_key(text) not in tests]
        for entry in entries
    ]
    known = [texts for texts in known if texts]
    rows = read_table(bundled_path("development_out_of_scope.csv")).rows
    for _ in range(days):
        day: list[tuple[str, str | None]] = []
        for _ in range(VISITORS):
            if random.random() < BESIDE:
                day.append((str(rows[random.integers(len(rows))]["query"]), None))
            else:
                texts = known[random.integers(len(known))]
                day.append(texts[random.integers(len(texts))])
        yield day


def _day(shop: Shop, clicks: int, every: int) -> dict[str, Any]:
    bundle = shop.open()
    serves = measured(shop.settings, bundle, every)
    is_usual = bundle.confidence.fit == bundle.retriever.usual_confidence().fit
    usual = serves if is_usual else measured(shop.settings, as_usual(bundle), every)
    seen = {name: shop.clicked[f"#{name}"] for name in ("first", "proposed", "named", "none")}
    return {"clicks": clicks, "seen": seen, "serves": serves, "phrasings alone": usual}


def _reached(found: Mapping[str, Any], full: Mapping[str, Any]) -> dict[str, int | None]:
    """Return after how many clicks 90% of the whole FAQ's shares are reached; None for never."""
    return {
        name: next(
            (d["clicks"] for d in found["days"] if d["serves"][name][0] >= 0.9 * share[0]), None
        )
        for name, share in full.items()
    }


if __name__ == "__main__":
    main()
