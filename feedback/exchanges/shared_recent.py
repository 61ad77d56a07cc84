"""The exchanges of the last minutes where several processes answer: whichever gets a reaction."""

import json
from collections.abc import Hashable
from pathlib import Path

from mundap.feedback.exchanges.recent import CHANGES, KEPT, NOTHING, digest
from mundap.index.shared_file import SharedFile

_TABLES = (
    "CREATE TABLE IF NOT EXISTS recent (place INTEGER PRIMARY KEY AUTOINCREMENT, "
    "request_id TEXT UNIQUE, candidates TEXT, changes INTEGER DEFAULT 0)",
    "CREATE TABLE IF NOT EXISTS said (request_id TEXT, client TEXT, said INTEGER, "
    "PRIMARY KEY (request_id, client)) WITHOUT ROWID",
)
# Exchanges between two looks for what is to be forgotten.
_FORGET_EVERY = 256


class SharedRecent:
    """Does what `Recent` does, in a file that the processes of a server share."""

    def __init__(self, path: Path, kept: int = KEPT) -> None:
        self._file = SharedFile(path, _TABLES)
        self._kept = kept

    def add(self, request_id: str, candidates: tuple[str, ...]) -> None:
        """Remember an exchange, and now and then forget the oldest beyond the bound."""
        [(place,)] = self._file.ask(
            "INSERT INTO recent (request_id, candidates) VALUES (?, ?) RETURNING place",
            request_id,
            json.dumps(candidates),
        )
        if place % _FORGET_EVERY == 0:
            old = place - self._kept
            self._file.ask(
                "DELETE FROM said WHERE request_id IN "
                "(SELECT request_id FROM recent WHERE place <= ?)",
                old,
            )
            self._file.ask("DELETE FROM recent WHERE place <= ?", old)

    def candidates(self, request_id: str) -> tuple[str, ...]:
        """Return what was offered; raises LookupError for no exchange or one that is forgotten."""
        found = self._file.ask("SELECT candidates FROM recent WHERE request_id = ?", request_id)
        if not found:
            raise LookupError(request_id)
        return tuple(json.loads(found[0][0]))

    def change(self, request_id: str, client: str, said: tuple[Hashable, ...]) -> int:
        """Do what `Recent.change` does, whoever else changes the same meanwhile."""
        now, key = digest(said), (request_id, client)
        known = self._file.ask("SELECT said FROM said WHERE (request_id, client) = (?, ?)", *key)
        before: int = known[0][0] if known else digest(NOTHING)
        if now == before:
            self.candidates(request_id)
            return before
        counted = self._file.ask(
            "UPDATE recent SET changes = changes + 1 WHERE request_id = ? AND changes < ? "
            "RETURNING changes",
            request_id,
            CHANGES,
        )
        if not counted:
            self.candidates(request_id)
            raise OverflowError
        self._say(key, now)
        return before

    def undo(self, request_id: str, client: str, before: int) -> None:
        """Take a change back, by what `change` returned."""
        self._file.ask("UPDATE recent SET changes = changes - 1 WHERE request_id = ?", request_id)
        self._say((request_id, client), before)

    def _say(self, key: tuple[str, str], said: int) -> None:
        self._file.ask("INSERT OR REPLACE INTO said VALUES (?, ?, ?)", *key, said)
