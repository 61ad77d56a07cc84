"""Where settings come from: flags, then environment variables, then mundap.toml."""

from tomllib import TOMLDecodeError
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, TomlConfigSettingsSource
from pydantic_settings.exceptions import SettingsError as UnreadableSetting

FILE = "mundap.toml"
# Its settings have a table of the file; all others stand at the top.
API_TABLE = "api"


class SettingsError(ValueError):
    """A setting is unknown or has a value that cannot be used."""


class FileSettings(BaseSettings):
    """Settings of one part of the program; flags win over variables, and those over the file."""

    # The table of the file that holds them, or None for its top.
    table: ClassVar[str | None] = None

    @classmethod
    def load(cls, **flags: Any) -> Self:
        """Return the settings; a flag that is None was not given.

        Raises SettingsError in one sentence, which names the first bad setting and never repeats
        a secret.
        """
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
        if error["type"] == "extra_forbidden":
            known = ", ".join(sorted(_fields_at(cls, place[:-1])))
            return f"setting {name} is unknown; the settings there are {known}."
        # What is not to be shown may be a token.
        shown = f" = {error['input']!r}" if cls.model_fields[place[0]].repr else ""
        return f"setting {name}{shown}: {error['msg']}."

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


def _fields_at(settings: type[BaseModel], place: list[str]) -> list[str]:
    """Return the names of the fields of a model, or of the one at `place` in it."""
    for name in place:
        inner = settings.model_fields[name].annotation
        assert isinstance(inner, type)
        assert issubclass(inner, BaseModel)
        settings = inner
    return list(settings.model_fields)
