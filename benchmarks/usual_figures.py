"""What a fit across many FAQs comes to, on FAQs that it had not seen; see `usual_fit`."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from mundap.evaluation.fit.judged import Judged
from mundap.index.search.cascade import SURE


def cascade(
    plain: dict[str, tuple[Judged, list[str]]],
    content: dict[str, tuple[Judged, list[str]]],
    sure: dict[str, NDArray[np.float64]],
) -> dict[str, dict[str, float]]:
    """Return what words and static vectors settle alone, and how often both ways are right then."""
    found = {}
    for group in {name.partition("+")[2] for name in plain}:
        for label, is_bundled in (("FAQs", False), ("bundled", True)):
            names = [n for n in plain if n.endswith(f"+{group}") and ("bundled" in n) == is_bundled]
            if not names:
                continue
            kinds = np.concatenate([plain[name][1] for name in names])
            settled = np.concatenate([sure[name][:, 0] for name in names]) >= SURE
            right = [
                np.concatenate([parts[name][0].correct for name in names])
                for parts in (plain, content)
            ]
            covered = settled & (kinds == "queries")
            found[f"{label} +{group}"] = {
                "settled": round(float(settled[kinds == "queries"].mean()), 3),
                "right": round(float(right[0][covered].mean()), 3) if covered.any() else 0.0,
                "right when read": round(float(right[1][covered].mean()), 3)
                if covered.any()
                else 0.0,
                "out of scope": round(float(settled[kinds == "out_of_scope"].mean()), 3),
            }
    return found


def by_added(first: dict[str, list[float]]) -> dict[str, list[float]]:
    """Return how often the right entry is first, and in three, by the phrasings added to a FAQ."""
    groups: dict[str, list[list[float]]] = {}
    for name, values in first.items():
        base, _, added = name.partition("+")
        groups.setdefault(f"{'bundled' if base == 'bundled' else 'FAQs'} +{added}", []).append(
            values
        )
    return {name: np.mean(values, axis=0).round(4).tolist() for name, values in groups.items()}


def replies(
    parts: dict[str, tuple[Judged, list[str]]],
    sure: dict[str, NDArray[np.float64]],
    answer: float,
    suggest: float,
) -> dict[str, dict[str, float]]:
    """Return what is replied to each kind of query, by FAQs, the bundled one and languages."""
    found: dict[str, dict[str, float]] = {}
    for group, names in _groups(parts).items():
        kinds = np.concatenate([parts[name][1] for name in names])
        right, shown = (
            np.concatenate([getattr(parts[name][0], flag) for name in names])
            for flag in ("correct", "shown")
        )
        both = np.concatenate([sure[name] for name in names])
        given = both[:, 0] >= answer
        offered = ~given & (both[:, 1] >= suggest)
        covered = kinds == "queries"
        figures = {
            "answered right": (given & right)[covered].mean(),
            "right of the answered": right[given & covered].mean(),
            "reached": ((given & right) | (offered & shown))[covered].mean(),
            "unknown though covered": (~given & ~offered)[covered].mean(),
            "out of scope answered": given[kinds == "out_of_scope"].mean(),
            "out of scope offered": offered[kinds == "out_of_scope"].mean(),
        }
        if (kinds == "ambiguous").any():
            figures["ambiguous answered"] = given[kinds == "ambiguous"].mean()
            figures["ambiguous offered"] = offered[kinds == "ambiguous"].mean()
        found[group] = {name: round(float(value), 3) for name, value in figures.items()}
    return found


def _groups(parts: Iterable[str]) -> dict[str, list[str]]:
    """Return the FAQs that are told of together."""
    parts = list(parts)
    groups = {"FAQs +0": [n for n in parts if n.endswith("+0") and "bundled" not in n]}
    groups |= {name: [name] for name in parts if name.startswith("bundled")}
    for language in dict.fromkeys(name[-2:] for name in parts if " " in name):
        groups[f"FAQs +0, {language}"] = [name for name in parts if name.endswith(language)]
    return groups
