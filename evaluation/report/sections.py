"""The sections of a report that people read, in the order in which they ask."""

from mundap.evaluation.comparison import HIT, Comparison
from mundap.evaluation.report.confidence_section import confidence_section
from mundap.evaluation.report.document import Chart, Document, Section, Table, Tile
from mundap.evaluation.report.figures import (
    difference,
    figure,
    p_value,
    percent,
    percent_interval,
    span,
)
from mundap.evaluation.report.measured import Measured
from mundap.evaluation.report.plots import draw_accuracy
from mundap.evaluation.report.trouble_sections import hardest, problems
from mundap.evaluation.robustness import RobustnessFigures

# Measures of the table of differences; report.json has the others.
_COMPARED = (HIT, "mrr@10")
_MEANINGS = (
    ("hit@1", "share of queries whose first entry is the right one: what a visitor gets"),
    ("hit@3, hit@10", "share whose right entry is among the first 3 or 10"),
    ("mrr@10", "mean of 1 / rank of the right entry: 1 if first, 0.5 if second, 0 beyond 10"),
    ("ndcg@10", "like mrr@10, but falling more slowly with the rank"),
    (
        "interval",
        "where the figure would lie, 19 times in 20, for other entries and queries of the same "
        "kind; queries of one entry are drawn together",
    ),
    ("p", "how often two equal systems would differ at least as much by luck"),
    ("AUROC", "how often the surer of two replies is the right one: 0.5 is a coin, 1 is always"),
    ("ECE", "how far, on average, a confidence is from the share that was right"),
    ("coverage", "share of all queries that get an answer"),
)


def document_of(measured: Measured) -> Document:
    """Return the report; what was not measured has no section."""
    sections = [
        _summary(measured),
        _accuracy(measured),
        confidence_section(measured.confidence),
        hardest(measured),
        problems(measured),
        _robustness(measured.robustness),
        _speed(measured),
        _method(measured),
    ]
    subtitle = f"{len(measured.queries):,} queries to {len(measured.entries):,} entries"
    # Of which FAQ, when and by what: a page is sent by mail and found again.
    named = [measured.facts[name] for name in ("FAQ", "date", "encoder") if name in measured.facts]
    subtitle = " · ".join([subtitle, *named])
    return Document(
        "How well the FAQ is answered", subtitle, tuple(section for section in sections if section)
    )


def _summary(measured: Measured) -> Section:
    served = measured.reports[measured.served]
    hit, hit3 = served.means[HIT], served.means["hit@3"]
    tiles = [
        Tile(percent(hit.mean), "right at once", f"95%: {span(hit)}"),
        Tile(percent(hit3.mean), "right among three", f"95%: {span(hit3)}"),
    ]
    if measured.confidence is not None:
        at_90 = measured.confidence.coverage_at_90
        tiles.append(Tile(percent(at_90.mean), "answered", "at 90% right answers"))
    if measured.served in measured.latency:
        taken = measured.latency[measured.served]
        tiles.append(Tile(f"{taken.median:.1f} ms", "a query", f"95% within {taken.p95:.1f} ms"))
    lead = f"What visitors meet is {measured.served}. {_findings(measured)}"
    return Section("In short", (tuple(tiles), lead.strip()))


def _findings(measured: Measured) -> str:
    faults = sum(problem.is_fault for problem in measured.problems)
    said = [_against(item) for item in measured.comparisons]
    if faults:
        said.append(f"Contradictions, duplicates and odd texts to mend in the FAQ: {faults:,}.")
    return " ".join(said)


def _against(found: Comparison) -> str:
    verdict = found.differences[HIT].verdict
    fixed, broken = len(found.broken), len(found.fixed)
    changed = f"right on {fixed:,} queries that {found.after} misses, wrong on {broken:,} it gets"
    words = {"worse": "clearly better than", "better": "clearly worse than"}
    return f"It is {words.get(verdict, 'not clearly different from')} {found.after}: {changed}."


def _accuracy(measured: Measured) -> Section:
    names = list(next(iter(measured.reports.values())).means)
    rows = tuple(
        (system, *(figure(name, report.means[name]) for name in names))
        for system, report in measured.reports.items()
    )
    table = Table(("system", *names), rows)
    charts = tuple(
        Chart(
            name,
            draw_accuracy({s: r.means[name] for s, r in measured.reports.items()}, name),
            Table(
                ("system", name),
                tuple((s, figure(name, r.means[name])) for s, r in measured.reports.items()),
            ),
        )
        for name in (HIT, "mrr@10")
    )
    note = "In parentheses the 95% interval. Intervals that overlap do not show that two systems "
    note += "are equal: they answer the same queries, so compare them query by query, as below."
    blocks = (charts, table, note)
    return Section("Accuracy", (*blocks, *_comparisons(measured)))


def _comparisons(measured: Measured) -> tuple[Table, ...]:
    if not measured.comparisons:
        return ()
    rows = tuple(
        (
            item.after,
            *(text for name in _COMPARED for text in _difference_cells(name, item)),
            f"{len(item.fixed):,}",
            f"{len(item.broken):,}",
        )
        for item in measured.comparisons
    )
    names = [text for name in _COMPARED for text in (name, "p")]
    caption = f"Each system against {measured.served}, paired by query; p corrected by Holm"
    return (Table(("system", *names, "fixed", "broken"), rows, caption=caption),)


def _difference_cells(name: str, item: Comparison) -> tuple[str, str]:
    found = item.differences[name]
    return difference(name, found.difference), p_value(found.p_holm)


def _robustness(report: RobustnessFigures | None) -> Section | None:
    if report is None:
        return None
    lead = "The same queries typed carelessly: hit@1 of hybrid over those that a kind of "
    lead += "carelessness changes, searched for as typed, and read by the query layer first."
    note = f"Of {report.queries:,} clean queries the layer changes {report.changed:,}: "
    note += f"{report.mended:,} become right through it and {report.hurt:,} wrong."
    rows = tuple(
        (
            kind.kind,
            *(percent(value.mean) for value in (kind.clean, kind.as_typed)),
            percent_interval(kind.read),
            f"{kind.queries:,}",
        )
        for kind in report.kinds
    )
    columns = ("carelessness", "clean", "as typed", "read first", "queries")
    return Section("Robustness", (lead, Table(columns, rows), note))


def _speed(measured: Measured) -> Section | None:
    if not measured.latency:
        return None
    rows = tuple(
        (
            name,
            *(f"{value:.2f}" for value in (taken.median, taken.p95, taken.p99)),
            f"{taken.queries:,}",
        )
        for name, taken in measured.latency.items()
    )
    table = Table(("system", "median, ms", "95%, ms", "99%, ms", "queries"), rows)
    lead = "Each query alone, from its text to ten entries, by the clock of this process and with "
    lead += "whatever else the machine did; a chat page adds its own time."
    peak = measured.peak_memory
    memory = f"This process, which holds all systems at once, took {peak or 0:,.0f} MB at most."
    return Section("Time and memory", (lead, table, *([memory] if peak else [])))


def _method(measured: Measured) -> Section:
    facts = tuple(measured.facts.items())
    known = (Table(("fact", "value"), facts, "texts"),) if facts else ()
    return Section("How to read this", (Table(("word", "meaning"), _MEANINGS, "texts"), *known))
