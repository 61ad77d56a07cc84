"""Robustness as a table for the terminal, a JSON file and a chart."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from rich.table import Table

from mundap.evaluation.report.figures import percent, percent_interval, span
from mundap.evaluation.robustness import KindFigures, RobustnessFigures
from mundap.evaluation.statistics.bootstrap import Estimate

# Points between an interval and its figure.
_GAP = 1.0

ROBUSTNESS_FILE, CHART_FILE = "robustness.json", "robustness.png"


def robustness_table(system: str, report: RobustnessFigures) -> Table:
    """Return a terminal table: a row for each kind, losses in percentage points."""
    table = Table(
        title=f"Robustness of {system}: Hit@1 {percent_interval(report.clean)} when clean",
        caption=f"{report.queries:,} queries; when clean, the layer changes {report.changed} "
        f"(first hit mended: {report.mended}, hurt: {report.hurt}); "
        "95% intervals, clustered by entry",
    )
    table.add_column("kind", no_wrap=True)
    for name in ("queries", "clean", "as typed", "read", "loss as typed", "loss read"):
        table.add_column(name, justify="right")
    for kind in report.kinds:
        table.add_row(kind.kind, str(kind.queries), *_shares(kind), *_losses(kind))
    return table


def write_robustness(directory: Path, reports: Mapping[str, RobustnessFigures]) -> None:
    """Write robustness.json and robustness.png, a panel for each system, into `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    values = {system: report.to_dict() for system, report in reports.items()}
    text = json.dumps(values, indent=2, ensure_ascii=False) + "\n"
    (directory / ROBUSTNESS_FILE).write_text(text, encoding="utf-8")
    _draw(reports, directory / CHART_FILE)


def _shares(kind: KindFigures) -> list[str]:
    return [percent(value.mean) for value in (kind.clean, kind.as_typed, kind.read)]


def _losses(kind: KindFigures) -> list[str]:
    return [_points(value) for value in (kind.as_typed_loss, kind.read_loss)]


def _points(value: Estimate) -> str:
    return f"{100 * value.mean:.1f} ({span(value)})"


def _draw(reports: Mapping[str, RobustnessFigures], path: Path) -> None:
    figure = Figure(figsize=(8, 3.6 * len(reports)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(reports), squeeze=False)[:, 0]
    for axis, (system, report) in zip(axes, reports.items(), strict=True):
        _draw_losses(axis, system, report)
    figure.savefig(path, dpi=120)


def _draw_losses(axis: Axes, system: str, report: RobustnessFigures) -> None:
    rows = np.arange(len(report.kinds))
    bars = (("as_typed_loss", -0.2, "tab:gray", "as typed"), ("read_loss", 0.2, "tab:blue", "read"))
    for name, offset, color, label in bars:
        losses: list[Estimate] = [getattr(kind, name) for kind in report.kinds]
        means = 100 * np.array([loss.mean for loss in losses])
        ends = 100 * np.array([(loss.low, loss.high) for loss in losses]).reshape(-1, 2).T
        # The mean of few values may lie a rounding error outside.
        errors = np.maximum([means - ends[0], ends[1] - means], 0)
        axis.barh(rows + offset, means, 0.38, color=color, label=label)
        places = rows + offset
        axis.errorbar(means, places, xerr=errors, fmt="none", ecolor="k", elinewidth=0.8, capsize=2)
        for row, mean, end in zip(places, means, np.maximum(ends[1], means), strict=True):
            axis.text(max(end, 0) + _GAP, row, f"{mean:.1f}", va="center", fontsize="small")
    axis.set_yticks(rows, [kind.kind for kind in report.kinds])
    axis.invert_yaxis()
    axis.axvline(0, color="black", linewidth=0.8)
    axis.set(xlabel="points of Hit@1 lost, with 95% intervals", title=system)
    axis.margins(x=0.08)
    axis.grid(visible=True, axis="x", alpha=0.3)
    axis.legend(loc="lower right")
