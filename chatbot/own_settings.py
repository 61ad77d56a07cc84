"""What owners chose on their page, over what the service was started with; without a restart."""

import asyncio
import hashlib
import logging
from base64 import b64decode
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from mundap.chatbot.bot import Bot
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.settings import ChatSettings
from mundap.feedback.owners.chosen_settings import choose_settings, chosen_settings
from mundap.feedback.store.database import Database, StoreError

_LOG = logging.getLogger("mundap.admin")
# Seconds between two looks at what was chosen in another process.
_LOOK_EVERY = 0.5
TARGET = "target_accuracy"
LOGO = "page.logo"
# Parts of the settings whose fields an owner may choose, as "page.colour"; beside them "title".
PARTS = ("page", "contact", "texts_ko", "texts_en")
# Answers are right as often as the probability says, and less than half right is no answer.
LEAST_TARGET, MOST_TARGET = 0.5, 0.99
_LOGO_KINDS = {b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg", b"RIFF": ".webp"}


class ChoiceError(ValueError):
    """A value cannot be used; `names` are the settings it was for."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {why}" for name, why in names.items()))
        self.names = dict(names)


class OwnSettings:
    """Holds the settings as they are now, and puts them where they count."""

    def __init__(
        self,
        given: ChatSettings,
        database: Database | None,
        live: LiveBundle,
        bot: Bot,
        dress: Callable[[ChatSettings], None],
    ) -> None:
        """`dress` gives the page the words and the look of settings."""
        self.given = given
        self.now = given
        self.target: float | None = None
        self._database, self._live, self._bot, self._dress = database, live, bot, dress

    def load(self) -> None:
        """Put what was chosen where it counts, now or once the store can be used.

        What no longer can be used is left out.
        """
        if self._database is not None:
            self._database.when_connected(self._load)

    def _load(self) -> None:
        assert self._database is not None
        try:
            chosen = chosen_settings(self._database)
        except StoreError as error:
            _LOG.error("%s What owners chose is not in use.", error)
            return
        for name in list(chosen):
            try:
                merged(self.given, {name: chosen[name]})
            except ChoiceError:
                del chosen[name]
        self._use(chosen)

    async def follow(self) -> None:
        """Put what is chosen in another process where it counts, for as long as this runs."""
        seen: dict[str, Any] | None = None
        while self._database is not None:
            await asyncio.sleep(_LOOK_EVERY)
            with suppress(StoreError):  # the store says so itself
                found = await asyncio.to_thread(self.chosen)
                if found != seen:
                    seen = found
                    self.load()

    def chosen(self) -> dict[str, Any]:
        """Return what was chosen, by the name of the setting."""
        return {} if self._database is None else chosen_settings(self._database)

    def choose(self, values: Mapping[str, Any], owner: str) -> None:
        """Keep values, None for the file's own, and use them from now on; raises ChoiceError."""
        assert self._database is not None
        known = {name: value for name, value in self.chosen().items() if name not in values}
        known |= {name: value for name, value in values.items() if value is not None}
        merged(self.given, known)
        choose_settings(self._database, values, owner)
        self._use(known)

    def _use(self, chosen: Mapping[str, Any]) -> None:
        self.now = merged(self.given, chosen)
        self.target = chosen.get(TARGET)
        self._bot.settings = self.now
        self._live.answer_from(self.target)
        self._dress(self.now)


def merged(given: ChatSettings, chosen: Mapping[str, Any]) -> ChatSettings:
    """Return settings with what was chosen in their place; raises ChoiceError."""
    wrong: dict[str, str] = {}
    update: dict[str, Any] = {}
    target = chosen.get(TARGET)
    if target is not None and not (
        isinstance(target, float) and LEAST_TARGET <= target <= MOST_TARGET
    ):
        wrong[TARGET] = f"wanted {LEAST_TARGET} to {MOST_TARGET}"
    if (title := chosen.get("title")) is not None:
        if not isinstance(title, str) or not 0 < len(title) <= 60:
            wrong["title"] = "wanted 1 to 60 characters"
        update["title"] = title
    for part in PARTS:
        held: BaseModel = getattr(given, part)
        fields = {
            name.partition(".")[2]: value
            for name, value in chosen.items()
            if name.startswith(f"{part}.")
        }
        try:
            if (logo := fields.get("logo")) is not None:
                fields["logo"] = _logo_file(given.home, logo)
            # Not to be taken apart: a field that the file set stays as it is.
            update[part] = type(held).model_validate({**_values(held), **fields})
        except ValidationError as error:
            wrong |= {
                f"{part}.{e['loc'][0]}" if e["loc"] else part: e["msg"] for e in error.errors()
            }
        except ValueError as error:
            wrong[LOGO] = str(error)
    if wrong:
        raise ChoiceError(wrong)
    return given.model_copy(update=update)


def logo_of(content: bytes) -> str | None:
    """Return how the name of an image file with this content ends; None where it is none of ours.

    A drawing (SVG) may hold scripts, so that only who keeps the settings file may use one.
    """
    return next((kind for begun, kind in _LOGO_KINDS.items() if content.startswith(begun)), None)


def _logo_file(home: Path, encoded: str) -> Path:
    content = b64decode(encoded, validate=True)
    kind = logo_of(content)
    if kind is None:
        raise ValueError("wanted a PNG, JPEG or WebP image")
    path = home / f"logo-{hashlib.sha256(content).hexdigest()[:12]}{kind}"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return path


def _values(model: BaseModel) -> dict[str, Any]:
    return {name: getattr(model, name) for name in type(model).model_fields}
