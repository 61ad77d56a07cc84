"""Makes sure that there is something to chat with: encoder and index of one FAQ.

Training and indexing run in child processes, so that the serving process never holds torch.
"""

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from mundap.chatbot.home.bundled import bundled_path
from mundap.chatbot.home.child import run_mundap
from mundap.chatbot.home.home import Home, PreparationError
from mundap.chatbot.home.published import is_from_store, is_published
from mundap.chatbot.home.sources import (
    record_sources,
    recorded_sources,
)
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.settings import ChatSettings
from mundap.index.bundle.build_options import BuildOptions
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.large import is_large
from mundap.index.bundle.manifest import BundleError, Manifest
from mundap.index.encoders.encoder import DEFAULT_ENCODER, EncoderError
from mundap.index.encoders.morpheme_config import require_whole
from mundap.index.encoders.registry import kind_of
from mundap.index.encoders.shipped import NO_PRETRAINED, SHIPPED
from mundap.index.faq.entry import FaqEntry, read_stored
from mundap.index.faq.passages.passages import Passages
from mundap.index.faq.passages.teaching import untaught

# Texts that the pretrained encoder reads in ten seconds or so; of a longer FAQ nobody waits for the
# last before the first visitor is answered.
_QUICKLY_READ = 500
# How to go on where the pretrained encoder is what fails; an option of some commands, so a setting.
_WITHOUT = "If it is the pretrained encoder that fails, MUNDAP_SPEED=fast does without it."


def prepare(settings: ChatSettings, *, early: bool = False) -> Home:
    """Train and index what is missing or has changed; return where everything lies.

    The first time takes a minute or two and shows its progress on standard error; with `early` it
    takes seconds, where what takes long can follow while a first index serves, and none where that
    index is there already, whoever completes it. An edited FAQ is indexed again in seconds; its
    encoder stays, as it knows the language of the FAQ.
    Of two that start at once the second waits, and finds all done. Raises PreparationError in
    one sentence when a step fails; the step has said why.
    """
    home = Home.of(settings)
    if not _is_made(home, early):
        with _alone(home):
            if not _is_made(home, early):
                _make(home, early)
    return home


def open_live(
    settings: ChatSettings, index: Path | None = None, *, early: bool = False
) -> LiveBundle:
    """Open `index`, or what `prepare` makes; of that, what proves damaged is made again.

    Raises PreparationError or BundleError in one sentence when there is nothing to serve.
    """
    if index is not None:
        return LiveBundle.open(index)
    home = prepare(settings, early=early)
    try:
        live = LiveBundle.open(home.index)
        if live.get().path == Generations(home.index).current():
            return live
    except BundleError as error:
        sys.stderr.write(f"{error}\n")
    with _alone(home):
        _make(home, early)
    return LiveBundle.open(home.index)


def is_prepared(home: Home) -> bool:
    """Return whether everything is made, of the FAQ as it is now.

    What was published from the store stays, whatever becomes of the file; see `Draft.newer_file`.
    """
    if not _has_index(home):
        return False
    return is_published(home.index) or home.sources() == recorded_sources(home.prepared)


def is_to_be_completed(home: Home) -> bool:
    """Return whether there was time for an early index alone, be it of the FAQ as it was."""
    if is_from_store(home.directory):
        return False
    return recorded_sources(home.prepared) is None and recorded_sources(home.early) is not None


def _is_made(home: Home, early: bool) -> bool:
    if early and is_to_be_completed(home):
        return _has_index(home) and home.sources() == recorded_sources(home.early)
    return is_prepared(home)


def _takes_long(home: Home, entries: Sequence[FaqEntry]) -> bool:
    texts = Passages.of(entries), Passages.with_answers(entries)
    return home.speed == "full" and sum(map(len, texts)) > _QUICKLY_READ


def _make(home: Home, early: bool) -> None:
    if is_from_store(home.directory):
        _run(home.publishing("--again"), "Indexing")
        return
    entries, _ = read_stored(home.faq, home.columns)
    if is_large(len(entries)):
        _make_large(home, len(entries))
        return
    entries = list(entries)
    if early and recorded_sources(home.prepared) is None and _takes_long(home, entries):
        _make_early(home)
    else:
        _make_whole(home, entries)


def _make_early(home: Home) -> None:
    """Make a first index without what takes minutes: a trained encoder, the pretrained one."""
    current = home.sources()
    options = build_options(home.faq, DEFAULT_ENCODER, home.index, reads=False)
    _run([*options.arguments(), *home.columns.arguments()], "Indexing")
    record_sources(home.early, current)


def _make_whole(home: Home, entries: Sequence[FaqEntry]) -> None:
    _train_if_missing(home, entries)
    try:
        _index(home, reads=home.speed == "full")
    except PreparationError as error:
        mend = f" {_WITHOUT}" if home.speed == "full" else ""
        raise PreparationError(f"{error}{mend}") from None


def _make_large(home: Home, entries: int) -> None:
    """Make files, in minutes; what takes hours is for somebody to ask for."""
    if home.speed == "full":
        sys.stderr.write(
            f"{home.faq}: {entries:,} entries, too many to hold, are served from files, without "
            "the pretrained encoder. To have it read them, for hours and in memory: mundap index "
            f"build --faq {home.faq} --output FOLDER, then mundap serve --index FOLDER.\n"
        )
    _index(home, reads=False)


def _index(home: Home, *, reads: bool) -> None:
    # Before the index is built: an edit meanwhile is seen the next time.
    current = home.sources()
    encoder = home.encoder if home.encoder.exists() else DEFAULT_ENCODER
    options = build_options(home.faq, encoder, home.index, reads=reads)
    _run([*options.arguments(), *home.columns.arguments()], "Indexing")
    record_sources(home.prepared, current)
    home.early.unlink(missing_ok=True)


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Hold what only one process at a time may do for a FAQ.

    Raises PreparationError where nothing can be written.
    """
    lock = FileLock(home.directory / ".lock")
    try:
        home.directory.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            sys.stderr.write(f"Another process prepares {home.faq}; waiting for it.\n")
            lock.acquire()
    except OSError as error:
        raise PreparationError(
            f"{home.directory}: the index of {home.faq} cannot be written there "
            f"({error.strerror or error}). Name a folder that can be written: MUNDAP_HOME, or "
            "home in mundap.toml."
        ) from None
    try:
        yield
    finally:
        lock.release()


def build_options(faq: Path, encoder: Path | str, index: Path, *, reads: bool) -> BuildOptions:
    """Return what indexes a FAQ; the bundled one has queries to fit on.

    `reads` says whether the shipped pretrained encoder reads it.
    """
    queries = far = None
    if faq == bundled_path("faq"):
        queries = bundled_path("development_queries.csv")
        far = bundled_path("development_out_of_scope.csv")
    pretrained = SHIPPED if reads else NO_PRETRAINED
    # Two started at once: the second waits for the first one's index.
    return BuildOptions(index, faq, str(encoder), queries, far, wait=60, pretrained=pretrained)


def _train_if_missing(home: Home, entries: Sequence[FaqEntry]) -> bool:
    if _has_encoder(home.encoder):
        return False
    if untaught(entries, reads=home.speed == "full"):
        return False  # the default encoder will do
    sys.stderr.write(f"First run: training an encoder on {home.faq}. This takes a minute or two.\n")
    arguments = ["train", "--data", str(home.faq), "--output", str(home.encoder)]
    _run([*arguments, *home.columns.arguments()], "Training")
    return True


def _has_encoder(directory: Path) -> bool:
    """Return whether there is an encoder to keep: whatever the owner put there, or a sound own one.

    Of those that were trained here some mean nothing now: after another version of the
    dictionary, or a full disk. What else is wrong, loading it says.
    """
    if not directory.exists() or not any(directory.iterdir()):
        return False
    if not kind_of(directory).is_embedded:
        return True
    try:
        require_whole(directory)
    except EncoderError as error:
        sys.stderr.write(f"{error}\n")
        return False
    return True


def _has_index(home: Home) -> bool:
    try:
        Manifest.read(Generations(home.index).current())
    except BundleError:  # none yet, damaged, or of a format that an older version wrote
        return False
    return True


def _run(arguments: list[str], step: str) -> None:
    """Run `mundap` in a child process; raises PreparationError where it fails."""
    if code := run_mundap(arguments):
        why = "failed; the reason is in the lines above"
        if code < 0:  # it could say nothing
            why = f"was ended by the system ({signal.strsignal(-code) or -code})"
        raise PreparationError(f"{step} {why}.")
