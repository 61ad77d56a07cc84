"""What a bundle has on a Milvus server: kept while a generation is, and not a moment longer.

Before a collection is made a note is written, which whoever comes after a killed builder finds.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from mundap.index.bundle.generations import Generations
from mundap.index.bundle.manifest import BundleAwayError, BundleError, Manifest
from mundap.index.durable import replaced_file
from mundap.index.engines.engine import EngineAbsentError, EngineAwayError, EngineError
from mundap.index.engines.milvus_place import MilvusPlace

NOTE = "milvus.begun.json"

_LOG = logging.getLogger(__name__)


class Collections:
    """The collections of one bundle directory, changed by its one writer."""

    def __init__(self, generations: Generations) -> None:
        self._generations = generations
        self._note = generations.directory / NOTE

    def begin(self, place: MilvusPlace, number: int) -> None:
        """Write down that the collections of a generation are about to be made.

        Raises EngineError where they are there: a copy of this directory has built as well.
        """
        place.require_free(number)
        with replaced_file(self._note) as partial:
            partial.write_text(json.dumps({**asdict(place), "generation": number}))

    def clean(self, wanted: MilvusPlace | None = None) -> None:
        """Remove what was begun and is of no generation; raises EngineError, and is tried again.

        Where that is at another address than `wanted`, it keeps nobody from building there: what
        stays behind is logged.
        """
        try:
            begun = json.loads(self._note.read_text(encoding="utf-8"))
            place, number = MilvusPlace(begun["uri"], begun["name"]), int(begun["generation"])
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            _LOG.warning("%s: damaged (%s); what it tells of may stay there.", self._note, error)
        else:
            # One of that number may have been built since, and keep its vectors elsewhere.
            if (f"{number:06d}", place.uri, place.name) not in self._kept():
                try:
                    place.drop(number)
                except EngineError as error:
                    if wanted is None or wanted.uri == place.uri:
                        raise
                    _LOG.warning("%s_%06d's collections stay behind: %s", place.name, number, error)
        self._note.unlink()

    def _kept(self) -> set[tuple[str, str, str]]:
        return {(path.name, place.uri, place.name) for path, place in self.places().items()}

    def places(self) -> dict[Path, MilvusPlace]:
        """Return where the generations that are there have theirs."""
        found = {}
        for path in self._generations.paths():
            with suppress(BundleError):  # nobody knows what a damaged one had
                if (place := Manifest.read(path).milvus) is not None:
                    found[path] = place
        return found

    def drop_gone(self, before: Mapping[Path, MilvusPlace]) -> None:
        """Remove those of generations that were there and are no more; what stays is logged."""
        for path, place in before.items():
            if not path.exists():
                try:
                    place.drop(int(path.name))
                except EngineError as error:
                    _LOG.warning("%s's collections stay behind: %s", path.name, error)


@contextmanager
def as_bundle_error(path: Path) -> Iterator[None]:
    """Say of a bundle what an engine says of its vectors."""
    try:
        yield
    except EngineAbsentError as error:
        raise BundleError(f"{path}: {error}") from None
    except EngineAwayError as error:
        raise BundleAwayError(f"{path}: {error}") from None
    except EngineError as error:
        raise BundleError(f"{path}: {error}") from None
