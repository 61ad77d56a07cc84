"""How numbers are written in a report."""

from mundap.evaluation.statistics.bootstrap import Estimate


def percent(share: float) -> str:
    """Write 88.2% for 0.882."""
    return f"{100 * share:.1f}%"


def percent_interval(value: Estimate) -> str:
    """Write 88.2% (86.2 to 90.1)."""
    return f"{percent(value.mean)} ({span(value)})"


def span(value: Estimate) -> str:
    """Write 86.2 to 90.1, in percent."""
    return f"{100 * value.low:.1f} to {100 * value.high:.1f}"


def interval(value: Estimate) -> str:
    """Write 0.922 (0.908 to 0.935)."""
    return f"{value.mean:.3f} ({value.low:.3f} to {value.high:.3f})"


def figure(name: str, value: Estimate) -> str:
    """Write a measure: hit@k is a share of queries, the others are not."""
    return percent_interval(value) if name.startswith("hit@") else interval(value)


def difference(name: str, value: Estimate) -> str:
    """Write +1.2 (−0.3 to +2.7) percentage points of hit@k, +0.012 (...) of the others."""
    scale, digits = (100, 1) if name.startswith("hit@") else (1, 3)
    mean, low, high = (f"{scale * end:+.{digits}f}" for end in value.to_list())
    return f"{mean} ({low} to {high})".replace("-", "−")


def p_value(p: float) -> str:
    """Write a p-value with as many digits as it deserves."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
