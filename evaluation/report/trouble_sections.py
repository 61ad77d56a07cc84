"""The sections of a report that tell an owner what to mend: queries and entries, by example."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from mundap.evaluation.queries import Query
from mundap.evaluation.report.document import Section, Table
from mundap.evaluation.report.measured import Measured
from mundap.evaluation.run import trec_order

# Rows of a table; nobody mends more in one go.
SHOWN = 30


def hardest(measured: Measured) -> Section:
    """Return the queries that visitors are failed on, those that no system answers first."""
    places = {name: _ranks(measured, name) for name in measured.runs}
    served = places[measured.served]
    missed = [query for query in measured.queries if served[query.query_id] != 1]
    if not missed:
        return Section("Hardest queries", ("Every query has its right entry first.",))

    def difficulty(query: Query) -> tuple[int, float, str]:
        right = sum(ranks[query.query_id] == 1 for ranks in places.values())
        return right, -(served[query.query_id] or float("inf")), query.query_id

    hopeless = sum(difficulty(query)[0] == 0 for query in missed)
    lead = f"{measured.served} misses {len(missed):,} of {len(measured.queries):,} queries; "
    lead += f"{hopeless:,} of those no system answers. An alternate phrased like the query helps "
    lead += "where the right entry has none."
    rows = tuple(
        _hard_row(measured, places, query) for query in sorted(missed, key=difficulty)[:SHOWN]
    )
    columns = ("query", "right", "found instead", "rank of right")
    return Section("Hardest queries", (lead, Table(columns, rows, "texts")))


def problems(measured: Measured) -> Section:
    """Return what confuses: entries taken for each other, and what lint finds."""
    confused = _confused(measured)
    close = [problem for problem in measured.problems if problem.kind == "confusable"]
    blocks: list[str | Table] = []
    if confused:
        caption = f"Taken for another entry by {measured.served}, most often first"
        columns = ("asked for", "taken for", "queries", "for example")
        blocks.append(Table(columns, confused, "texts", caption))
    if close:
        caption = f"Questions of different answers that are too close: {len(close):,} pairs"
        rows = tuple((*problem.examples, f"{problem.cosine:.2f}") for problem in close[:SHOWN])
        blocks.append(Table(("question", "and question", "cosine"), rows, "texts", caption))
    return Section("What to mend in the FAQ", (*blocks, *_faults(measured)))


def _faults(measured: Measured) -> tuple[str | Table, ...]:
    found = measured.problems
    labels = {entry.entry_id: entry.label for entry in measured.entries}
    kinds = Counter(problem.kind for problem in found if problem.kind != "confusable")
    if not kinds:
        return ("No contradictions, duplicates or odd texts were found.",)
    counted = ", ".join(f"{kind} {count:,}" for kind, count in kinds.items())
    rows = tuple(
        (problem.kind, problem.met, problem.named(labels), problem.mend)
        for problem in found
        if problem.kind != "confusable"
    )
    caption = f"Contradictions, duplicates and odd texts: {counted}"
    return (Table(("kind", "what", "entries", "what to do"), rows[:SHOWN], "texts", caption),)


def _confused(measured: Measured) -> tuple[tuple[str, ...], ...]:
    """Return the pairs of entries that queries were lost between."""
    run = measured.runs[measured.served]
    lost: dict[tuple[str, str], list[str]] = defaultdict(list)
    for query in measured.queries:
        order = trec_order(run.get(query.query_id, {}))
        if order and order[0] != query.entry_id:
            lost[query.entry_id, order[0]].append(query.text)
    questions = {entry.entry_id: entry.question for entry in measured.entries}
    often = sorted(lost.items(), key=lambda item: (-len(item[1]), item[0]))[:SHOWN]
    return tuple(
        (questions.get(right, right), questions.get(wrong, wrong), f"{len(texts)}", texts[0])
        for (right, wrong), texts in often
        if len(texts) > 1
    )


def _ranks(measured: Measured, name: str) -> dict[str, int | None]:
    """Return the rank of the right entry of each query, None where it was not found."""
    found: dict[str, int | None] = {}
    for query in measured.queries:
        scores = measured.runs[name].get(query.query_id, {})
        right = query.entry_id
        found[query.query_id] = trec_order(scores).index(right) + 1 if right in scores else None
    return found


def _hard_row(
    measured: Measured, places: Mapping[str, Mapping[str, int | None]], query: Query
) -> tuple[str, ...]:
    questions = {entry.entry_id: entry.question for entry in measured.entries}
    order = trec_order(measured.runs[measured.served].get(query.query_id, {}))
    first = questions.get(order[0], order[0]) if order else "nothing"
    ranks = ", ".join(f"{name} {of[query.query_id] or '–'}" for name, of in places.items())
    return query.text, questions.get(query.entry_id, query.entry_id), first, ranks
