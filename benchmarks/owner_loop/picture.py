"""The figures of `benchmarks.owner_loop` as a table, and as a picture with a panel an order."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "owner_loop.png"
_LINES = {
    "right first": "#7b4fb5",
    "answered right": "#2e7d4f",
    "suggested right": "#1769aa",
    "unknown": "#5f6b7a",
    "wrong": "#b4432f",
}
# Of these, what is aimed at is dashed: nine tenths of what the whole FAQ has.
_AIMED = ("right first", "answered right")
_ORDERS = {
    "grouped": "in groups, as on the page",
    "oldest": "one by one, the oldest first",
}

# Heading, and the share of the test queries below it.
_COLUMNS = (
    ("right first", "right first"),
    ("answered right", "answered right"),
    ("suggested right", "suggested right"),
    ("unknown", "unknown"),
    ("answered wrong", "wrong"),
    ("beside the FAQ, answered", "out of scope answered"),
)


def table(played: Mapping[str, Any]) -> str:
    """Return what one order came to after some days as a table in Markdown."""
    headings = ["clicks", "settled", "proposed first", *(heading for heading, _ in _COLUMNS)]
    headings.append("phrasings alone, answered right")
    rows = [headings, ["---:"] * len(headings)]
    for day in played["days"]:
        seen, serves = day["seen"], day["serves"]
        covered = sum(seen.values()) - seen["none"]
        first = f"{seen['first'] / covered:.0%}" if covered else "-"
        mean, low, high = serves["answered right"]
        shares = {name: f"{serves[name][0]:.1%}" for _, name in _COLUMNS}
        shares["answered right"] = f"{mean:.0%} [{100 * low:.0f}, {100 * high:.0f}]"
        alone = f"{day['phrasings alone']['answered right'][0]:.0%}"
        rows.append([f"{day['clicks']}", f"{sum(seen.values())}", first, *shares.values(), alone])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def write_picture(figures: Mapping[str, Any]) -> None:
    """Draw shares of the test queries by clicks: what serves, and phrasings alone dotted."""
    figure = Figure(figsize=(8, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(_ORDERS), sharey=True)
    for axis, (order, title) in zip(axes, _ORDERS.items(), strict=True):
        days = figures[order]["days"]
        clicks = [day["clicks"] for day in days]
        for name, colour in _LINES.items():
            for side, style in (("serves", "-"), ("phrasings alone", ":")):
                shares = [day[side][name][0] for day in days]
                label = name if side == "serves" else None
                axis.plot(clicks, shares, style, color=colour, label=label)
        for name in _AIMED:
            wanted = 0.9 * figures["full"][name][0]
            axis.axhline(wanted, color=_LINES[name], linestyle="--", linewidth=0.8)
        axis.set_title(f"Listed: {title}", fontsize=10)
        axis.set_xlabel("clicks of the owner")
        axis.grid(color="#e4e4e4")
        axis.set_axisbelow(True)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("share of test queries")
    axes[0].set_ylim(0, 1)
    axes[-1].legend(fontsize=8, loc="center right", bbox_to_anchor=(1, 0.2))
    figure.savefig(PICTURE, dpi=100, metadata={"Software": None})
