"""Where settings come from: flags, then environment variables, then mundap.toml."""

import os
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from tomllib import TOMLDecodeError
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, TomlConfigSettingsSource
from pydantic_settings.exceptions import SettingsError as UnreadableSetting

FILE = "mundap.toml"
# Its settings have a table of the file; all others stand at the top.
API_TABLE = "api"
# Variables of ours that are no settings.
OTHER_VARIABLES = (
    "MUNDAP_DATA_DIR",
    "MUNDAP_DATA_URL",
    "MUNDAP_PROGRESS",
    "MUNDAP_ENDS_WITH_PARENT",
    "MUNDAP_MILVUS_TOKEN",
)


class SettingsError(ValueError):
    """A setting is unknown or has a value that cannot be used."""


class FileSettings(BaseSettings):
    """Settings of one part of the program; flags win over variables, and those over the file."""

    # The table of the file that holds them, or None for its top.
    table: ClassVar[str | None] = None
    # Settings of older versions -> what to do instead.
    gone: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def load(cls, **flags: Any) -> Self:
        """Return the settings; a flag that is None was not given.

        Raises SettingsError in one sentence, which names the first bad setting and never repeats
        a secret.
        """
        cls._require_known_variables()
        try:
            return cls(**{name: value for name, value in flags.items() if value is not None})
        except ValidationError as error:
            raise SettingsError(cls._complaint(error)) from None
        except TOMLDecodeError as error:
            raise SettingsError(f"{FILE}: {error}.") from None
        except UnreadableSetting as error:  # a variable that should hold JSON does not
            begun = cls.model_config.get("env_prefix")
            raise SettingsError(f"a variable {begun}... is to hold JSON: {error}.") from None

    @classmethod
    def _complaint(cls, refused: ValidationError) -> str:
        error = refused.errors()[0]
        place = [str(part) for part in error["loc"]]
        name = ".".join(filter(None, [cls.table, *place]))
        if error["type"] == "extra_forbidden" and place[-1] in cls.gone:
            return f"setting {name} is gone: {cls.gone[place[-1]]}"
        if error["type"] == "extra_forbidden":
            beside = f" and the table [{API_TABLE}]" if cls.table is None and not place[1:] else ""
            return f"setting {name} {_unknown(place[-1], _fields_at(cls, place[:-1]))}{beside}."
        # What is not to be shown may be a token.
        shown = f" = {error['input']!r}" if cls.model_fields[place[0]].repr else ""
        return f"setting {name}{shown}: {error['msg']}."

    @classmethod
    def _require_known_variables(cls) -> None:
        """Raise SettingsError for a variable that looks like a setting and is none."""
        prefix = cls.model_config.get("env_prefix", "")
        # A prefix may begin that of another part.
        others = () if cls.table is not None else (f"{prefix}{API_TABLE.upper()}_",)
        names = {name.upper(): name for name in cls.model_fields}
        for variable in sorted(os.environ):
            if not variable.startswith(prefix) or variable.startswith((*others, *OTHER_VARIABLES)):
                continue
            name = variable.removeprefix(prefix)
            if (instead := cls.gone.get(name.lower())) is not None:
                raise SettingsError(f"variable {variable} is gone: {instead} Unset it.")
            if name.partition("__")[0] not in names:
                raise SettingsError(
                    f"variable {variable} {_unknown(name, names)}, each after {prefix}. Unset it."
                )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources, the one that wins first."""
        return init_settings, env_settings, _Table(settings_cls, FILE, cls.table)


class _Table(TomlConfigSettingsSource):
    """One table of the file, or its top without the table of the API."""

    def __init__(self, settings: type[BaseSettings], file: str, table: str | None) -> None:
        self._table = table
        super().__init__(settings, file)

    def _read_file(self, file_path: Any) -> dict[str, Any]:
        values = super()._read_file(file_path)
        api = values.pop(API_TABLE, {})
        if self._table is None:
            return values
        if not isinstance(api, dict):
            raise SettingsError(f"{file_path}: {API_TABLE} is {api!r}; wanted a table, [api].")
        return api


def _unknown(met: str, names: Iterable[str]) -> str:
    """Say that a setting is unknown, which one was likely meant, and which there are."""
    likely = get_close_matches(met, names, n=1)
    meant = f" (did you mean {likely[0]}?)" if likely else ""
    return f"is unknown{meant}; the settings there are {', '.join(sorted(names))}"


def _fields_at(settings: type[BaseModel], place: list[str]) -> list[str]:
    """Return the names of the fields of a model, or of the one at `place` in it."""
    for name in place:
        inner = settings.model_fields[name].annotation
        assert isinstance(inner, type)
        assert issubclass(inner, BaseModel)
        settings = inner
    return list(settings.model_fields)
