"""What is wrong with a store, in the words of its database and in those of people."""

from typing import Literal

from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from mundap.index.first_line import first_line

# Its server is not there or refuses us; another process holds it; it cannot be written; it is
# damaged; the disk is full; a newer version made it.
Trouble = Literal["away", "locked", "unwritable", "damaged", "full", "newer", "other"]


def trouble_of(error: SQLAlchemyError) -> tuple[Trouble, str]:
    """Return what kind of trouble a database met, and a sentence that says how to mend it."""
    met = first_line(error.orig if isinstance(error, DatabaseError) and error.orig else error)
    for part, trouble, mend in _MENDS:
        if part in met:
            return trouble, f"{met}. {mend}"
    return "other", f"{met}."


_UNWRITABLE = "The file or its folder cannot be written: give this user the right to."
_AWAY = "Is the server of the database running, and the URL right?"
# What a database says -> what that is, and what helps.
_MENDS: tuple[tuple[str, Trouble, str], ...] = (
    ("readonly", "unwritable", _UNWRITABLE),
    ("read-only", "unwritable", _UNWRITABLE),
    (
        "unable to open",
        "unwritable",
        "The file or its folder cannot be opened: look at its path and rights.",
    ),
    ("is locked", "locked", "Another process holds it; try again when that has ended."),
    (
        "not a database",
        "damaged",
        "It is damaged or something else: move it away (a new one is made), or put a copy of yours "
        "in its place.",
    ),
    (
        "malformed",
        "damaged",
        "It is damaged: put a copy of yours in its place, or move it away (a new one is made).",
    ),
    ("disk is full", "full", "Make room on the disk."),
    ("Connection refused", "away", _AWAY),
    ("Is the server running", "away", _AWAY),
    ("timeout expired", "away", _AWAY),
    ("could not translate host name", "away", _AWAY),
    ("failed to resolve host", "away", _AWAY),
    ("the database system is", "away", "It starts or stops just now; try again in a moment."),
    ("server closed the connection", "away", _AWAY),
    ("terminating connection", "away", _AWAY),
    ("connection failed", "away", _AWAY),
    ("connection is bad", "away", _AWAY),
)
