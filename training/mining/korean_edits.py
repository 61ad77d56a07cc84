"""Sentences that look like a given one and mean something else, one of each kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from mundap.index.encoders.encoder import Encoder
from mundap.training.mining.edits.negation import change_negation
from mundap.training.mining.edits.predicate import change_predicate
from mundap.training.mining.edits.sentence import Sentence
from mundap.training.mining.edits.subject import Subjects
from mundap.training.mining.edits.tense import change_tense

EditKind = Literal["tense", "subject", "predicate", "negation"]
EDIT_KINDS: tuple[EditKind, ...] = get_args(EditKind)


@dataclass(frozen=True, slots=True)
class Edit:
    """An edited text and what was changed in it."""

    kind: EditKind
    text: str


class KoreanEdits:
    """Edits texts of one collection; subjects are exchanged for others found in it."""

    def __init__(self, sentences: dict[str, Sentence], subjects: Subjects) -> None:
        self._sentences = sentences
        self._subjects = subjects

    @classmethod
    def of(cls, texts: Sequence[str], encoder: Encoder) -> "KoreanEdits":
        """Analyse the texts, each once."""
        sentences = {text: Sentence.of(text) for text in texts}
        return cls(sentences, Subjects.of(sentences.values(), encoder))

    def edit(self, text: str) -> list[Edit]:
        """Return up to one edit of each kind, in the order of EDIT_KINDS.

        A phrase without a verb, and a text that the analysis does not give back as typed
        (a slip of the keyboard), may have none.
        """
        sentence = self._sentences.get(text) or Sentence.of(text)
        found: dict[EditKind, str | None] = {
            "tense": change_tense(sentence),
            "subject": self._subjects.change(sentence),
            "predicate": change_predicate(sentence),
            "negation": change_negation(sentence),
        }
        return [Edit(kind, edited) for kind, edited in found.items() if edited is not None]
