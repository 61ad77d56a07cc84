"""A comparison of two systems for the terminal."""

from collections.abc import Mapping, Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from mundap.evaluation.comparison import ChangedQuery, Comparison, Difference
from mundap.evaluation.report.figures import p_value

# Changed queries shown of a kind; `--json` has them all.
SHOWN = 10


def comparison_table(
    found: Comparison, texts: Mapping[str, str], questions: Mapping[str, str]
) -> Group:
    """Return the differences, then queries fixed and broken.

    `texts` is query_id -> query and `questions` entry_id -> question; of others the id is shown.
    """
    table = Table(
        title=Text(f"{found.after} against {found.before}"),
        caption=f"{found.queries:,} queries of {found.clusters:,} entries; 95% intervals, "
        "clustered by entry",
    )
    table.add_column("measure")
    for name in ("before", "after", "difference", "p", "verdict"):
        table.add_column(name, justify="right")
    for name, difference in found.differences.items():
        table.add_row(name, *_cells(difference))
    notes = [
        Text(f"{name} has no ranking of {count} queries; they count as not found.")
        for name, count in (
            (found.before, found.missing_before),
            (found.after, found.missing_after),
        )
        if count
    ]
    return Group(
        table,
        *notes,
        _changes("Fixed", found.fixed, texts, questions),
        _changes("Broken", found.broken, texts, questions),
    )


def _cells(found: Difference) -> list[Text]:
    gain = found.difference
    colour = {"better": "green", "worse": "red"}.get(found.verdict, "")
    return [
        Text(f"{found.before:.3f}"),
        Text(f"{found.after:.3f}"),
        Text(f"{gain.mean:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"),
        Text(p_value(found.p_holm)),
        Text(found.verdict, style=colour),
    ]


def _changes(
    title: str,
    changed: Sequence[ChangedQuery],
    texts: Mapping[str, str],
    questions: Mapping[str, str],
) -> Table | Text:
    if not changed:
        return Text(f"{title}: none")
    more = f"; {SHOWN} shown, --json has all" if len(changed) > SHOWN else ""
    table = Table(title=Text(f"{title}: {len(changed):,} queries{more}"), title_justify="left")
    for name in ("query", "rank", "right entry", "wrongly first"):
        table.add_column(name)
    for item in changed[:SHOWN]:
        table.add_row(
            Text(texts.get(item.query_id, item.query_id)),
            f"{item.rank_before or '-'} → {item.rank_after or '-'}",
            Text(", ".join(questions.get(entry_id, entry_id) for entry_id in item.entry_ids)),
            Text(questions.get(item.wrong_entry_id or "", item.wrong_entry_id or "-")),
        )
    return table
