"""The embedded encoder, read with numpy alone: a weighted sum of morpheme vectors.

A directory holds `config.json` and `model.safetensors` with one table: a row for each
morpheme of the dictionary, then rows that hashed character n-grams share. Words that the
dictionary lacks (names, typos, other scripts, numbers) are the sum of their n-grams.
`training/modules/morpheme_module.py` reads the same directory with torch; both agree within 1e-6.
"""

import json
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mundap.index.encoders.encoder import EncoderError, Vectors, directory_fingerprint, unit_rows
from mundap.index.encoders.weight_table import WeightTable
from mundap.index.korean.morphemes import (
    FIRST_MORPHEME_ID,
    MORPHEME_COUNT,
    Morpheme,
    analyse,
    dictionary_version,
)
from mundap.index.korean.text import hangul_only

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"

# Latin letters, numbers and Chinese characters are words.
_WORD_SYMBOLS = frozenset({"SL", "SN", "SH"})
# ㅋㅋㅋ, ㅠㅠ, ㅇㅋ: symbols to the analyser, words to a chat.
_JAMO = frozenset(map(chr, range(0x3131, 0x3164)))
# Letters of old Hangul, of which ㆍ is typed as a dot between words.
_OLD_JAMO = frozenset(map(chr, range(0x3164, 0x318F)))
_NGRAM_SIZES = (1, 2, 3, 4)
# What words outside the dictionary are: names and numbers, but common particles and endings too.
OUTSIDE_TAGS = (
    *("NNG", "NNP", "NNB", "NR", "NP", "VV", "VA", "VX", "VCP", "VCN", "MM", "MAG", "MAJ", "IC"),
    *("JKS", "JKC", "JKG", "JKO", "JKB", "JKV", "JKQ", "JX", "JC", "EP", "EF", "EC", "ETN", "ETM"),
    *("XPN", "XSN", "XSV", "XSA", "XSM", "XR", "Z_CODA", "SL", "SN", "SH", "SW"),
)
_TAG_PLACES = {tag: place for place, tag in enumerate(OUTSIDE_TAGS)}


@dataclass(frozen=True, slots=True)
class MorphemeConfig:
    """What has to agree before a table of weights may be used."""

    dimension: int
    ngram_rows: int
    dictionary: str
    encoder: str = "mundap-morpheme-1"
    # "hangul-only": all but Hangul is dropped before a text is analysed.
    clean_up: str = "raw"
    # What a word outside the dictionary counts for, by its tag; 1 where none is named.
    outside: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not all(math.isfinite(weight) for weight in self.outside.values()):
            raise ValueError(f"outside is {self.outside}; wanted finite weights")

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Read and check `config.json`.

        Raises FileNotFoundError without one, EncoderError when it is damaged or names another
        dictionary than the installed one.
        """
        path = directory / CONFIG_FILE
        try:
            config = cls(**json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError, AttributeError) as error:
            raise EncoderError(f"{path}: damaged ({error}). Train the encoder again.") from None
        if config.clean_up not in ("raw", "hangul-only"):
            raise EncoderError(
                f"{path}: clean_up is {config.clean_up!r}; wanted raw or hangul-only. A newer "
                "version may have trained this encoder."
            )
        if config.dictionary != dictionary_version():
            raise EncoderError(
                f"{directory}: made with {config.dictionary}, but {dictionary_version()} is "
                "installed and numbers morphemes differently. Train the encoder again, or "
                "install that version."
            )
        return config

    def write(self, directory: Path) -> None:
        """Write `config.json` into `directory`."""
        fields = asdict(self)
        if self.clean_up == "raw":  # as it was written before there was a choice
            del fields["clean_up"]
        if not self.outside:
            del fields["outside"]
        text = json.dumps(fields, indent=2)
        (directory / CONFIG_FILE).write_text(text + "\n", encoding="utf-8")

    @property
    def rows(self) -> int:
        """Number of rows of the table."""
        return MORPHEME_COUNT + self.ngram_rows

    def features(self, text: str) -> "Features":
        """Return the rows of a text after its clean-up."""
        seen = hangul_only(text) if self.clean_up == "hangul-only" else text
        return features(seen, self.ngram_rows, self.outside)


@dataclass(frozen=True, slots=True)
class Features:
    """The rows of the table that make up one text, and the weight of each."""

    rows: NDArray[np.int64]
    weights: NDArray[np.float32]
    # Of n-grams the place of their word's tag in OUTSIDE_TAGS; -1 for morphemes and other tags.
    tags: NDArray[np.int64]


def features(
    text: str, ngram_rows: int, outside: Mapping[str, float] = MappingProxyType({})
) -> Features:
    """Return the table rows of `text` in reading order; empty for a text without words."""
    rows: list[int] = []
    weights: list[float] = []
    tags: list[int] = []
    for morpheme in analyse(text):
        if not _is_word(morpheme):
            continue
        if FIRST_MORPHEME_ID <= morpheme.id < MORPHEME_COUNT:
            rows.append(morpheme.id)
            weights.append(1.0)
            tags.append(-1)
        else:
            hashed = _ngram_rows(morpheme.form, ngram_rows)
            rows.extend(hashed)
            # n random directions add up to a length of sqrt(n): this undoes it.
            weight = len(hashed) ** -0.5 * outside.get(morpheme.tag, 1.0)
            weights.extend([weight] * len(hashed))
            tags.extend([_TAG_PLACES.get(morpheme.tag, -1)] * len(hashed))
    return Features(
        np.array(rows, dtype=np.int64),
        np.array(weights, dtype=np.float32),
        np.array(tags, dtype=np.int64),
    )


def is_morpheme_encoder(directory: Path) -> bool:
    """Whether `directory` holds the embedded kind of encoder."""
    try:
        config = json.loads((directory / CONFIG_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and config.get("encoder") == "mundap-morpheme-1"


def open_table(directory: Path, config: MorphemeConfig) -> WeightTable:
    """Open the table of weights, shape (config.rows, dimension).

    Raises EncoderError when the file is missing, damaged or of another shape.
    """
    path = directory / WEIGHTS_FILE
    try:
        table = WeightTable.open(path)
    except FileNotFoundError:
        raise EncoderError(f"{path}: missing. Train the encoder again.") from None
    except (OSError, ValueError) as error:
        raise EncoderError(f"{path}: damaged ({error}). Train the encoder again.") from None
    if table.shape != (config.rows, config.dimension):
        raise EncoderError(
            f"{path}: table of shape {table.shape}, wanted {(config.rows, config.dimension)} by "
            f"{CONFIG_FILE}. Train the encoder again."
        )
    return table


class MorphemeEncoder:
    """An `Encoder` over a table on disk; see the module's docstring."""

    def __init__(self, table: WeightTable, config: MorphemeConfig, fingerprint: str) -> None:
        self._table = table
        self._config = config
        self._fingerprint = fingerprint

    @classmethod
    def load(cls, directory: Path) -> "MorphemeEncoder":
        """Open `directory`; only the rows that texts use are ever read into memory."""
        config = MorphemeConfig.read(directory)
        encoder = cls(open_table(directory, config), config, directory_fingerprint(directory))
        # Loads the analyser, which takes a second and, for a moment, more memory than after
        # it: before anything else is loaded, and before a visitor asks.
        encoder.encode(["문답"])
        return encoder

    @property
    def fingerprint(self) -> str:
        """See `Encoder`."""
        return self._fingerprint

    @property
    def dimension(self) -> int:
        """See `Encoder`."""
        return self._config.dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`; a text of symbols alone (emoji, "?!") has the zero vector too."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            found = self._config.features(text)
            if found.rows.size:
                vectors[row] = found.weights @ self._table[found.rows]
        return unit_rows(vectors)


def _is_word(morpheme: Morpheme) -> bool:
    if morpheme.tag == "SW":  # Cyrillic, kana, Thai, ... too are symbols to the analyser
        return any(char.isalnum() and char not in _OLD_JAMO for char in morpheme.form)
    return not morpheme.tag.startswith(("S", "W", "U")) or morpheme.tag in _WORD_SYMBOLS


def _ngram_rows(form: str, ngram_rows: int) -> list[int]:
    """Hash the distinct character n-grams of `<form>` and the whole; the marks tell the ends."""
    # A laugh is a laugh however long: ㅋㅋㅋㅋㅋ is ㅋㅋ.
    form = form[:2] if set(form) <= _JAMO and len(set(form)) == 1 else form
    marked = f"<{form}>"
    grams = {
        marked[start : start + size]
        for size in _NGRAM_SIZES
        for start in range(len(marked) - size + 1)
    } - {"<", ">"}
    grams.add(marked)
    return [MORPHEME_COUNT + zlib.crc32(gram.encode()) % ngram_rows for gram in sorted(grams)]
