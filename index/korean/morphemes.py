"""Korean morphological analysis: the only module that imports kiwipiepy."""

import os
import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mundap.index.korean.names import NO_NAMES, Names, Places
from mundap.index.korean.text import clean

if TYPE_CHECKING:
    from kiwipiepy import Kiwi, Token

# Morphemes that carry what a question is about: nouns, verbs, adjectives, roots, adverbs,
# words in other scripts and numbers. Particles, endings and symbols do not.
CONTENT_TAGS = frozenset({"NNG", "NNP", "NNB", "NR", "VV", "VA", "XR", "MAG", "SL", "SN", "SH"})

# Ids below this stand for a whole tag ("some unknown noun"), not for one morpheme.
FIRST_MORPHEME_ID = 99
# Morphemes with an embedding; what the dictionaries add has larger ids and none.
MORPHEME_COUNT = 70_488

# An analysis may be asked for by several request threads; Kiwi gives no promise about that.
_LOCK = threading.Lock()

# What `analysed_ahead` has found and nobody has asked for yet.
_AHEAD: dict[str, "list[Token]"] = {}


@dataclass(frozen=True, slots=True)
class Morpheme:
    """One morpheme: its form, part-of-speech tag (Sejong set) and id in Kiwi's dictionary."""

    form: str
    tag: str
    id: int

    @property
    def is_content(self) -> bool:
        """Whether it carries meaning of its own."""
        return self.tag in CONTENT_TAGS

    @property
    def headword(self) -> str:
        """The form that a dictionary lists: 오다 for the 오 of 와요."""
        return f"{self.form}다" if self.tag in {"VV", "VA"} else self.form


@dataclass(frozen=True, slots=True)
class Span:
    """Where a morpheme stands in a text; morphemes that one syllable holds together overlap."""

    tag: str
    start: int
    end: int
    # Logarithm of its probability after what precedes it, by the language model.
    score: float
    # Whether the dictionary has it; a word that nobody knows is "some noun".
    is_known: bool


def analyse(text: str, names: Names = NO_NAMES) -> list[Morpheme]:
    """Return the morphemes of `text` in order, forms in lower case; `names` are one each."""
    text = clean(text)
    return list(_analyse(text, names.places(text)))


# Vectors and words each analyse the query: the second time costs nothing.
@lru_cache(maxsize=256)
def _analyse(text: str, names: Places) -> tuple[Morpheme, ...]:
    return tuple(map(_morpheme, _tokens(text, names)))


@dataclass(frozen=True, slots=True)
class PlacedMorpheme:
    """One morpheme as the analyser has it, with its place in the text, so that it can be edited.

    `tag` keeps "-I" and "-R" (irregular, regular): `join` conjugates by them. `word` counts
    the words between spaces from 0.
    """

    form: str
    tag: str
    start: int
    end: int
    word: int


def place(text: str) -> list[PlacedMorpheme]:
    """Return the morphemes of a clean text in order; places count its characters."""
    return [
        PlacedMorpheme(t.form, t.tag, t.start, t.end, t.word_position) for t in _tokens(text, ())
    ]


def join(morphemes: Sequence[tuple[str, str, bool]]) -> str:
    """Write morphemes (form, tag, whether a space stands before) as one conjugated text.

    Particles and endings take the shape that what stands before them asks for.
    """
    with _LOCK:
        joined: str = _kiwi().join(morphemes)
    return joined.strip()


def likelihood(text: str) -> float:
    """Return the logarithm of how likely the analyser's language model finds `text`."""
    with _LOCK:
        found: float = _kiwi().analyze(clean(text), top_n=1)[0][1]
    return found


def spans(text: str) -> list[Span]:
    """Return where each morpheme of the clean `text` stands, in order."""
    return list(map(_span, _tokens(text, ())))


def analyse_and_place(text: str, names: Names = NO_NAMES) -> tuple[list[Morpheme], list[Span]]:
    """Return what `analyse` and `spans` do of a clean text, from one analysis."""
    places = names.places(text)
    return list(_analyse(text, places)), list(map(_span, _tokens(text, places)))


def analysed_ahead(texts: Sequence[str]) -> Generator[str, None, None]:
    """Yield clean texts in order; threads beside this one have analysed each and are at the next.

    What comes of it is known as long as of any text: until 256 others were asked for.
    """
    if _loaded_in() != os.getpid():  # a fork has the analyser, but none of its threads
        yield from texts
        return
    for text, tokens in zip(texts, _kiwi().tokenize(texts), strict=True):
        _AHEAD[text] = tokens
        _tokens(text, ())
        _AHEAD.pop(text, None)  # where it was known already
        yield text


def content_morphemes(text: str, names: Names = NO_NAMES) -> list[Morpheme]:
    """Return the content morphemes of `text`, in order, repeats kept."""
    return [morpheme for morpheme in analyse(text, names) if morpheme.is_content]


def content_forms(text: str, names: Names = NO_NAMES) -> list[str]:
    """Return the forms of `content_morphemes`."""
    return [morpheme.form for morpheme in content_morphemes(text, names)]


def dictionary_version() -> str:
    """Name the dictionary that gives morphemes their ids; ids of two versions do not mix."""
    return f"kiwipiepy_model {version('kiwipiepy_model')}"


def similarities(anchors: Sequence[int]) -> NDArray[np.float32]:
    """Return the cosine of every morpheme's embedding with that of each anchor id.

    Shape (len(anchors), MORPHEME_COUNT).
    """
    rows = np.zeros((len(anchors), MORPHEME_COUNT), dtype=np.float32)
    for row, anchor in zip(rows, anchors, strict=True):
        similar = _kiwi().most_similar_morphemes(int(anchor), top_n=MORPHEME_COUNT)
        ids = np.fromiter((item.id for item in similar), dtype=np.int64)
        row[ids] = np.fromiter((item.score for item in similar), dtype=np.float32)
        row[anchor] = 1.0  # the list gives the anchor itself a marker far below -1
    return rows


# While an index is built vectors and words each want the tokens of a passage.
@lru_cache(maxsize=256)
def _tokens(text: str, names: Places) -> "list[Token]":
    if not names and (ahead := _AHEAD.pop(text, None)) is not None:
        return ahead
    # Given with each text: all FAQs, which have names of their own, share one analyser of 220 MB.
    with _LOCK:
        tokens: list[Token] = _kiwi().tokenize(text, pretokenized=[*names] or None)
    return tokens


def _morpheme(token: "Token") -> Morpheme:
    # "VV-I" and "VV-R" tell irregular from regular verbs; the tag set of ours does not.
    return Morpheme(token.form.lower(), token.tag.partition("-")[0], token.id)


def _span(token: "Token") -> Span:
    is_known = token.id >= FIRST_MORPHEME_ID
    return Span(token.tag.partition("-")[0], token.start, token.end, token.score, is_known)


@lru_cache(maxsize=1)
def _loaded_in() -> int:
    """Return the process that loaded the analyser, or is about to."""
    return os.getpid()


@lru_cache(maxsize=1)
def _kiwi() -> "Kiwi":
    # Its allocator else keeps 30 MB that it has no more use for; it reads this as it loads.
    os.environ.setdefault("MIMALLOC_PURGE_DELAY", "0")
    from kiwipiepy import Kiwi

    # Workers are for `analysed_ahead`: two give one thread of Python as much as it can read. The
    # two extra dictionaries (names of works, foreign names) take 250 MB and did not change
    # retrieval accuracy.
    _loaded_in()
    return Kiwi(num_workers=2, load_multi_dict=False, load_default_dict=False)
