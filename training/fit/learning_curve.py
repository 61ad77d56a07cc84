"""The picture of a training run."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

_ACCURACIES = {
    "hit@1": "tab:blue",
    "mrr@10": "tab:green",
    "pearson": "tab:blue",
    "spearman": "tab:green",
    "accuracy": "tab:blue",
}


def draw_learning_curve(history: Sequence[Mapping[str, float]], path: Path) -> None:
    """Draw loss and development accuracy over the epochs as a PNG.

    Each item of `history` has epoch, and where they were measured loss, refit_loss (of the
    second run, over all pairs) and development figures.
    """
    figure = Figure(figsize=(7, 4))
    FigureCanvasAgg(figure)
    # A layout engine would draw all of it twice.
    figure.subplots_adjust(left=0.11, right=0.89, bottom=0.2, top=0.92)
    loss_axis = figure.add_subplot()
    accuracy_axis = loss_axis.twinx()
    drawn = [
        *_line(loss_axis, history, "loss", "tab:gray"),
        *_line(loss_axis, history, "refit_loss", "tab:olive"),
        *(
            line
            for name, color in _ACCURACIES.items()
            for line in _line(accuracy_axis, history, name, color)
        ),
    ]
    loss_axis.set(xlabel="epoch", ylabel="training loss", title="Learning curve")
    accuracy_axis.set_ylabel("development accuracy")
    loss_axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    loss_axis.grid(visible=True, alpha=0.3)
    if drawn:
        figure.legend(handles=drawn, loc="lower center", ncols=len(drawn), frameon=False)
    figure.savefig(path, dpi=120)


def _line(
    axis: Axes, history: Sequence[Mapping[str, float]], name: str, color: str
) -> list[Line2D]:
    points = [(item["epoch"], item[name]) for item in history if name in item]
    if not points:
        return []
    epochs, values = zip(*points, strict=True)
    return axis.plot(epochs, values, marker="o", color=color, label=name)
