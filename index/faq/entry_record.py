"""An entry as a record of its fields, as it is kept where its id is kept beside it."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from mundap.index.faq.entry import FaqEntry

# What is said of an entry, in order: all but the id it is known by and the place it was read from.
ENTRY_FIELDS = tuple(f.name for f in fields(FaqEntry) if f.compare and f.name != "entry_id")


def to_record(entry: FaqEntry) -> dict[str, Any]:
    """Return what is said of an entry, as JSON has it."""
    said = {name: getattr(entry, name) for name in ENTRY_FIELDS}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in said.items()}


def from_record(entry_id: str, record: Mapping[str, Any]) -> FaqEntry:
    """Undo `to_record`; a field that an older version did not know has its usual value."""
    said: dict[str, Any] = {
        name: tuple(v) if isinstance(v, list) else v for name, v in record.items()
    }
    return FaqEntry(entry_id, **said)
