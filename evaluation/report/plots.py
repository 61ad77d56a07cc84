"""Charts as SVG for a page: drawn by matplotlib, coloured by the page, light or dark."""

import io
import re
import warnings
from collections.abc import Mapping
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from mundap.evaluation.statistics.bootstrap import Estimate
from mundap.evaluation.statistics.confidence import ConfidenceFigures

# Drawn in these, and written as the page's variables of that name.
INK, SOFT, LINE = "#010101", "#010102", "#010103"
GOOD, BAD, OTHER = "#010104", "#010105", "#010106"
_VARIABLES = {
    INK: "--ink",
    SOFT: "--soft",
    LINE: "--line",
    GOOD: "--good",
    BAD: "--bad",
    OTHER: "--other",
}
# Inches; on a telephone letters then have about their size.
_WIDTH = 4.2
_STYLE: dict[Any, Any] = {
    # Letters stay letters, in the page's own font.
    "svg.fonttype": "none",
    # Or every drawing of the same numbers would be another file.
    "svg.hashsalt": "mundap",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "grid.color": LINE,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}


def draw_accuracy(values: Mapping[str, Estimate], name: str) -> str:
    """Draw a dot with its interval for each system, the first on top."""
    with matplotlib.rc_context(_STYLE):
        figure, axis = _figure(height=0.8 + 0.32 * len(values))
        for row, value in enumerate(values.values()):
            axis.plot([value.low, value.high], [row, row], color=GOOD, linewidth=2, alpha=0.6)
            axis.plot([value.mean], [row], "o", color=GOOD, markersize=6)
        axis.set_yticks(range(len(values)), list(values), color=INK)
        axis.set_ylim(len(values) - 0.5, -0.5)
        axis.grid(visible=False, axis="y")
        axis.set_xlabel(f"{name}, with its 95% interval")
        return _svg(figure, f"accuracy-{name}")


def draw_reliability(report: ConfidenceFigures, name: str) -> str:
    """Draw what came true over what was promised; on the diagonal they are equal."""
    with matplotlib.rc_context(_STYLE):
        figure, axis = _figure(height=2.9)
        axis.plot([0, 1], [0, 1], color=OTHER, linewidth=1, linestyle="--")
        for item in report.reliability:
            place = item.confidence
            axis.plot([place, place], [item.low, item.high], color=GOOD, linewidth=1.5, alpha=0.5)
        axis.plot(
            [item.confidence for item in report.reliability],
            [item.accuracy for item in report.reliability],
            "o",
            color=GOOD,
            markersize=5,
        )
        axis.set(xlabel="confidence", ylabel="share that was right", xlim=(0, 1), ylim=(0, 1.02))
        return _svg(figure, f"reliability-{name}")


def draw_risk_coverage(report: ConfidenceFigures, name: str) -> str:
    """Draw how often answers are right over how many queries get one."""
    with matplotlib.rc_context(_STYLE):
        figure, axis = _figure(height=2.9)
        coverage, risk = zip(*report.risk_coverage, strict=True)
        axis.step(coverage, [1 - share for share in risk], where="post", color=GOOD, linewidth=2)
        for accuracy, reached in (
            (0.90, report.coverage_at_90.mean),
            (0.95, report.coverage_at_95.mean),
        ):
            axis.plot([0, 1], [accuracy, accuracy], color=OTHER, linewidth=1, linestyle="--")
            axis.plot([reached], [accuracy], "o", color=BAD, markersize=6)
        axis.set(xlabel="share of queries answered", ylabel="share of answers that is right")
        axis.set(xlim=(0, 1), ylim=(min(0.6, 1 - max(risk)), 1.01))
        return _svg(figure, f"risk-{name}")


def draw_spread(report: ConfidenceFigures, name: str) -> str:
    """Draw how many queries have which confidence: right, wrong and out of scope."""
    with matplotlib.rc_context(_STYLE):
        figure, axis = _figure(height=2.9)
        width = 1 / len(report.spread)
        left = [row * width for row in range(len(report.spread))]
        below = [0] * len(report.spread)
        kinds = (("right", GOOD), ("wrong", BAD), ("out of scope", OTHER))
        for place, (label, colour) in enumerate(kinds):
            counts = [cell[place] for cell in report.spread]
            axis.bar(left, counts, 0.9 * width, below, align="edge", color=colour, label=label)
            below = [low + count for low, count in zip(below, counts, strict=True)]
        axis.set(xlabel="confidence", ylabel="queries", xlim=(0, 1))
        axis.grid(visible=False, axis="x")
        axis.legend(loc="upper center", bbox_to_anchor=(0.5, 1.14), ncols=3, handlelength=1)
        return _svg(figure, f"spread-{name}")


def _figure(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    FigureCanvasSVG(figure)
    return figure, figure.add_subplot()


def _svg(figure: Figure, name: str) -> str:
    """Return the drawing without what only a file of its own needs; ids begin with `name`."""
    written = io.StringIO()
    with warnings.catch_warnings():
        # The page has the Korean letters that matplotlib's font lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    svg = re.sub(r"^.*?(?=<svg)|<metadata>.*?</metadata>", "", written.getvalue(), flags=re.DOTALL)
    svg = re.sub(r' xmlns(:\w+)?="[^"]*"', "", svg).replace("xlink:href", "href")
    svg = re.sub(r" font-family: [^;]*;", "", svg)  # the page's
    prefix = re.sub(r"\W", "-", name)
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{prefix}-", svg)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    return svg.strip()
