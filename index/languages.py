"""The languages in which people are spoken to, by the page, by advice and by reports."""

from typing import Literal, get_args

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
