"""Debian's PostgreSQL, started for the tests in a folder of its own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text

# It refuses to be root's.
_USER = "postgres"
# Nothing here has to outlive a power cut.
_OPTIONS = (
    "-c fsync=off -c full_page_writes=off -c listen_addresses='' "
    "-c shared_buffers=64MB -c max_connections=50"
)
_NUMBERS = count()


def installed() -> Path | None:
    """Return the folder of PostgreSQL's programs, the newest version's; None without one."""
    if (found := shutil.which("initdb")) is not None:
        return Path(found).resolve().parent
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    return max(folders, key=lambda path: int(path.parent.name), default=None)


@dataclass(frozen=True)
class Postgres:
    """A running server, reached over a socket in its own folder."""

    binaries: Path
    folder: Path
    options: str = ""

    @classmethod
    @contextmanager
    def started(cls, binaries: Path, options: str = "") -> Iterator["Postgres"]:
        """Start a server and stop it at the end of the block; `options` are more of `postgres`."""
        # The path of a socket has 107 characters at most, and pytest's folders are long.
        place = os.environ.get("PYTEST_DEBUG_TEMPROOT")
        with tempfile.TemporaryDirectory(prefix="pg-", dir=place) as folder:
            server = cls(binaries, Path(folder), options)
            if os.geteuid() == 0:
                shutil.chown(folder, _USER)
            server._run("initdb", "-D", server.data, "-U", _USER, "-A", "trust", "-N", "-E", "UTF8")
            server.start()
            try:
                yield server
            finally:
                server.stop()

    @property
    def data(self) -> str:
        """The folder of its files."""
        return f"{self.folder}/data"

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        options = f"{_OPTIONS} {self.options} -k {self.folder}"
        log = f"{self.folder}/log"
        self._run("pg_ctl", "-D", self.data, "-o", options, "-l", log, "-w", "start")

    def stop(self) -> None:
        """Stop it at once; connections are cut off."""
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")

    def new_database(self) -> str:
        """Make an empty database, of some hundred files, and return its URL."""
        return self._url(self._new("DATABASE"), "postgresql")

    def new_schema(self) -> str:
        """Make an empty schema, and return the URL of the database where it is all one sees."""
        schema = self._new("SCHEMA")
        return f"{self._url(_USER, 'postgresql')}&options=-csearch_path%3D{schema}"

    def _new(self, kind: str) -> str:
        name = f"store_{next(_NUMBERS)}"
        engine = create_engine(self._url(_USER, "postgresql+psycopg"))
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text(f"CREATE {kind} {name}"))
        engine.dispose()
        return name

    def _url(self, database: str, scheme: str) -> str:
        return f"{scheme}://{_USER}@/{database}?host={self.folder}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / program), *arguments]
        user = pwd.getpwnam(_USER).pw_uid if os.geteuid() == 0 else None
        done = subprocess.run(
            command, user=user, cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
