"""What one generation of a bundle says about itself, and the check that it is true."""

import hashlib
import json
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mundap.index.engines.milvus_place import MilvusPlace
from mundap.index.trouble import Trouble

FORMAT = 4
_READABLE = (3, FORMAT)
# The encoder with which queries are embedded and passages were.
RETRIEVAL, READING = "retrieval", "reading"
MANIFEST_FILE = "manifest.json"
_OWN = "sha256"
# Files that are hashed at once: of a large FAQ that is most of a start.
_AT_ONCE = 4
_MEND = "Rebuild with `mundap index build`, or go back with `mundap index rollback`."


class BundleError(ValueError):
    """A bundle is missing, damaged or does not belong to what it is used with."""

    trouble: Trouble = "damaged"


class BundleBusyError(BundleError):
    """Another writer is at work on a bundle."""

    trouble = "busy"


class BundleAwayError(BundleError):
    """What a bundle keeps elsewhere does not answer now; later it may."""

    trouble = "away"


@dataclass(frozen=True, slots=True)
class FileRecord:
    """Size in bytes and SHA-256 of one file."""

    bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> "FileRecord":
        """Measure `path`."""
        with path.open("rb") as file:
            return cls(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


@dataclass(frozen=True, slots=True)
class EncoderRecord:
    """Which encoder made vectors, and how many columns they have."""

    fingerprint: str
    dimension: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that must agree before a generation may be searched.

    `encoders` are by their role: `RETRIEVAL` made the vectors of passages, and `READING`, where a
    pretrained encoder reads the FAQ, those of `index/search/content.py`. The bundle holds both;
    format 3 named in `encoder_source` where its encoder lay. `large` says of a FAQ that is served
    from files (`index/bundle/large_build.py`) how its vectors are searched, and what was left out.
    """

    generation: int
    created: str
    encoders: dict[str, EncoderRecord]
    index_kind: str
    entries: int
    passages: int
    encoded: int
    faq_sha256: str
    files: dict[str, FileRecord]
    versions: dict[str, str]
    encoder_source: str = ""
    large: dict[str, Any] = field(default_factory=dict)
    # Where its vectors are kept, if not here.
    milvus: MilvusPlace | None = None
    format: int = FORMAT

    @property
    def encoder(self) -> str:
        """Fingerprint of the encoder of queries and passages."""
        return self.encoders[RETRIEVAL].fingerprint

    @property
    def dimension(self) -> int:
        """Its number of columns."""
        return self.encoders[RETRIEVAL].dimension

    def write(self, directory: Path) -> None:
        """Write `manifest.json` into `directory`."""
        values = asdict(self)
        for name in ("encoder_source", "large", "milvus"):
            if not values[name]:
                del values[name]
        # A checksum of its own: a flipped bit here must not go unseen either.
        text = json.dumps({**values, _OWN: _digest(values)}, indent=2, ensure_ascii=False)
        (directory / MANIFEST_FILE).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, directory: Path) -> "Manifest":
        """Read `manifest.json`; raises BundleError when it is missing or not as written."""
        path = directory / MANIFEST_FILE
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            if values["format"] not in _READABLE:
                raise BundleError(f"{path}: format {values['format']}, wanted {FORMAT}. {_MEND}")
            stated, found = values.pop(_OWN), _digest(values)
            if stated != found:
                raise BundleError(f"{path}: SHA-256 {found}, but it states {stated}. {_MEND}")
            if values["format"] == 3:
                values = _as_format_4(values)
            files = {name: FileRecord(**record) for name, record in values.pop("files").items()}
            encoders = {role: EncoderRecord(**one) for role, one in values.pop("encoders").items()}
            milvus = values.pop("milvus", None)
            place = None if milvus is None else MilvusPlace(**milvus)
            return cls(files=files, encoders=encoders, milvus=place, **values)
        except BundleError:
            raise
        except FileNotFoundError:
            raise BundleError(
                f"{directory}: no {MANIFEST_FILE}, so not a bundle's generation. {_MEND}"
            ) from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BundleError(f"{path}: damaged ({error}). {_MEND}") from None

    def verify(self, directory: Path, but: Collection[str] = ()) -> None:
        """Compare files with what is recorded, `but` some; raises BundleError with both values."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            waiting = [
                pool.submit(_require_as_recorded, directory / name, wanted)
                for name, wanted in self.files.items()
                if name not in but
            ]
            for each in waiting:
                each.result()

    def require_encoder(self, fingerprint: str, dimension: int, directory: Path) -> None:
        """Raise BundleError naming both fingerprints unless this encoder made the vectors."""
        if (fingerprint, dimension) != (self.encoder, self.dimension):
            raise BundleError(
                f"{directory}: made by encoder {self.encoder} of dimension {self.dimension}, but "
                f"the encoder given is {fingerprint} of dimension {dimension}. Use that encoder, "
                "or rebuild with `mundap index build`."
            )

    def summary(self) -> dict[str, Any]:
        """Return the fields a person looks at first."""
        shown = ("generation", "created", "entries", "passages", "encoded", "index_kind")
        return {name: getattr(self, name) for name in shown}


def _require_as_recorded(path: Path, wanted: FileRecord) -> None:
    try:
        found = FileRecord.of(path)
    except FileNotFoundError:
        raise BundleError(f"{path}: missing. {_MEND}") from None
    except OSError as error:
        raise BundleError(f"{path}: unreadable ({error.strerror}). {_MEND}") from None
    if found != wanted:
        raise BundleError(
            f"{path}: {found.bytes} bytes with SHA-256 {found.sha256}, but the manifest "
            f"records {wanted.bytes} bytes with {wanted.sha256}. {_MEND}"
        )


def _as_format_4(values: dict[str, Any]) -> dict[str, Any]:
    encoder = {"fingerprint": values.pop("encoder"), "dimension": values.pop("dimension")}
    return {**values, "encoders": {RETRIEVAL: encoder}}


def _digest(values: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
