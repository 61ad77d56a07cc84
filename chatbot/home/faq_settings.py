"""How the files of FAQs are read, as their owner said once: one JSON file in the home folder."""

import json
from pathlib import Path
from typing import Any

from mundap.index.durable import replaced_file
from mundap.index.faq.sheets.columns import USUAL_COLUMNS, FaqColumns

FILE = "faq_columns.json"


def remembered_columns(home: Path, faq: Path) -> FaqColumns:
    """Return what was said of a FAQ; of an unknown one, and where the file is damaged, nothing."""
    said = _read(home).get(str(faq.resolve()), {})
    try:
        return FaqColumns(**said)
    except (TypeError, ValueError):  # of another version
        return USUAL_COLUMNS


def remember_columns(home: Path, faq: Path, columns: FaqColumns) -> None:
    """Keep what was said of a FAQ in place of what was said before."""
    said = _read(home)
    key = str(faq.resolve())
    if said.get(key, {}) == columns.given():
        return
    with replaced_file(home / FILE) as partial:
        text = json.dumps(said | {key: columns.given()}, ensure_ascii=False, indent=2)
        partial.write_text(text + "\n", encoding="utf-8")


def _read(home: Path) -> dict[str, dict[str, Any]]:
    try:
        said = json.loads((home / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
