"""What a measurement is of: the index that visitors meet, or one made for it of an encoder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import typer

from mundap.commands.inputs import prepared_encoder, read_faq_option, said
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.encoder_store import EncoderStore
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.manifest import READING, BundleError, Manifest
from mundap.index.encoders.encoder import DEFAULT_ENCODER, Encoder
from mundap.index.encoders.words import encoder_words
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.sheets.columns import FaqColumns
from mundap.index.search.confidence import Confidence
from mundap.index.search.retriever import Retriever


@dataclass(frozen=True, slots=True)
class MeasuredRetriever:
    """A retriever with its confidence; `facts` say of which FAQ and by what, and when."""

    retriever: Retriever
    confidence: Confidence
    facts: dict[str, str]


@dataclass(frozen=True, slots=True)
class MeasuredFaq:
    """Entries and the encoder that visitors' questions about them are read by; facts as above."""

    entries: Sequence[FaqEntry]
    encoder: Encoder
    facts: dict[str, str]


def measured_retriever(
    faq: Path | None, index: Path | None, encoder: str | None, columns: FaqColumns
) -> MeasuredRetriever:
    """Open what visitors meet, made first where it is not yet; or build one of an encoder alone."""
    _require_one(faq, index, encoder, columns)
    if encoder is not None:
        return _built(faq, encoder, columns)
    served, bundle = _served(faq, index, columns)
    facts = _facts(_name(served, index), _bundle_words(bundle))
    facts["index"] = f"generation {bundle.manifest.generation} of {bundle.manifest.created[:10]}"
    facts["confidence"] = "the index's own"
    return MeasuredRetriever(bundle.retriever, bundle.confidence, facts)


def met_retriever(
    faq: Path | None, index: Path | None, encoder: str | None, columns: FaqColumns
) -> Retriever:
    """Do what `measured_retriever` does where its confidence says nothing, and fit none."""
    _require_one(faq, index, encoder, columns)
    if encoder is not None:
        return Retriever.build(prepared_encoder(encoder), read_faq_option(faq, columns))
    return _served(faq, index, columns)[1].retriever


def measured_faq(
    faq: Path | None, index: Path | None, encoder: str | None, columns: FaqColumns
) -> MeasuredFaq:
    """Read a FAQ as it is now, with the encoder of the index that `chat` serves; makes no index."""
    _require_one(faq, index, encoder, columns)
    if index is not None:
        bundle = Bundle.open(index)
        words = _bundle_words(bundle, with_reader=False)
        return MeasuredFaq(
            bundle.entries, bundle.retriever.encoder, _facts(_name(None, index), words)
        )
    entries = read_faq_option(faq, columns)
    if encoder is None:
        from mundap.chatbot.home.home import Home
        from mundap.chatbot.settings import ChatSettings

        home = Home.of(ChatSettings.load(faq=faq))
        encoder = _retrieval_encoder(home.index, home.encoder)
    loaded = prepared_encoder(encoder)
    return MeasuredFaq(entries, loaded, _facts(_name(faq, None), encoder_words(encoder)))


def _retrieval_encoder(index: Path, trained: Path) -> str:
    """Return what loads the encoder of an index, or of one that would be built now."""
    try:
        found = EncoderStore(index).directory_of(Manifest.read(Generations(index).current()))
    except BundleError:
        found = None
    if found is None and trained.exists():
        found = trained
    return DEFAULT_ENCODER if found is None else str(found)


def _served(
    faq: Path | None, index: Path | None, columns: FaqColumns
) -> tuple[Path | None, Bundle]:
    """Open what visitors meet, made first where it is not yet, and return of which FAQ it is."""
    from mundap.chatbot.home.first_run import open_live
    from mundap.chatbot.settings import ChatSettings

    settings = ChatSettings.load(faq=faq)
    said(settings, columns)
    return settings.faq, open_live(settings, index).get()


def _built(faq: Path | None, encoder: str, columns: FaqColumns) -> MeasuredRetriever:
    from mundap.chatbot.home.bundled import bundled_far_queries
    from mundap.evaluation.fit.calibration import fit_confidence

    retriever = Retriever.build(prepared_encoder(encoder), read_faq_option(faq, columns))
    facts = _facts(_name(faq, None), f"{encoder_words(encoder)}; no pretrained encoder beside it")
    facts["confidence"] = "fitted as for a new index, never on these queries"
    return MeasuredRetriever(retriever, fit_confidence(retriever, far=bundled_far_queries()), facts)


def _require_one(
    faq: Path | None, index: Path | None, encoder: str | None, columns: FaqColumns
) -> None:
    """Raise BadParameter where an index stands beside what it holds already."""
    given = {"--faq": faq, "--encoder": encoder, "a column": columns.given() or None}
    for name, value in given.items():
        if index is not None and value is not None:
            raise typer.BadParameter(f"--index holds what {name} names. Leave one of them out.")


def _name(faq: Path | None, index: Path | None) -> str:
    if index is not None:
        return f"the FAQ of index {index}"
    return str(faq) if faq is not None else "the bundled FAQ"


def _facts(name: str, encoder: str) -> dict[str, str]:
    return {"FAQ": name, "date": date.today().isoformat(), "encoder": encoder}


def _bundle_words(bundle: Bundle, *, with_reader: bool = True) -> str:
    """Return the encoders of a bundle in words, of those that it is searched with."""
    directory = bundle.encoder_directory
    words = encoder_words(directory) if directory is not None else bundle.manifest.encoder[:16]
    if not with_reader or bundle.retriever.content is None:
        return words
    fingerprint = bundle.manifest.encoders[READING].fingerprint
    return f"{words}; beside it {encoder_words(EncoderStore(bundle.directory).path(fingerprint))}"
