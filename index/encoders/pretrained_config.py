"""What the directory of a pretrained encoder says of itself, and the check that it is true."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from mundap.index.encoders.encoder import EncoderError, file_digests

CONFIG_FILE = "config.json"
PRETRAINED_KIND = "mundap-pretrained"
_MEND = "Install mundap anew, or copy the encoder anew."


@dataclass(frozen=True, slots=True)
class PretrainedConfig:
    """The values of `config.json` that reading texts needs."""

    dimension: int
    # Pieces of a text, prefix and marks included; what is longer is cut.
    max_length: int
    # "query" and "passage" -> what stands before such a text.
    prefixes: Mapping[str, str]
    # Pieces that are no part of a text: the first mark and the prefix, and the last mark.
    before: int
    after: int
    # Name of every other file -> its SHA-256.
    files: Mapping[str, str]

    @classmethod
    def is_in(cls, directory: Path) -> bool:
        """Whether a directory says that it is of this kind, damaged or not."""
        try:
            found = _values(directory)
        except (OSError, ValueError):
            return False
        return isinstance(found, dict) and found.get("kind") == PRETRAINED_KIND

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Read `config.json`; raises EncoderError where it is missing, damaged or another's."""
        path = directory / CONFIG_FILE
        try:
            values = _values(directory)
            kind, pieces = values["kind"], values["pieces"]
            config = cls(
                dimension=int(values["dimension"]),
                max_length=int(values["max_length"]),
                prefixes={side: str(values["prefixes"][side]) for side in ("query", "passage")},
                before=int(pieces["before"]),
                after=int(pieces["after"]),
                files={str(name): str(digest) for name, digest in values["files"].items()},
            )
        except OSError as error:
            raise EncoderError(f"{path}: {error.strerror}. {_MEND}") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EncoderError(f"{path}: damaged ({error!r}). {_MEND}") from None
        if kind != PRETRAINED_KIND:
            raise EncoderError(f"{path}: kind is {kind!r}; wanted {PRETRAINED_KIND!r}. {_MEND}")
        return config

    def verify(self, directory: Path) -> dict[Path, bytes]:
        """Compare every file with its SHA-256 and return `file_digests`, for a fingerprint.

        Raises EncoderError naming both values where one differs.
        """
        try:
            digests = file_digests(directory)
        except OSError as error:
            raise EncoderError(f"{error.filename}: {error.strerror}. {_MEND}") from None
        for name, wanted in self.files.items():
            path = directory / name
            digest = digests.get(Path(name))
            if digest is None:
                raise EncoderError(f"{path}: No such file or directory. {_MEND}")
            if digest.hex() != wanted:
                raise EncoderError(
                    f"{path}: its SHA-256 is {digest.hex()}, but {CONFIG_FILE} records {wanted}. "
                    f"{_MEND}"
                )
        return digests


def _values(directory: Path) -> Any:
    return json.loads((directory / CONFIG_FILE).read_text(encoding="utf-8"))
