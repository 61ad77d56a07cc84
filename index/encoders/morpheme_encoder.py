"""The embedded encoder, read with numpy alone: a weighted sum of morpheme vectors.

`training/modules/morpheme_module.py` reads the same directory with torch; both agree within 1e-6.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np

from mundap.index.encoders.encoder import (
    DEFAULT_ENCODER,
    Vectors,
    directory_fingerprint,
    unit_rows,
)
from mundap.index.encoders.morpheme_config import (
    CONFIG_FILE,
    MORPHEME_KIND,
    MorphemeConfig,
    open_table,
)
from mundap.index.encoders.weight_table import WeightTable


class MorphemeEncoder:
    """An `EncoderKind` over a table on disk; see the module's docstring."""

    is_embedded: ClassVar[bool] = True
    # Chosen on ParaKQC intents: the table moves far from its start, as a transformer must not.
    learning_rate: ClassVar[float | None] = 2e-3
    # `mundap sts-calibrate` on KorSTS for the embedded encoder as it comes. Encoders trained from
    # it share it: for that of the bundled FAQ it is as good as a fit of its own (development RMSE
    # 1.101 and 1.103, against 1.151 of five times the cosine).
    calibration: ClassVar[Path | None] = Path(__file__).with_name("sts_embedded.json")
    called: ClassVar[str] = "static vectors of morphemes"
    not_exported: ClassVar[str] = (
        "the embedded encoder is read without torch as it is, so there is nothing to export. Name "
        "a transformer."
    )

    def __init__(self, table: WeightTable, config: MorphemeConfig, fingerprint: str) -> None:
        self._table = table
        self._config = config
        self._fingerprint = fingerprint

    @classmethod
    def holds(cls, path_or_name: str | Path) -> bool:
        """See `EncoderKind`: "default", or a directory that says so."""
        if str(path_or_name) == DEFAULT_ENCODER:
            return True
        try:
            config = json.loads((Path(path_or_name) / CONFIG_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return isinstance(config, dict) and config.get("encoder") == MORPHEME_KIND

    @classmethod
    def directory(cls, path_or_name: str | Path) -> Path:
        """See `EncoderKind`; making the default one takes less than a minute."""
        if str(path_or_name) != DEFAULT_ENCODER:
            return Path(path_or_name)
        # Making it takes a pool of processes, which serving never does.
        from mundap.index.encoders.default import default_encoder_path

        return default_encoder_path()

    @classmethod
    def load(cls, path_or_name: str | Path) -> "MorphemeEncoder":
        """See `EncoderKind`; only the rows that texts use are ever read into memory."""
        directory = cls.directory(path_or_name)
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
