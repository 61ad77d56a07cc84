"""The figures of `benchmarks.scale` as a picture: how each grows with the questions."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "scale.png"
_PANELS: dict[str, dict[str, Callable[[Mapping[str, Any]], float]]] = {
    "build, s of processor time": {"build": lambda one: one["build"]["cpu_s"]},
    "MB": {
        "on disk": lambda one: one["disk_mb"],
        "peak of the build": lambda one: one["build"]["peak_mb"],
        "of the serving process alone": lambda one: one["memory_mb"]["own"],
    },
    "a search, ms of processor time": {
        "median": lambda one: one["hybrid_ms"]["p50"],
        "99th percentile": lambda one: one["hybrid_ms"]["p99"],
        "median in a category": lambda one: one["in_a_category_ms"]["p50"],
    },
    "share": {
        "of the ten nearest, found": lambda one: one["recall_at_10"],
        "of planted queries, right first": lambda one: one["planted_hit_at_1"],
    },
}
_COLOURS = ("#1769aa", "#b4432f", "#2e7d4f")


def write_picture(figures: Mapping[str, Any]) -> None:
    """Draw each kind of figure by the number of entries, both axes logarithmic but for shares."""
    figure = Figure(figsize=(13, 3.4), layout="constrained")
    FigureCanvasAgg(figure)
    sizes = [one["entries"] for one in figures.values()]
    axes = figure.subplots(1, len(_PANELS))
    for axis, (unit, lines) in zip(axes, _PANELS.items(), strict=True):
        for (name, value), colour in zip(lines.items(), _COLOURS, strict=False):
            values = [value(one) for one in figures.values()]
            axis.plot(sizes, values, "o-", color=colour, label=name, markersize=4)
        axis.set_xscale("log")
        if unit == "share":
            axis.set_ylim(0, 1.02)
        else:
            axis.set_yscale("log")
        axis.set_title(unit, fontsize=10)
        axis.set_xlabel("entries")
        axis.grid(color="#e4e4e4")
        axis.set_axisbelow(True)
        axis.spines[["top", "right"]].set_visible(False)
        axis.legend(fontsize=7)
    figure.savefig(PICTURE, dpi=100, metadata={"Software": None})
