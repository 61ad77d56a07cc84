"""A generation of a large FAQ that shares the files of the one that serves."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from mundap.index.bundle.amendment import (
    AMENDMENT,
    AMENDMENT_FILES,
    MOST,
    Amendment,
    amended_entries,
)
from mundap.index.bundle.large_contents import LARGE_FILES
from mundap.index.bundle.manifest import BundleError, FileRecord, Manifest
from mundap.index.durable import link_or_copy
from mundap.index.encoders.encoder import Encoder
from mundap.index.engines.stored_engine import LISTS_FILE, ROWS_FILE
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.stored_passages import ENTRIES_FILE, StoredPassages


@dataclass(frozen=True, slots=True)
class Change:
    """What a generation becomes: `entries` after its sealed ones, without those at `gone`."""

    path: Path
    manifest: Manifest
    entries: tuple[FaqEntry, ...]
    gone: frozenset[int]

    @classmethod
    def of(
        cls, path: Path, manifest: Manifest, changed: Sequence[FaqEntry], removed: Collection[str]
    ) -> "Change":
        """Let `changed` entries take the places of those of their ids, and `removed` ids go.

        Raises BundleError as `BundleWriter.amend` says.
        """
        directory = path.parent.parent
        if not manifest.large:
            raise BundleError(
                f"{directory}: its {manifest.entries} entries are built anew in one go. Change "
                "the FAQ and run `mundap index build`."
            )
        # Nothing here reads vectors; who promotes looks at them, and at all else again.
        manifest.verify(path, but=(ROWS_FILE, LISTS_FILE))
        sealed = StoredPassages.open(path)
        entries, gone = amended_entries(path)
        ids = [*removed, *(entry.entry_id for entry in changed)]
        places = {entry_id: sealed.place_of(entry_id) for entry_id in ids}
        known = {name for name, place in places.items() if place is not None and place not in gone}
        if unknown := [name for name in removed if name not in known | entries.keys()]:
            raise BundleError(f"{directory}: no entry {unknown[0]!r} to remove.")
        entries = {name: entry for name, entry in entries.items() if name not in removed}
        entries |= {entry.entry_id: entry for entry in changed}
        gone |= {place for place in places.values() if place is not None}
        if len(entries) + len(gone) > MOST:
            raise BundleError(
                f"{directory}: {len(entries)} entries added or changed and {len(gone)} gone since "
                f"its files were made; wanted {MOST} at most. Run `mundap index build`."
            )
        return cls(path, manifest, tuple(entries.values()), frozenset(gone))

    def fill(self, partial: Path, number: int, encoder: Encoder) -> None:
        """Write the generation of this number into `partial`."""
        for name in LARGE_FILES:
            link_or_copy(self.path / name, partial / name)
        (partial / AMENDMENT).mkdir()
        Amendment.write(partial / AMENDMENT, self.entries, self.gone, encoder)
        new = {name: FileRecord.of(partial / name) for name in AMENDMENT_FILES}
        sealed = StoredPassages.open(self.path)
        gone = int(sealed.sizes_of(np.array(sorted(self.gone), np.int64)).sum())
        added = len(StoredPassages.open(partial / AMENDMENT))
        files = {name: self.manifest.files[name] for name in LARGE_FILES} | new
        told = "".join(files[name].sha256 for name in (ENTRIES_FILE, *AMENDMENT_FILES))
        amended = {"entries": len(self.entries), "gone": len(self.gone)}
        replace(
            self.manifest,
            generation=number,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            entries=len(sealed.entries) - len(self.gone) + len(self.entries),
            passages=len(sealed) - gone + added,
            encoded=added,
            faq_sha256=hashlib.sha256(told.encode()).hexdigest(),
            files=files,
            large={**self.manifest.large, "amended": amended},
        ).write(partial)
