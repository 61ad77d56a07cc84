"""The figures of a run, epoch by epoch."""

import logging
from collections.abc import Collection, Mapping, Sequence

_LOG = logging.getLogger(__name__)

History = list[dict[str, float]]


def history_of(log: Sequence[Mapping[str, float]], figures: Collection[str]) -> History:
    """Return a row for each epoch of a trainer's log: epoch, loss and the development figures."""
    epochs: dict[float, dict[str, float]] = {}
    for item in log:
        row = epochs.setdefault(round(item["epoch"], 4), {"epoch": round(item["epoch"], 4)})
        if "loss" in item:
            row["loss"] = item["loss"]
        # In the order of `figures`: a log read from a checkpoint is sorted by name.
        row |= {name: item[f"eval_{name}"] for name in figures if f"eval_{name}" in item}
    return [epochs[epoch] for epoch in sorted(epochs)]


def best_epoch(history: Sequence[Mapping[str, float]], figure: str) -> int:
    """Return the earliest of the best epochs; the untrained start only when all are worse."""
    best = max(history, key=lambda row: (row[figure], row["epoch"] > 0, -row["epoch"]))
    if best["epoch"] == 0:
        _LOG.warning("No epoch was better than the untrained base, which is written as it is.")
    return int(best["epoch"])


def beside(history: Sequence[Mapping[str, float]], again: Sequence[Mapping[str, float]]) -> History:
    """Put the losses of the second run into the rows of the first as `refit_loss`."""
    losses = {row["epoch"]: {"refit_loss": row["loss"]} for row in again}
    return [dict(row) | losses.get(row["epoch"], {}) for row in history]
