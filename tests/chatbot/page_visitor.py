"""A visitor of the page, as its events meet one."""

from types import SimpleNamespace
from typing import Any


def visitor(name: str = "127.0.0.1") -> Any:
    """Stand in for gradio's request, as the guard leaves it behind."""
    caller = SimpleNamespace(name=name)
    return SimpleNamespace(request=SimpleNamespace(state=SimpleNamespace(caller=caller)))
