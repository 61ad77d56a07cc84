"""mundap (문답): answers from a list of questions and answers, or says that it does not know."""

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mundap.chatbot.reply import Reply
    from mundap.evaluation.queries import Query, read_queries
    from mundap.index.encoders.registry import load_encoder
    from mundap.index.faq.entry import FaqEntry, read_faq
    from mundap.library import Chatbot, train
    from mundap.training.config import TrainingConfig

__all__ = [
    "Chatbot",
    "FaqEntry",
    "Query",
    "Reply",
    "TrainingConfig",
    "load_encoder",
    "read_faq",
    "read_queries",
    "train",
]
# Loaded when a name is first used: a program that asks one question needs no trainer.
_HOMES = {
    "Chatbot": "library",
    "FaqEntry": "index.faq.entry",
    "Query": "evaluation.queries",
    "Reply": "chatbot.reply",
    "TrainingConfig": "training.config",
    "load_encoder": "index.encoders.registry",
    "read_faq": "index.faq.entry",
    "read_queries": "evaluation.queries",
    "train": "library",
}

# Read as onnxruntime loads, which else tells its maker of every encoder it runs, by name and hash.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

_HERE = Path(__file__).resolve().parent
# Installed, the rooms lie in this folder; in a checkout they lie beside it.
if not (_HERE / "index").is_dir():
    __path__.append(str(_HERE.parent))


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
