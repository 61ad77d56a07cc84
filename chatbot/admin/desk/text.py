"""The words of the owner's page: a file for each screen, in `texts/`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from mundap.index.languages import Language

_FOLDER = Path(__file__).parents[1] / "texts"
_COLUMN: dict[Language, int] = {"ko": 0, "en": 1}


@cache
def words(screen: str, language: Language) -> Mapping[str, str]:
    """Return the words of a screen and of the frame around it, by their name.

    A file has a line for each: `name = ["한국어", "English"]`.
    """
    column = _COLUMN[language]
    said = _read("frame") | _read(screen)
    return {name: both[column] for name, both in said.items()}


@cache
def _read(screen: str) -> dict[str, list[str]]:
    path = _FOLDER / f"{screen}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
