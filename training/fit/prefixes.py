"""What the texts of a lesson begin with: as searching would read them."""

from collections.abc import Iterator, Mapping
from typing import get_args

from sentence_transformers import SentenceTransformer

from mundap.index.encoders.prefixes import Side
from mundap.index.encoders.sentence_encoder import prefix_of
from mundap.training.objectives.objective import Lesson

# Columns of what is found; every other holds what is asked for, or one of two equals.
_FOUND = ("positive", "negative", "other")


def text_columns(lesson: Lesson) -> list[str]:
    """Return the columns that hold texts; labels may be lists."""
    features = lesson.dataset.features.items()
    return [name for name, feature in features if getattr(feature, "dtype", None) == "string"]


def column_prefixes(
    transformer: SentenceTransformer, lessons: Mapping[str, Lesson]
) -> dict[str, dict[str, str]]:
    """Return the prefix of each column of texts that has one, lesson by lesson."""
    query, passage = (prefix_of(transformer, side) for side in get_args(Side))
    return {
        name: {
            column: prefix
            for column in text_columns(lesson)
            if (prefix := passage if column.startswith(_FOUND) else query)
        }
        for name, lesson in lessons.items()
    }


def prefixed_texts(
    transformer: SentenceTransformer, lessons: Mapping[str, Lesson]
) -> Iterator[str]:
    """Yield every text of every lesson as the transformer reads it."""
    prefixes = column_prefixes(transformer, lessons)
    for name, lesson in lessons.items():
        for column in text_columns(lesson):
            prefix = prefixes[name].get(column, "")
            yield from (f"{prefix}{text}" for text in lesson.dataset[column])
