"""Who may open the owner's page, and for how long."""

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from threading import Semaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, insert, select, update

from mundap.feedback.owners.deeds import COMMAND_LINE, record
from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import owners, sessions

# Characters. Attempts are limited, so what is guessed from a list of usual ones is what matters.
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 256
LONGEST_NAME = 64
# A working day.
SESSION = timedelta(hours=12)
# What OWASP asks for at least: 19 MiB for a few dozen milliseconds, which a serving process can
# spare. argon2's own 64 MiB it cannot.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Passwords hashed at once, so that a flood of attempts takes no more memory than that.
_HASHING = Semaphore(2)


class OwnerError(ValueError):
    """A name or a password cannot be used, or an owner is unknown; the message says why."""


@dataclass(frozen=True, slots=True)
class Session:
    """An owner who has logged in; `csrf` is what every form of this session holds."""

    owner: str
    expires: datetime
    csrf: str


class Owners:
    """The owners of one store and their sessions; any thread may ask. Raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def names(self) -> list[str]:
        """Return the names of all owners, in their order."""
        with self._database.reading() as connection:
            return list(connection.scalars(select(owners.c.name).order_by(owners.c.name)))

    def exist(self) -> bool:
        """Return whether there is any owner."""
        with self._database.reading() as connection:
            return connection.scalar(select(owners.c.name).limit(1)) is not None

    def add(self, name: str, password: str, by: str = COMMAND_LINE) -> str:
        """Add an owner and return the name as it is kept; raises OwnerError."""
        name, hashed = _named(name), _hashed(password)
        with self._database.writing() as connection:
            if _hash_of(connection, name) is not None:
                raise OwnerError(
                    f"{name} is an owner already; `mundap owner password {name}` sets a new "
                    "password."
                )
            values = {"name": name, "password_hash": hashed, "created": datetime.now(UTC)}
            connection.execute(insert(owners).values(values))
            record(connection, by, "owner_added", {"name": name})
        return name

    def remove(self, name: str, by: str = COMMAND_LINE) -> None:
        """Remove an owner and end every session of that name; raises OwnerError."""
        with self._database.writing() as connection:
            name = self._known(connection, name)
            connection.execute(delete(sessions).where(sessions.c.owner == name))
            connection.execute(delete(owners).where(owners.c.name == name))
            record(connection, by, "owner_removed", {"name": name})

    def set_password(self, name: str, password: str, by: str = COMMAND_LINE) -> None:
        """Set another password and end every session of that name; raises OwnerError."""
        hashed = _hashed(password)
        with self._database.writing() as connection:
            name = self._known(connection, name)
            same = owners.c.name == name
            connection.execute(update(owners).where(same).values(password_hash=hashed))
            connection.execute(delete(sessions).where(sessions.c.owner == name))
            record(connection, by, "password_changed", {"name": name})

    def change_password(self, name: str, old: str, new: str, token: str) -> bool:
        """Set another password where the old one is right, and end every session but `token`.

        Returns whether it was right; raises OwnerError where the new one cannot be used.
        """
        with self._database.reading() as connection:
            held = _hash_of(connection, name)
        if held is None or not _is_right(held, old):
            with self._database.writing() as connection:
                record(connection, name, "password_refused")
            return False
        hashed = _hashed(new)
        same, others = owners.c.name == name, sessions.c.digest != _digest(token)
        with self._database.writing() as connection:
            if _hash_of(connection, name) != held:  # somebody else has set one meanwhile
                return False
            connection.execute(update(owners).where(same).values(password_hash=hashed))
            connection.execute(delete(sessions).where(sessions.c.owner == name, others))
            record(connection, name, "password_changed", {"name": name})
        return True

    def require(self, name: str) -> None:
        """Raise OwnerError unless there is an owner of that name."""
        with self._database.reading() as connection:
            self._known(connection, name)

    def log_in(self, name: str, password: str, before: str | None = None) -> str | None:
        """Begin a session and return what the browser is to hold; None where it is refused.

        A session is always a new one: `before`, what the browser held, ends. A name that is
        unknown takes as long as a wrong password.
        """
        name, now = unicodedata.normalize("NFC", name.strip()), datetime.now(UTC)
        with self._database.reading() as connection:
            held = _hash_of(connection, name)
        is_right = _is_right(held or _nobody(), password)
        with self._database.writing() as connection:
            if held is None or _hash_of(connection, name) != held:
                return None
            if not is_right:
                record(connection, name, "log_in_refused")
                return None
            if _HASHER.check_needs_rehash(held):
                values = {"password_hash": _hashed(password)}
                connection.execute(update(owners).where(owners.c.name == name).values(values))
            connection.execute(delete(sessions).where(sessions.c.expires <= now))
            _end(connection, before)
            token = secrets.token_urlsafe(32)
            begun = {"digest": _digest(token), "owner": name}
            times = {"created": now, "expires": now + SESSION}
            connection.execute(insert(sessions).values(begun | times))
            record(connection, name, "log_in")
        return token

    def log_out(self, token: str) -> None:
        """End a session, if it is one."""
        with self._database.writing() as connection:
            owner = _end(connection, token)
            if owner is not None:
                record(connection, owner, "log_out")

    def session(self, token: str | None) -> Session | None:
        """Return the session of what a browser holds; None where it is none or has expired."""
        if not token or not token.isascii():
            return None
        query = select(sessions.c.owner, sessions.c.expires)
        with self._database.reading() as connection:
            row = connection.execute(query.where(sessions.c.digest == _digest(token))).first()
        if row is None or row.expires <= datetime.now(UTC):
            return None
        csrf = hmac.new(token.encode("ascii"), b"csrf", hashlib.sha256).hexdigest()
        return Session(row.owner, row.expires, csrf)

    def _known(self, connection: Connection, name: str) -> str:
        name = unicodedata.normalize("NFC", name.strip())
        if _hash_of(connection, name) is None:
            others = connection.scalars(select(owners.c.name).order_by(owners.c.name))
            raise OwnerError(
                f"{name} is no owner; the owners are {', '.join(others) or 'not yet any'}."
            )
        return name


def _named(name: str) -> str:
    name = unicodedata.normalize("NFC", name.strip())
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or name == COMMAND_LINE:
        raise OwnerError(
            f"the name {name!r} cannot be an owner's; wanted 1 to {LONGEST_NAME} printable "
            f"characters, and not {COMMAND_LINE}, which stands for the command line."
        )
    return name


def _hashed(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise OwnerError(
            f"the password has {len(password)} characters; wanted {SHORTEST_PASSWORD} to "
            f"{LONGEST_PASSWORD}."
        )
    with _HASHING:
        return _HASHER.hash(_typed(password))


def _typed(password: str) -> bytes:
    # One keyboard gives Hangul in one piece and another in letters.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace")


def _is_right(held: str, password: str) -> bool:
    try:
        with _HASHING:
            return _HASHER.verify(held, _typed(password[: LONGEST_PASSWORD + 1]))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """Return the hash of a password that nobody has."""
    return _hashed(secrets.token_urlsafe(32))


def _hash_of(connection: Connection, name: str) -> str | None:
    found = connection.scalar(select(owners.c.password_hash).where(owners.c.name == name))
    return None if found is None else str(found)


def _end(connection: Connection, token: str | None) -> str | None:
    """End a session, and return whose it was."""
    if not token:
        return None
    same = sessions.c.digest == _digest(token)
    owner = connection.scalar(select(sessions.c.owner).where(same))
    connection.execute(delete(sessions).where(same))
    return None if owner is None else str(owner)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
