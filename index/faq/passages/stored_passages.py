"""The passages of a FAQ that is too large to hold: its texts and entries stay in files."""

import json
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mundap.index.faq.entry import FaqEntry, dump_jsonl
from mundap.index.faq.passages.categories import CATEGORY_FILES, Categories
from mundap.index.faq.passages.passages import Passages, different_texts, is_english
from mundap.index.faq.passages.stored_entries import StoredEntries
from mundap.index.made_sequence import MadeSequence
from mundap.index.mapped_array import mapped

ENTRIES_FILE, PASSAGES_FILE = "faq.jsonl", "passages.json"
_BYTES, _BOUNDS, _OWNERS = "faq_bytes.npy", "passage_bounds.npy", "passage_owners.npy"
_ENGLISH, _IDS, _ID_PLACES = "passage_english.npy", "ids.npy", "id_places.npy"
_ARRAYS = (_BYTES, _BOUNDS, _OWNERS, _ENGLISH, _IDS, _ID_PLACES)
PASSAGE_FILES = (PASSAGES_FILE, *_ARRAYS, *CATEGORY_FILES)
# Entries between two writes.
_BLOCK = 8192


class StoredPassages(Passages):
    """`Passages` whose arrays are mapped, and whose entries and texts are read one by one."""

    @classmethod
    def open(cls, directory: Path) -> "StoredPassages":
        """Map what `write_passages` left; raises ValueError or OSError where it is damaged."""
        said = json.loads((directory / PASSAGES_FILE).read_text(encoding="utf-8"))
        places, bounds, owners, english, ids, id_places = (
            mapped(directory / name) for name in _ARRAYS
        )
        entries = StoredEntries(directory / ENTRIES_FILE, places)
        opened = cls(entries, _StoredTexts(entries, owners, bounds), owners, bounds)
        # What a scan of the arrays would tell.
        opened.__dict__.update(
            most=said["most"],
            english=english if said["english"] else None,
            _named=Categories.open(directory),
            _ids=(ids, id_places),
        )
        return opened

    @property
    def categories(self) -> Categories:
        """See `Passages`."""
        named: Categories = self.__dict__["_named"]
        return named

    @property
    def category_names(self) -> list[str]:
        """See `Passages`."""
        return [name for name in self.categories.names if name]

    def places_of(self, category: str) -> Sequence[int]:
        """See `Passages`."""
        rows = self.categories.rows_of(category)
        found: list[int] = np.unique(self.owners[rows]).tolist()
        return found

    def find(self, entry_id: str) -> FaqEntry | None:
        """See `Passages`."""
        place = self.place_of(entry_id)
        return None if place is None else self.entries[place]

    def place_of(self, entry_id: str) -> int | None:
        """Return the place of the entry of an id, which is looked up by its hash; None without."""
        ids, places = self.__dict__["_ids"]
        key = _key(entry_id)
        first, end = (int(ids.searchsorted(key, side)) for side in ("left", "right"))
        found: list[int] = places[first:end].tolist()
        return next((one for one in found if self.entries[one].entry_id == entry_id), None)

    def examples(self, count: int) -> list[FaqEntry]:
        """See `Passages`."""
        names = self.categories.names[:count]
        leading = [int(self.owners[self.categories.rows_of(name)[0]]) for name in names]
        others = [place for place in range(2 * count) if place not in leading]
        wanted = [*leading, *others][:count]
        return [self.entries[place] for place in wanted if place < len(self.entries)]


class _StoredTexts(MadeSequence[str]):
    """The texts of passages, made of their entries."""

    def __init__(
        self, entries: StoredEntries, owners: NDArray[np.int64], bounds: NDArray[np.int64]
    ) -> None:
        self._entries = entries
        self._owners = owners
        self._bounds = bounds

    def __len__(self) -> int:
        return len(self._owners)

    def item(self, place: int) -> str:
        owner = int(self._owners[place])
        return different_texts(self._entries[owner].passages)[place - int(self._bounds[owner])]


def write_passages(entries: Iterable[FaqEntry], directory: Path) -> None:
    """Write `entries`, none of which is a copy, for `StoredPassages.open`.

    The caller makes the write durable.
    """
    ids = [np.empty(0, np.uint64)]
    places, bounds = [np.zeros(1, np.int64)], [np.zeros(1, np.int64)]
    english: list[NDArray[np.bool_]] = [np.empty(0, np.bool_)]
    codes = [np.empty(0, np.int32)]
    code_of: dict[str, int] = {}
    with (directory / ENTRIES_FILE).open("wb") as file:
        for block in _blocks(entries):
            lines = [dump_jsonl([entry]).encode("utf-8") for entry in block]
            file.writelines(lines)
            ids.append(np.array([_key(entry.entry_id) for entry in block], np.uint64))
            places.append(places[-1][-1] + np.cumsum([len(line) for line in lines]))
            texts = [different_texts(entry.passages) for entry in block]
            sizes = [len(each) for each in texts]
            bounds.append(bounds[-1][-1] + np.cumsum(sizes))
            found = [code_of.setdefault(entry.category, len(code_of)) for entry in block]
            codes.append(np.repeat(np.array(found, np.int32), sizes))
            pairs = zip(block, texts, strict=True)
            english.append(np.array([is_english(e, text) for e, each in pairs for text in each]))
    keys = np.concatenate(ids)
    order = np.argsort(keys, kind="stable")
    arrays: dict[str, NDArray[Any]] = {
        _IDS: keys[order],
        _ID_PLACES: order,
        _BYTES: np.concatenate(places),
        _BOUNDS: np.concatenate(bounds),
        _ENGLISH: np.concatenate(english),
    }
    sizes_ = np.diff(arrays[_BOUNDS])
    arrays[_OWNERS] = np.repeat(np.arange(len(sizes_)), sizes_)
    for name, array in arrays.items():
        np.save(directory / name, array, allow_pickle=False)
    said = {"most": int(sizes_.max(initial=1)), "english": bool(arrays[_ENGLISH].any())}
    (directory / PASSAGES_FILE).write_text(json.dumps(said), encoding="utf-8")
    Categories.of_codes([*code_of], np.concatenate(codes)).seal(directory)


def _key(entry_id: str) -> np.uint64:
    digest = blake2b(entry_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def _blocks(entries: Iterable[FaqEntry]) -> Iterable[list[FaqEntry]]:
    block: list[FaqEntry] = []
    for entry in entries:
        block.append(entry)
        if len(block) == _BLOCK:
            yield block
            block = []
    if block:
        yield block
