"""What an index was made from, recorded beside it: the files of the FAQ, and how they are read."""

import hashlib
import json
from pathlib import Path

from mundap.index.durable import replaced_file
from mundap.index.faq.sheets.columns import FaqColumns

# The SHA-256 of each file by its name; how they are read stands under "".
Sources = dict[str, str]
# No file has this name: the index was made from the store, as it was once a deed was done.
STORE = "/store"


def sources_of(faq: Path, columns: FaqColumns) -> Sources:
    """Return what an index of a FAQ is made from as it is now."""
    if not faq.exists():  # the store has taken its place
        return {}
    files = sorted(path for path in faq.iterdir() if path.is_file()) if faq.is_dir() else [faq]
    found = {file.name: _sha256(file) for file in files}
    how = " ".join(columns.arguments())
    return found | ({"": how} if how else {})


def record_sources(place: Path, sources: Sources) -> None:
    """Write what an index was made from."""
    with replaced_file(place) as record:
        record.write_text(json.dumps(sources, indent=2) + "\n", encoding="utf-8")


def recorded_sources(place: Path) -> Sources | None:
    """Return what an index was made from; None where there is no record, or a damaged one."""
    try:
        recorded: Sources = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return recorded


def _sha256(file: Path) -> str:
    with file.open("rb") as read:
        return hashlib.file_digest(read, "sha256").hexdigest()
