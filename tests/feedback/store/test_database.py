import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from mundap.feedback.store import database as database_file
from mundap.feedback.store.database import HEAD, Database, StoreError
from mundap.feedback.store.tables import METADATA, exchanges
from tests.store_rows import rows

ROOT = Path(__file__).resolve().parents[3]


def child(code: str, *arguments: str) -> "subprocess.Popen[str]":
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=ROOT, text=True, **pipes)


def test_migrations_make_the_tables_as_they_are_declared(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "target_metadata": METADATA}
        )
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_revision() == HEAD


def test_the_newest_migration_is_the_one_that_the_store_knows() -> None:
    folder = Path(database_file.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == HEAD


def test_a_store_without_tables_gets_them(url: str) -> None:
    """As one that an administrator made, or of which the first start did not come far."""
    first = Database.open(url)
    with first.writing() as connection:
        METADATA.drop_all(connection)
        connection.execute(text("DELETE FROM alembic_version"))
    first.close()
    second = Database.open(url)
    assert rows(second, exchanges) == []
    second.close()


def test_a_store_of_a_newer_version_is_refused(url: str) -> None:
    database = Database.open(url)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(StoreError, match=r"a newer version of mundap .* 9999, .* knows 0001"):
        Database.open(url)


@pytest.mark.slow
def test_processes_that_start_at_once_make_the_tables_once(url: str) -> None:
    code = """
import sys
from mundap.feedback.store.database import Database
Database.open(sys.argv[1]).close()
"""
    started = [child(code, url) for _ in range(4)]
    assert [(*process.communicate(), process.returncode) for process in started] == [
        ("", "", 0)
    ] * 4
    database = Database.open(url)
    with database.reading() as connection:
        assert set(METADATA.tables) <= set(inspect(connection).get_table_names())
    database.close()


def test_a_start_with_the_tables_there_imports_no_alembic(url: str) -> None:
    Database.open(url).close()
    code = """
import sys
from mundap.feedback.store.database import Database
Database.open(sys.argv[1]).close()
print("alembic" in sys.modules)
"""
    assert child(code, url).communicate() == ("False\n", "")


@pytest.mark.slow
def test_two_processes_that_write_lose_nothing(url: str) -> None:
    Database.open(url).close()
    code = """
import sys
from mundap.feedback.store.database import Database
from mundap.feedback.exchanges.exchanges import Exchanges
from dataclasses import replace
from tests.feedback.an_exchange import UP, an_exchange
database = Database.open(sys.argv[1])
store = Exchanges(database)
for number in range(1500):
    name = f"{sys.argv[2]}-{number}"
    store.add(an_exchange(request_id=name))
    store.react(replace(UP, request_id=name), "a")
store.close()
print(store.recorded, store.dropped)
"""
    started = [child(code, url, name) for name in "ab"]
    assert [process.communicate() for process in started] == [("3000 0\n", "")] * 2
    database = Database.open(url)
    kept = sorted(row["request_id"] for row in rows(database, exchanges))
    assert kept == sorted(f"{name}-{number}" for name in "ab" for number in range(1500))
    database.close()


def test_a_new_store_is_its_owners_alone(tmp_path: Path) -> None:
    database = Database.of(None, tmp_path / "home")
    files = list((tmp_path / "home").iterdir())
    assert {file.name: file.stat().st_mode & 0o777 for file in files} == {
        f"store.sqlite{end}": 0o600 for end in ("", "-wal", "-shm")
    }
    database.close()


def test_what_is_no_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    path.write_bytes(b"something else altogether" * 100)
    with pytest.raises(StoreError, match=r"store\.sqlite: file is not a database\. It is damaged"):
        Database.of(None, tmp_path)
    assert path.read_bytes() == b"something else altogether" * 100


def test_a_damaged_store_is_refused(tmp_path: Path) -> None:
    Database.of(None, tmp_path).close()
    path = tmp_path / "store.sqlite"
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * 4000 + whole[4100:])
    with pytest.raises(StoreError, match=r"malformed.*\. It is damaged: put a copy of yours"):
        Database.of(None, tmp_path)


def test_a_store_that_another_process_holds_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_file, "_WAIT", 0.1)
    first = Database.of(None, tmp_path)
    with first.writing(), pytest.raises(StoreError, match=r"is locked\. Another process holds it"):
        Database.of(None, tmp_path)
    first.close()


def test_a_store_that_cannot_be_written_is_refused() -> None:
    # Root may write everywhere, so the child gives its rights up, once all is imported.
    code = """
import os, sys
from pathlib import Path
from mundap.feedback.store.database import Database, StoreError
Database.open("sqlite://").close()
if os.geteuid() == 0:
    os.seteuid(65534)
try:
    Database.of(None, Path(sys.argv[1]))
except StoreError as error:
    print(error)
"""
    with TemporaryDirectory() as name:
        folder = Path(name)
        Database.of(None, folder).close()
        (folder / "store.sqlite").chmod(0o444)
        folder.chmod(0o555)
        said, errors = child(code, name).communicate()
    assert errors == ""
    wanted = (
        r"\S+store\.sqlite: .*(readonly|unable to open).*\. The file or its folder cannot be .*\n"
    )
    assert re.fullmatch(wanted, said)


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    url = "postgresql://mundap:geheim@127.0.0.1:1/store"
    with pytest.raises(StoreError, match="Is the server of the database running") as refused:
        Database.open(url)
    assert str(refused.value).startswith("postgresql+psycopg://mundap:***@127.0.0.1:1/store: ")
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize("url", ["", "store", "mysql://a:geheim@b/c", "sqlite+x:///a"])
def test_what_is_no_url_of_a_store_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(StoreError, match="is no URL of a store; wanted postgresql://") as refused:
        Database.open(url)
    assert "geheim" not in str(refused.value)
