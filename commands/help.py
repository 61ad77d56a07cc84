"""The help of every command, in which no option's name is cut short."""

from collections.abc import Callable
from typing import Any


def keep_names_whole() -> None:
    """Let a name that is too long for its column go on below, where else it ends in "…"."""
    from typer import rich_utils

    for name in ("highlighter", "negative_highlighter"):
        setattr(rich_utils, name, _folding(getattr(rich_utils, name)))


def _folding(highlighter: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def shown(name: Any) -> Any:
        text = highlighter(name)
        text.overflow = "fold"
        return text

    return shown
