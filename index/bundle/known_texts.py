"""What the current generation knows of texts, so that a rebuild works on new ones alone."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mundap.index.bundle.manifest import Manifest
from mundap.index.encoders.encoder import Encoder, PieceEncoder, Vectors
from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.name_candidates import load_candidates
from mundap.index.faq.passages.name_learning import NameLearning
from mundap.index.faq.passages.passage_words import PassageWords, load_words
from mundap.index.faq.passages.passages import Passages
from mundap.index.korean.morphemes import content_forms
from mundap.index.korean.names import Names
from mundap.index.progress import Advance
from mundap.index.search.content import ContentRetriever, KeptText
from mundap.index.search.retriever import Retriever

WORDS_FILE, NAMES_FILE = "passage_words.jsonl", "names.json"
# Of use to the next build alone, as the words.
CANDIDATES_FILE = "name_candidates.jsonl"
CONTENT_WORDS_FILE = "content/content_words.jsonl"
# Texts encoded between two calls of `advance`.
_BATCH = 512
# As many contents: each is read by a pretrained encoder, which takes a hundred times as long.
_READ = 32

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class KnownTexts:
    """Vectors, by the encoder that a new generation is built with, and words of texts."""

    vectors: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    words: Mapping[str, PassageWords] = field(default_factory=dict)
    # With which the words were found.
    learned: NameLearning = field(default_factory=NameLearning)
    # By the pretrained encoder: vectors of phrasings, and contents.
    phrasings: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    contents: Mapping[str, KeptText] = field(default_factory=dict)
    # The words of contents, which are most of what a FAQ says.
    content_words: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path, manifest: Manifest, retriever: Retriever) -> "KnownTexts":
        """Take over what lies in a generation that is open."""
        texts, vectors = retriever.passages.texts, retriever.dense.engine.vectors()
        words: list[PassageWords] = []
        learned = NameLearning()
        # Another analyser finds other words; an older version of ours kept none.
        if WORDS_FILE in manifest.files and manifest.versions == versions():
            with (path / WORDS_FILE).open(encoding="utf-8", newline="\n") as lines:
                words = load_words(lines)
            learned = read_names(path, manifest)
            if CANDIDATES_FILE in manifest.files:
                with (path / CANDIDATES_FILE).open(encoding="utf-8", newline="\n") as lines:
                    learned = replace(learned, texts=load_candidates(lines))
        known = cls(
            dict(zip(texts, vectors, strict=True)),
            dict(zip(texts, words, strict=False)),
            learned,
        )
        content = retriever.content
        if content is None:
            return known
        phrasings = dict(zip(texts, content.phrasings.engine.vectors(), strict=True))
        texts, vectors = content.contents.passages.texts, content.contents.engine.vectors()
        contents = {
            text: KeptText(vector, content.pieces.of_text(row))
            for row, (text, vector) in enumerate(zip(texts, vectors, strict=True))
        }
        content_words: list[list[str]] = []
        if CONTENT_WORDS_FILE in manifest.files and manifest.versions == versions():
            with (path / CONTENT_WORDS_FILE).open(encoding="utf-8", newline="\n") as lines:
                content_words = [json.loads(line) for line in lines]
        return replace(
            known,
            phrasings=phrasings,
            contents=contents,
            content_words=dict(zip(texts, content_words, strict=False)),
        )

    def words_alone(self) -> "KnownTexts":
        """Return what is known without vectors."""
        return replace(self, vectors={}, phrasings={}, contents={})

    def encode(self, passages: Passages, encoder: Encoder, advance: Advance) -> tuple[Vectors, int]:
        """Return vectors in row order and how many texts had to be encoded for them."""
        vectors, encoded = _completed(self.vectors, passages.texts, encoder.encode, advance, _BATCH)
        return np.stack(vectors).astype(np.float32), encoded

    def read(
        self,
        phrasings: Passages,
        encoder: PieceEncoder,
        names: Names,
        advance: Advance,
    ) -> ContentRetriever:
        """Return what a pretrained encoder makes of entries, reading new texts alone."""
        contents = Passages.with_answers(phrasings.entries)
        # Several processes want more of them at a time.
        read = max(_READ, getattr(encoder, "at_once", 0))
        kept, _ = _completed(self.contents, contents.texts, _reading(encoder), advance, read)
        vectors, _ = _completed(
            self.phrasings,
            phrasings.texts,
            encoder.encode_passages,
            lambda *_: None,
            max(_BATCH, read),
        )
        words = [
            self.content_words[text]
            if text in self.content_words and self._has_the_same_names(text, names)
            else content_forms(text, names)
            for text in contents.texts
        ]
        return ContentRetriever.of_read(
            encoder, (phrasings, contents), np.stack(vectors), kept, words, names
        )

    def learn_names(self, entries: Sequence[FaqEntry]) -> NameLearning:
        """Return the names of a FAQ, reading new texts and trying new words alone."""
        return NameLearning.of(entries, self.learned)

    def words_of(self, passages: Passages, names: Names) -> list[PassageWords]:
        """Return the words of each passage; a text with other names than before is read anew."""
        return [
            self.words[text]
            if text in self.words and self._has_the_same_names(text, names)
            else PassageWords.of(text, names)
            for text in passages.texts
        ]

    def _has_the_same_names(self, text: str, names: Names) -> bool:
        return self.learned.names.places(text) == names.places(text)


def _reading(encoder: PieceEncoder) -> Callable[[Sequence[str]], Sequence[KeptText]]:
    return lambda texts: [KeptText.of(text) for text in encoder.read_passages(texts)]


def _completed(
    known: Mapping[str, _Made],
    texts: Sequence[str],
    make: Callable[[Sequence[str]], Iterable[_Made]],
    advance: Advance,
    batch: int,
) -> tuple[list[_Made], int]:
    """Return what is made of each text, made for those alone that are new, and their number."""
    todo = [text for text in dict.fromkeys(texts) if text not in known]
    made = dict(known)
    for start in range(0, len(todo), batch):
        part = todo[start : start + batch]
        made.update(zip(part, make(part), strict=True))
        advance(start + len(part), len(todo))
    return [made[text] for text in texts], len(todo)


def read_names(path: Path, manifest: Manifest) -> NameLearning:
    """Return the names that a generation was built with; older versions of ours knew none."""
    if NAMES_FILE not in manifest.files:
        return NameLearning()
    return NameLearning.load((path / NAMES_FILE).read_text(encoding="utf-8"))


def versions() -> dict[str, str]:
    """Return the versions of what a bundle's files depend on."""
    names = ("faiss-cpu", "numpy", "kiwipiepy", "kiwipiepy_model")
    return {name: version(name) for name in names}
