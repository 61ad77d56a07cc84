"""The FAQ as it is edited, beside the index that serves it and the file that it came from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mundap.chatbot.home.draft_error import DraftError, NoEntriesError
from mundap.chatbot.home.first_run import build_options, is_to_be_completed
from mundap.chatbot.home.home import Home
from mundap.chatbot.home.published import prepared_record, unfinished_record
from mundap.chatbot.home.sources import STORE, record_sources, recorded_sources
from mundap.chatbot.home.unfinished import Unfinished
from mundap.chatbot.settings import ChatSettings
from mundap.feedback.editing.working_copy import WorkingCopy
from mundap.feedback.store.database import Database
from mundap.index.bundle.build_options import BuildOptions
from mundap.index.bundle.contents import read_entries
from mundap.index.bundle.encoder_store import EncoderStore
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.large import require_small
from mundap.index.bundle.manifest import BundleError, Manifest
from mundap.index.bundle.writer import BundleWriter
from mundap.index.encoders.encoder import DEFAULT_ENCODER, Encoder
from mundap.index.faq.copies import without_copies
from mundap.index.faq.difference import Difference
from mundap.index.faq.entry import FaqEntry, read_stored
from mundap.index.faq.kept_ids import keep_ids

# Seconds to wait for another rebuild.
_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What a roll-back did: what serves now, and what became of the working copy.

    `unpublished` are edits that had not been published; undoing `deed` brings them back.
    """

    generation: int
    deed: int
    difference: Difference
    unpublished: Difference


@dataclass(frozen=True, slots=True)
class Draft:
    """The working copy of a FAQ; a deployment of a file alone has one in which nothing ever was."""

    home: Home
    copy: WorkingCopy

    @classmethod
    def of(cls, settings: ChatSettings, database: Database | None = None) -> "Draft":
        """Return the draft of the FAQ of the settings; raises PreparationError or StoreError."""
        home = Home.of(settings)
        if database is None:
            database = Database.of(settings.database_url, home.directory)
        return cls(home, WorkingCopy(database))

    # Files

    def begin(self, owner: str) -> bool:
        """Take over what serves if nothing was yet; return whether it was now.

        That is the FAQ's file as it was read last, under the ids by which it is answered from.
        Raises TooLargeError.
        """
        if not self.copy.is_empty():
            return False
        home = self.home
        if served := self._served():
            made_from = recorded_sources(home.prepared) or recorded_sources(home.early)
            self.copy.take_over(served, owner, home.faq.name, {"sources": made_from})
        else:
            self.take_over(read_stored(home.faq, home.columns)[0], owner, home.faq)
        return True

    def take_over(self, entries: Sequence[FaqEntry], owner: str, file: Path) -> Difference:
        """Make the working copy what was read from a file; return what that changes.

        An entry for which the file names no id keeps the one it has. Raises TooLargeError.
        """
        self._require_small(len(entries))
        before = self.copy.entries() or self._served()
        detail = {"sources": self.home.sources()}
        return self.copy.take_over(keep_ids(entries, before), owner, file.name, detail)

    def difference_of(self, entries: Sequence[FaqEntry]) -> Difference:
        """Return what `take_over` would change; raises TooLargeError."""
        self._require_small(len(entries))
        before = self.copy.entries()
        return Difference.between(before, keep_ids(entries, before or self._served()))

    def entries(self) -> Sequence[FaqEntry]:
        """Return the working copy, or the file where nothing was edited yet."""
        if self.copy.is_empty():
            return read_stored(self.home.faq, self.home.columns)[0]
        return self.copy.entries()

    def newer_file(self) -> str | None:
        """Say that the file has changed since it was taken over; None where it has not."""
        now = self.home.sources()
        if now == (self.copy.last_import().get("sources") or now) or not now:
            return None
        return (
            f"{self.home.faq} has changed since it was taken over; what was edited and published "
            f"goes on serving. `mundap faq import {self.home.faq}` takes it over."
        )

    # Generations

    def serving(self) -> int | None:
        """Return the number of the generation that serves; None where none does."""
        try:
            return int(Generations(self.home.index).current().name)
        except BundleError:
            return None

    def entries_of(self, generation: int) -> list[FaqEntry]:
        """Return the FAQ of a generation, also of one whose index is gone.

        Raises DraftError or TooLargeError.
        """
        published = [
            self.copy.entries_at(publication.deed)
            for publication in self.copy.publications()
            if publication.generation == generation
        ]
        try:
            indexed = self._read(generation)
        except (BundleError, OSError):
            if not published:
                raise DraftError(
                    f"{self.home.index}: what generation {generation} held is not known. "
                    "`mundap faq history` lists those that were published."
                ) from None
            return published[0]
        # An index keeps one of two entries that say the same.
        same = (found for found in published if without_copies(found) == indexed)
        return next(same, indexed)

    def difference(self, before: str, after: str) -> Difference:
        """Compare two states: generations by number, "serving", "draft".

        Raises DraftError or TooLargeError.
        """
        return Difference.between(self._state(before), self._state(after))

    def _state(self, name: str) -> list[FaqEntry]:
        if name == "draft":
            entries = self.entries()
            if self.copy.is_empty():
                self._require_small(len(entries))
            return without_copies(entries)
        if name == "serving":
            return self._served()
        if not name.isdecimal():
            raise DraftError(
                f'{name!r} is no state; wanted a generation\'s number, "serving" or "draft".'
            )
        return without_copies(self.entries_of(int(name)))

    def unpublished(self) -> Difference:
        """Return what parts the working copy from what serves."""
        return _difference(self._served(), self.copy.entries())

    def _served(self) -> list[FaqEntry]:
        serving = self.serving()
        try:
            return [] if serving is None else self._read(serving)
        except (BundleError, OSError):
            return []

    def _read(self, generation: int) -> list[FaqEntry]:
        path = Generations(self.home.index).path(generation)
        manifest = Manifest.read(path)
        if manifest.large:
            self._require_small(manifest.entries)
        return read_entries(path)

    def _require_small(self, entries: int) -> None:
        mend = (
            f"Change {self.home.faq}, which the next start takes in; what is to serve in seconds, "
            f"`mundap index amend {self.home.index} --faq CHANGED.csv` changes."
        )
        require_small(entries, "editing and comparing it here", mend)

    # Publish

    def build_options(self) -> BuildOptions:
        """Return what makes an index of the working copy, as a start makes one of the file.

        The encoder is the one that serves: another one is a decision to take at a desk.
        """
        home = self.home
        encoder: Path | str = home.encoder if home.encoder.exists() else DEFAULT_ENCODER
        if not is_to_be_completed(home):
            try:
                manifest = Manifest.read(Generations(home.index).current())
                encoder = EncoderStore(home.index).directory_of(manifest) or encoder
            except BundleError:  # none yet, or a damaged one
                pass
        return build_options(home.faq, encoder, home.index, reads=home.speed == "full")

    def to_publish(self, *, again: bool) -> tuple[int, list[FaqEntry], Difference]:
        """Return a state of the working copy: deed, entries, what parts them from what serves.

        It is the one of now, or with `again` the one that was published last. Raises DraftError.
        """
        if again and (last := self.copy.publications(1)):
            return last[0].deed, self.copy.entries_at(last[0].deed), Difference()
        state, entries = self.copy.snapshot()
        if not state:
            raise DraftError(
                f"Nothing of {self.home.faq} was edited yet, so that there is nothing to publish. "
                "`mundap faq import` takes a file over; a start serves the file as it is."
            )
        if not entries:
            raise NoEntriesError("The working copy has no entries; an index wants at least 1.")
        return state, entries, _difference(self._served(), entries)

    def begin_to_publish(
        self, generation: int, owner: str, state: int, changes: Difference
    ) -> None:
        """Write down what is about to serve, so that it is known even if nobody lives to tell."""
        begun = Unfinished("publish", generation, owner, state, changes.counts())
        begun.write(unfinished_record(self.home.index))

    def finish(self) -> None:
        """Write into the store what has begun and happened; forget what has not.

        Call it while nobody else changes the index: at the end of a change, and at the beginning
        of the next, as one may have been killed.
        """
        record = unfinished_record(self.home.index)
        begun = Unfinished.read(record)
        if begun is not None and begun.has_happened(self.home.index):
            if begun.action == "publish":
                self._published(begun)
            else:
                self._rolled_back(begun)
            self.record_published()
        record.unlink(missing_ok=True)

    def record_published(self) -> None:
        """Let what serves count as published from the store, as it holds what the store holds."""
        record_sources(prepared_record(self.home.index), {STORE: str(self.copy.snapshot()[0])})
        self.home.early.unlink(missing_ok=True)

    def _published(self, begun: Unfinished) -> None:
        last = self.copy.publications(1)
        if not last or (last[0].generation, last[0].deed) != (begun.generation, begun.state):
            self.copy.published(begun.generation, begun.owner, begun.state, begun.counts)

    def _rolled_back(self, begun: Unfinished) -> None:
        serving = self.serving()
        last = self.copy.publications(1)
        # Of the same roll-back; one who was killed had written it down.
        if serving is None or (
            last and last[0].deed > begun.state and last[0].generation == serving
        ):
            return
        served = self.entries_of(begun.generation)
        self.copy.rolled_back(serving, self.entries_of(serving), begun.owner, served)

    # Go back

    def roll_back(
        self, owner: str, encoder: Encoder | None = None, *, wait: float = _WAIT
    ) -> RolledBack:
        """Let the generation before serve again, and make the working copy what it holds.

        `encoder` is one that the index does not hold. Raises BundleError, and then nothing changed.
        """
        with BundleWriter.locked(self.home.index, wait=wait) as writer:
            self.finish()
            state, before = self.copy.snapshot()
            if not state:
                raise DraftError(
                    f"Nothing of {self.home.faq} was edited yet: `mundap index rollback "
                    f"{self.home.index}` takes the index back, and the file is yours to change."
                )
            unpublished = _difference(self._served(), before)
            rejected = int(writer.generations.current().name)
            begun = Unfinished("rollback", rejected, owner, state, {})
            begun.write(unfinished_record(self.home.index))
            try:
                path = writer.rollback(encoder)
            finally:
                self.finish()
            after = self.copy.entries()
        deed = self.copy.publications(1)[0].deed
        return RolledBack(int(path.name), deed, Difference.between(before, after), unpublished)


def _difference(served: Sequence[FaqEntry], entries: Sequence[FaqEntry]) -> Difference:
    """Compare with what an index holds, which keeps one of two entries that say the same."""
    return Difference.between(served, without_copies(entries))
