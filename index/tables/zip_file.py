"""Workbooks are ZIP archives: what they unpack to is known before anything is unpacked."""

from pathlib import Path
from zipfile import BadZipFile, ZipFile

from mundap.index.tables.grid import GridError

# Fifty thousand rows of long answers are some 100 MB.
_MOST_BYTES = 1 << 30
# Deflate packs nothing tighter than 1:1032; a sheet of repeated cells comes near 1:100.
_TIGHTEST = 500
_SMALL = 64 << 20


def checked_zip(path: Path) -> None:
    """Raise GridError where a file is no ZIP archive or would unpack to more than is read."""
    try:
        with ZipFile(path) as archive:
            members = archive.infolist()
    except BadZipFile:
        raise GridError(
            f"not a readable {path.suffix[1:]} table; it is damaged, or of another kind."
        ) from None
    for member in members:
        much = member.file_size > _MOST_BYTES
        tight = member.file_size > max(_SMALL, _TIGHTEST * member.compress_size)
        if much or tight:
            raise GridError(
                f"The file unpacks to {member.file_size:,} bytes of {member.filename!r}; no table "
                "of questions is so large. Save it anew, or as CSV."
            )
