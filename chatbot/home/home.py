"""What belongs to one FAQ in the home folder, and where it lies."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from mundap.chatbot.home.bundled import bundled_path
from mundap.chatbot.home.faq_settings import remembered_columns
from mundap.chatbot.home.published import INDEXES, is_from_store, prepared_record
from mundap.chatbot.home.sources import Sources, sources_of
from mundap.chatbot.settings import ChatSettings, Speed
from mundap.index.faq.sheets.columns import USUAL_COLUMNS, FaqColumns


class PreparationError(ValueError):
    """The encoder or the index of a FAQ could not be made."""


@dataclass(frozen=True, slots=True)
class Home:
    """The files that belong to one FAQ."""

    faq: Path
    directory: Path
    speed: Speed = "full"
    columns: FaqColumns = USUAL_COLUMNS

    @classmethod
    def of(cls, settings: ChatSettings) -> "Home":
        """Return the home of the FAQ that the settings name, or of the bundled one."""
        if settings.faq is None:
            return cls(bundled_path("faq"), settings.home / "bundled", settings.speed)
        faq = settings.faq.expanduser().resolve()
        digest = hashlib.sha256(str(faq).encode()).hexdigest()[:8]
        directory = settings.home / f"{faq.stem}-{digest}"
        home = cls(faq, directory, settings.speed, remembered_columns(settings.home, faq))
        if not faq.exists() and not is_from_store(home.directory):
            raise PreparationError(f"{settings.faq}: no such FAQ file or folder.")
        return home

    @property
    def encoder(self) -> Path:
        """Directory of the encoder trained on the FAQ."""
        return self.directory / "encoder"

    @property
    def index(self) -> Path:
        """Bundle directory; of each speed its own."""
        return self.directory / INDEXES[self.speed]

    @property
    def query_vectors(self) -> Path:
        """Vectors of unanswered queries, for the next time they are grouped."""
        return self.directory / "query_vectors.npz"

    @property
    def prepared(self) -> Path:
        """Record of the FAQ files that the index was made from."""
        return prepared_record(self.index)

    @property
    def early(self) -> Path:
        """The same of a first index that is to be completed."""
        return self.index.with_suffix(".early.json")

    def publishing(self, *options: str, command: str = "publish") -> list[str]:
        """Return the command line that publishes what was edited, or does another thing to it."""
        line = ["faq", command, "--home", str(self.directory.parent), "--speed", self.speed]
        is_bundled = self.faq == bundled_path("faq")
        return [*line, *([] if is_bundled else ["--faq", str(self.faq)]), *options]

    def sources(self) -> Sources:
        """Return what an index is made from as it is now."""
        return sources_of(self.faq, self.columns)
