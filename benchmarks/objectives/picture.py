"""The figures as one picture: a panel for each task, a dot with its range for each row."""

from collections.abc import Mapping
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks.objectives.rows import PLAIN
from benchmarks.objectives.table import COLUMNS, PAGE, row_cells, shown_columns

PICTURE = PAGE.with_name("objectives.png")
_COLOURS = ("#5f6b7a", "#1769aa", "#b4432f", "#7a5195", "#2e7d4f", "#a86a00")


def write_picture(figures: Mapping[str, Any]) -> None:
    """Draw means as dots and the seeds' range as a line; the dashed line is the plain row."""
    rows = figures["rows"]
    groups = list(dict.fromkeys(row["group"] for row in rows.values()))
    figure = Figure(figsize=(11, 0.8 + 0.25 * len(rows)), layout="constrained")
    FigureCanvasAgg(figure)
    columns = shown_columns(figures)
    axes = figure.subplots(1, len(columns), sharey=True)
    for axis, column in zip(axes, columns, strict=True):
        for place, row in enumerate(rows.values()):
            cell = row_cells(row).get(column)
            if cell is None:
                continue
            colour = _COLOURS[groups.index(row["group"])]
            axis.plot([min(cell["seeds"]), max(cell["seeds"])], [place, place], color=colour)
            axis.plot([cell["mean"]], [place], "o", color=colour, markersize=5)
        plain = row_cells(rows[PLAIN]).get(column)
        if plain is not None:
            axis.axvline(plain["mean"], color="#999999", linestyle="--", linewidth=0.8, zorder=0)
        measure = "Spearman" if column == "korsts_dev" else "Hit@1"
        axis.set_title(f"{COLUMNS[column]}, {measure}", fontsize=10)
        axis.grid(axis="x", color="#e4e4e4")
        axis.set_axisbelow(True)
        axis.tick_params(labelsize=8)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_yticks(range(len(rows)), list(rows))
    axes[0].set_ylim(len(rows) - 0.5, -0.5)
    for label, row in zip(axes[0].get_yticklabels(), rows.values(), strict=True):
        label.set_color(_COLOURS[groups.index(row["group"])])
    figure.savefig(PICTURE, dpi=100, metadata={"Software": None})
