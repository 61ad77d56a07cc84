"""The figures as Markdown, in its place in docs/training.md."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.objectives.rows import PLAIN

PAGE = Path(__file__).resolve().parents[2] / "docs" / "training.md"
COLUMNS = {
    "bundled": "bundled FAQ",
    "parakqc": "ParaKQC",
    "chatbot": "chatbot data",
    "strangers": "ordinary FAQs",
    "korsts_dev": "KorSTS dev",
}
# Below this a difference is called one.
ALPHA = 0.05


def write_tables(figures: Mapping[str, Any]) -> None:
    """Replace what stands between the page's marks."""
    page = PAGE.read_text(encoding="utf-8")
    page = placed(page, "rows", rows_table(figures))
    page = placed(page, "negatives", differences_table(figures))
    PAGE.write_text(page, encoding="utf-8")


def placed(page: str, mark: str, lines: Iterable[str]) -> str:
    """Return the page with these lines between the marks of that name."""
    begin, end = f"<!-- objectives: {mark} -->\n", f"<!-- objectives: end of {mark} -->\n"
    if page.count(begin) != 1 or page.count(end) != 1:
        raise ValueError(f"{PAGE}: wanted {begin.strip()} and {end.strip()} once each.")
    before, rest = page.split(begin)
    after = rest.split(end)[1]
    table = "".join(f"{line}\n" for line in lines)
    return f"{before}{begin}{table}{end}{after}"


def rows_table(figures: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each row, under a heading for each group; the best of a column is bold."""
    cells = {name: row_cells(row) for name, row in figures["rows"].items()}
    best = {
        column: max(of[column]["mean"] for of in cells.values() if column in of)
        for column in shown_columns(figures)
    }
    yield f"| trained with | {' | '.join(COLUMNS[column] for column in best)} |"
    yield f"|---|{'---|' * len(best)}"
    group = None
    for name, row in figures["rows"].items():
        if row["group"] != group:
            group = row["group"]
            yield f"| *{group}* |{' |' * len(best)}"
        of = cells[name]
        shown = [_value(of[c], best[c]) if c in of else "–" for c in best]
        yield f"| {name} | {' | '.join(shown)} |"


def shown_columns(figures: Mapping[str, Any]) -> list[str]:
    """Return the columns that any row has a figure of."""
    measured = {column for row in figures["rows"].values() for column in row_cells(row)}
    return [column for column in COLUMNS if column in measured]


def row_cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figure of each column that there is one for.

    KorSTS is asked of the encoder that ParaKQC is asked of, so that one encoder has both; of the
    pretrained one of that of the bundled FAQ.
    """
    correlations = row["korsts_dev"]
    return {**row["hit@1"], "korsts_dev": correlations.get("parakqc") or correlations["bundled"]}


def differences_table(figures: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each row that was compared with the plain one, query by query."""
    asked = list(figures["queries"])
    yield f"| against {PLAIN} | {' | '.join(f'{COLUMNS[name]} | p' for name in asked)} |"
    yield f"|---|{'---|---|' * len(asked)}"
    for name, found in figures[f"against {PLAIN}"].items():
        cells = [f"{_points(found[task])} | {_p(found[task])}" for task in asked]
        yield f"| {name} | {' | '.join(cells)} |"


def _value(cell: Mapping[str, Any], best: float | None) -> str:
    mean = _short(cell["mean"])
    text = f"**{mean}**" if cell["mean"] == best else mean
    return f"{text} ± {_short(cell['deviation'])}" if cell["deviation"] else text


def _points(found: Mapping[str, Any]) -> str:
    points = 100 * found["difference"]
    return f"{points:+.1f} ({found['fixed']} : {found['broken']})".replace("-", "−")


def _p(found: Mapping[str, Any]) -> str:
    p = found["p, Holm"]
    text = "< .001" if p < 0.001 else _short(p)
    return f"**{text}**" if p < ALPHA else text


def _short(value: float) -> str:
    """Return .914 for 0.914."""
    return f"{value:.3f}".removeprefix("0")
