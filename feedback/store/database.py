"""The database under the store: SQLite in the home folder, or PostgreSQL."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from mundap.feedback.store.trouble import Trouble, trouble_of

# The newest of `migrations/versions`; a test holds them together.
HEAD = "0001"
_MIGRATIONS = Path(__file__).parent / "migrations"
# The store of a FAQ's own folder.
FILE = "store.sqlite"
# Seconds that a writer waits for another one, and for a server that does not answer.
_WAIT = 5
_SCHEMES = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


# Values that one statement asks for: databases bound its parameters.
AT_ONCE = 500
T = TypeVar("T")


class StoreError(ValueError):
    """The store cannot be used; the message says which, why, and how to mend it.

    `trouble` says what kind of reason it is.
    """

    def __init__(self, message: str, trouble: Trouble = "other") -> None:
        super().__init__(message)
        self.trouble: Trouble = trouble


class Database:
    """Connections to one store; any thread may ask for one.

    One that is `awaited` can be used once it is `connect`ed; until then asking raises the reason.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        # Who will write says so at once: one who reads first would be refused where another one
        # has written meanwhile.
        self._writing = engine.execution_options(begin="BEGIN IMMEDIATE")
        # What people know it by: a path, or a URL without the password.
        self.name = name
        # Why it cannot be used; None once it was connected.
        self.refusal: StoreError | None = StoreError(f"{name}: not connected yet.")
        # Nobody needs it any more.
        self.closed = threading.Event()
        self._to_do: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    @classmethod
    def open(cls, url: str) -> "Database":
        """Open a store, made or brought up to date if need be; raises StoreError."""
        database = cls(*_engine(url))
        database.connect()
        return database

    @classmethod
    def of(cls, url: str | None, directory: Path) -> "Database":
        """Open the store of a setting, or where there is none that of a FAQ's own folder."""
        database = cls.awaited(url, directory)
        database.connect()
        return database

    @classmethod
    def awaited(cls, url: str | None, directory: Path) -> "Database":
        """Return the store of a setting or a folder, which may not be there yet.

        Raises StoreError where none can ever be.
        """
        if url is not None:
            return cls(*_engine(url))
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{directory}: {error.strerror}; the store lies there.") from None
        return cls(*_engine(f"sqlite:///{directory / FILE}"))

    def connect(self) -> None:
        """Make the tables or bring them up to date if need be; raises StoreError."""
        if self.is_sqlite:
            _make_private(self._engine.url.database)
        try:
            self._bring_up_to_date()
        except StoreError as error:
            self.refusal = error
            self._engine.dispose()
            raise
        except BaseException:
            self._engine.dispose()
            raise
        with self._lock:
            self.refusal = None
            to_do, self._to_do = self._to_do, []
        for call in to_do:
            call()

    def when_connected(self, call: Callable[[], None]) -> None:
        """Call it now, or once it is connected, in the order of these calls; it raises nothing."""
        with self._lock:
            if self.refusal is not None:
                self._to_do.append(call)
                return
        call()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are kept, all or none; raises StoreError."""
        self._require()
        with self._changing() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection to read with; raises StoreError."""
        self._require()
        with self._looking() as connection:
            yield connection

    def clean_files(self, *tables: str) -> None:
        """Take out of the files what was deleted from `tables`; raises StoreError.

        SQLite has overwritten it there, but not in its write-ahead log. PostgreSQL writes the
        tables anew, which others wait for.
        """
        self._require()
        autocommit = self._engine.execution_options(isolation_level="AUTOCOMMIT", begin="SELECT 1")
        with self._named(), autocommit.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            else:
                connection.exec_driver_sql(f"VACUUM (FULL) {', '.join(tables)}")

    def close(self) -> None:
        """Close what is open."""
        self.closed.set()
        self._engine.dispose()

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file, which has one writer at a time."""
        return self._engine.dialect.name == "sqlite"

    def _require(self) -> None:
        """Raise StoreError at once where it cannot be used yet: nobody waits for a server."""
        if self.refusal is not None:
            raise StoreError(f"{self.refusal}", self.refusal.trouble)

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        with self._named(), self._writing.begin() as connection:
            yield connection

    @contextmanager
    def _looking(self) -> Iterator[Connection]:
        with self._named(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            trouble, reason = trouble_of(error)
            raise StoreError(f"{self.name}: {reason}", trouble) from error

    def _bring_up_to_date(self) -> None:
        with self._looking() as connection:
            version = _version(connection)
        if version == HEAD:
            # What cannot be written is better known now than with the first visitor.
            with self._changing():
                return
        if version is not None and version > HEAD:
            raise StoreError(
                f"{self.name}: a newer version of mundap made this store (its tables are "
                f"{version}, this version knows {HEAD}). Install that version, or name another "
                "store with MUNDAP_DATABASE_URL.",
                "newer",
            )
        # Alembic takes a quarter of a second, which every start but this one is spared.
        from alembic import command
        from alembic.config import Config

        config = Config(attributes={"configure_logger": False})
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        with self._changing() as connection:
            _wait_for_others(connection)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def in_parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield the values as many at a time as one statement may ask for."""
    for begin in range(0, len(values), AT_ONCE):
        yield values[begin : begin + AT_ONCE]


def _engine(url: str) -> tuple[Engine, str]:
    try:
        parsed = make_url(url)
        scheme = _SCHEMES[parsed.drivername]
    except (ArgumentError, KeyError):
        # It may hold a password.
        raise StoreError(
            "database_url (MUNDAP_DATABASE_URL) is no URL of a store; wanted "
            "postgresql://USER:PASSWORD@HOST/NAME or sqlite:////path/of/store.sqlite."
        ) from None
    parsed = parsed.set(drivername=scheme)
    if scheme == "sqlite":
        options: dict[str, Any] = {"connect_args": {"timeout": _WAIT}}
        name = parsed.database or "sqlite"
    else:
        # A connection that the server closed meanwhile is replaced before it is used.
        options = {"connect_args": {"connect_timeout": _WAIT}, "pool_pre_ping": True}
        name = parsed.render_as_string(hide_password=True)
    try:
        engine = create_engine(parsed, **options)
    except (ImportError, NoSuchModuleError):
        raise StoreError(
            f"{name}: PostgreSQL wants psycopg; `pip install 'mundap[postgresql]'`."
        ) from None
    if scheme == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine, name


def _make_private(path: str | None) -> None:
    """Make the file of a new store its owner's alone; what cannot be made, SQLite says."""
    if path:
        with suppress(OSError):
            Path(path).touch(mode=0o600)


def _prepare_sqlite(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    # Python's module would begin a transaction at the first change alone: what was read before
    # it would not belong to it.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    # Readers and one writer go on beside each other; what is committed is on the disk.
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    # What is deleted is overwritten: it may be what somebody wants forgotten.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _wait_for_others(connection: Connection) -> None:
    """Let one process at a time change the tables: two may start at once."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(77290)"))


def _version(connection: Connection) -> str | None:
    """Return the version of the tables; None where there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)
