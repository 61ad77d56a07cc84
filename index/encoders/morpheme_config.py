"""The directory of an embedded encoder: `config.json`, and `model.safetensors` with one table.

The table has a row for each morpheme of the dictionary, then rows that hashed character n-grams
share.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from mundap.index.encoders.encoder import EncoderError
from mundap.index.encoders.morpheme_features import Features, features
from mundap.index.encoders.weight_table import WeightTable
from mundap.index.korean.morphemes import MORPHEME_COUNT, dictionary_version
from mundap.index.korean.text import hangul_only

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"
MORPHEME_KIND = "mundap-morpheme-1"


@dataclass(frozen=True, slots=True)
class MorphemeConfig:
    """What has to agree before a table of weights may be used."""

    dimension: int
    ngram_rows: int
    dictionary: str
    encoder: str = MORPHEME_KIND
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

    def features(self, text: str) -> Features:
        """Return the rows of a text after its clean-up."""
        seen = hangul_only(text) if self.clean_up == "hangul-only" else text
        return features(seen, self.ngram_rows, self.outside)


def require_whole(directory: Path) -> None:
    """Raise EncoderError where an embedded encoder is damaged or of another dictionary.

    Raises FileNotFoundError without a `config.json`.
    """
    open_table(directory, MorphemeConfig.read(directory))


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
