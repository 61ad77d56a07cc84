"""What an owner may change about the page: its words and look, and how people are reached."""

import re
from base64 import b64encode
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

_Telephone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 .()-]{1,30}$")]
_Mail = Annotated[str, StringConstraints(pattern=r"^[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+$")]
_Link = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$")]
_KINDS = {
    ".svg": "svg+xml",
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".webp": "webp",
}
# Bytes; it is a part of every page.
_LOGO = 64 * 1024
# Of white letters on the colour, as WCAG 2.2 AA wants it.
_CONTRAST = 4.5


class Contact(BaseModel):
    """How a visitor reaches people; what is None is not shown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    telephone: _Telephone | None = None
    email: _Mail | None = None
    # A page of the owner's, such as its help desk or its chat with people.
    link: _Link | None = None
    # Where a visitor may write.
    form: _Link | None = None
    # When somebody is there, such as 평일 9~18시.
    hours: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it is known."""
        return not any(self.model_dump().values())


class PageSettings(BaseModel):
    """Words, look and manners of the page; None is what the page says by itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # Under the title, and over the starter questions; in English where the visitor reads that.
    subtitle: str | None = None
    subtitle_en: str | None = None
    greeting: str | None = None
    greeting_en: str | None = None
    # Questions to begin with; none: one of each category.
    starters: tuple[str, ...] = ()
    starters_en: tuple[str, ...] = ()
    colour: Annotated[str, StringConstraints(pattern="^#[0-9a-fA-F]{6}$")] = "#4f46e5"
    # An image file, beside the title and in the browser's tab.
    logo: Path | None = None
    # "왜 이 답인가요?" and percentages, for owners and engineers.
    reasons: bool = False
    # The tab 문장 비교.
    similarity_tab: bool = False
    # A conversation outlives a reload in the visitor's browser, until its tab is closed.
    keep_conversation: bool = True
    # Hosts from which answers may show images.
    image_hosts: tuple[str, ...] = Field(default=())

    @field_validator("colour")
    @classmethod
    def _is_dark(cls, colour: str) -> str:
        contrast = 1.05 / (_luminance(colour) + 0.05)
        if contrast < _CONTRAST:
            raise ValueError(
                f"white letters on it have a contrast of {contrast:.1f}; wanted {_CONTRAST} or "
                "more, so a darker colour"
            )
        return colour

    @field_validator("logo")
    @classmethod
    def _is_image(cls, logo: Path | None) -> Path | None:
        if logo is not None:
            if logo.suffix.lower() not in _KINDS:
                raise ValueError(f"wanted a file that ends with {', '.join(_KINDS)}")
            if not logo.is_file():
                raise ValueError("there is no such file")
            if logo.stat().st_size > _LOGO:
                raise ValueError(f"it has {logo.stat().st_size:,} bytes; wanted {_LOGO:,} or fewer")
        return logo

    def logo_address(self) -> str | None:
        """Return the logo as a data address, so that a page fetches it from nowhere."""
        if self.logo is None:
            return None
        content = b64encode(self.logo.read_bytes()).decode("ascii")
        return f"data:image/{_KINDS[self.logo.suffix.lower()]};base64,{content}"


def _luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb, as WCAG defines it."""
    parts = [int(part, 16) / 255 for part in re.findall("[0-9a-fA-F]{2}", colour)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
