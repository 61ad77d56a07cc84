r"""Fetches public data files: resumable, verified by checksum, converted to Parquet.

A file grows as `<blob id>.part` in the cache folder and is renamed once its git blob id (the
SHA-1 of `blob <size>\0` followed by the content) is the wanted one, so that an interrupted
download is taken up where it stopped and a verified file is never fetched again.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from filelock import FileLock
from platformdirs import user_cache_path

from mundap.index.tables.table_writer import write_table
from mundap.training.data.catalogue import CATALOGUE, Dataset, Origin

BASE_URL = "https://raw.githubusercontent.com"
# For one connection attempt or one read, not for the whole file.
TIMEOUT_S = 30.0
_BLOCK_BYTES = 1 << 18

# Called with the bytes of the current file held so far and in all (None where unknown).
Progress = Callable[[int, int | None], None]


class DownloadError(ValueError):
    """A data file cannot be fetched, or is not the one that was wanted."""


def download_dataset(
    name: str,
    output: Path,
    *,
    progress: Progress | None = None,
    base_url: str = BASE_URL,
    cache_dir: Path | None = None,
) -> list[Path]:
    """Fetch every file of a data set and write each as a zstd Parquet table under `output`.

    Returns the tables in the order of the catalogue. `progress` starts over with every file.
    Raises DownloadError on an unknown name and where a file can neither be fetched nor
    written, ValueError naming the line where a file has an unexpected shape.
    """
    dataset = _find(name)
    cache = user_cache_path("mundap") / "downloads" if cache_dir is None else cache_dir
    tables = []
    try:
        for origin in dataset.files:
            source = fetch(origin, cache, progress=progress, base_url=base_url)
            tables.append(output / f"{origin.table}.parquet")
            write_table(dataset.convert(source), tables[-1])
    except OSError as error:  # network errors have become DownloadErrors: this is the disk
        raise DownloadError(
            f"Cannot write {name} under {cache} and {output} ({error}); check the free space and "
            "the permissions there."
        ) from error
    return tables


def fetch(
    origin: Origin,
    cache: Path,
    *,
    progress: Progress | None = None,
    base_url: str = BASE_URL,
    timeout_s: float = TIMEOUT_S,
) -> Path:
    """Return the verified copy of one file in the folder `cache`, fetching what is missing.

    `base_url` is followed by `/repository/commit/path`; `progress` is not called for a file that
    is there already. Raises DownloadError.
    """
    url = _url(origin, base_url)
    kept = cache / f"{origin.git_blob_sha1}-{Path(origin.path).name}"
    part = cache / f"{origin.git_blob_sha1}.part"
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(cache / f"{origin.git_blob_sha1}.lock"):  # two writers would mix their bytes
        if kept.exists():
            if (met := git_blob_sha1(kept)) != origin.git_blob_sha1:
                raise _mismatch(kept, met, origin, f"delete it to fetch {url} again")
            return kept
        if not (part.exists() and git_blob_sha1(part) == origin.git_blob_sha1):
            _receive(url, part, kept, progress or _ignore, timeout_s)
            if (met := git_blob_sha1(part)) != origin.git_blob_sha1:
                part.unlink()
                raise _mismatch(part, met, origin, f"it came from {url} and is deleted, try again")
        os.replace(part, kept)
    return kept


def git_blob_sha1(path: Path) -> str:
    """Return the id that git gives the content of a file, 40 hexadecimal digits."""
    digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _find(name: str) -> Dataset:
    if name not in CATALOGUE:
        raise DownloadError(f"No data set is called {name!r}; wanted {', '.join(CATALOGUE)}.")
    return CATALOGUE[name]


def _url(origin: Origin, base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in {"https", "http"} or not parts.netloc:
        raise DownloadError(
            f"The base address is {base_url!r}; wanted one that starts with https://host (or "
            "http://host for a mirror)."
        )
    return f"{base_url.rstrip('/')}/{quote(f'{origin.repository}/{origin.commit}/{origin.path}')}"


def _mismatch(path: Path, met: str, origin: Origin, remedy: str) -> DownloadError:
    return DownloadError(
        f"{path}: the git blob SHA-1 is {met}, wanted {origin.git_blob_sha1}; {remedy}."
    )


def _receive(url: str, part: Path, kept: Path, progress: Progress, timeout_s: float) -> None:
    """Append to `part` what it lacks of the file at `url`."""
    held = part.stat().st_size if part.exists() else 0
    try:
        with _open(url, held, timeout_s) as response:
            start, total = _extent(response, held)
            _append(_blocks(response), part, start, total, progress)
    except _TransferError as error:
        raise DownloadError(
            f"Cannot fetch {url} ({error}); check the network and the address and try again, or "
            f"put the file at {kept} by hand."
        ) from error


class _TransferError(Exception):
    """The server or the way to it failed; the message is the reason, in a few words."""


def _open(url: str, held: int, timeout_s: float) -> HTTPResponse:
    request = Request(url, headers={"User-Agent": "mundap"})
    if held:
        request.add_header("Range", f"bytes={held}-")
    try:
        response = urlopen(request, timeout=timeout_s)
    except HTTPError as error:
        error.close()
        # 416: the part is no shorter than the file, and not the file. Take it from the start.
        if error.code == 416 and held:
            return _open(url, 0, timeout_s)
        raise _TransferError(f"the server answered {error.code} {error.reason}") from error
    except (OSError, HTTPException) as error:
        raise _TransferError(
            str(getattr(error, "reason", error)) or type(error).__name__
        ) from error
    assert isinstance(response, HTTPResponse)
    return response


def _extent(response: HTTPResponse, held: int) -> tuple[int, int | None]:
    """Return where in the file the body starts and how long the whole file is, in bytes."""
    if response.status == 206:
        stated = response.headers.get("Content-Range", "")
        match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", stated)
        if match is None or int(match[1]) != held:
            raise _TransferError(f"asked for bytes {held}-, got the range {stated!r}")
        return held, None if match[2] == "*" else int(match[2])
    # The server ignored the range, or none was asked: the body is the whole file.
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if length.isdigit() else None


def _append(
    blocks: Iterator[bytes], part: Path, start: int, total: int | None, progress: Progress
) -> None:
    held = start
    progress(held, total)
    with part.open("ab" if start else "wb") as file:
        for block in blocks:
            file.write(block)
            held += len(block)
            progress(held, total)
    if total is not None and held < total:
        raise _TransferError(f"the connection ended after {held} of {total} bytes, which are kept")


def _blocks(response: HTTPResponse) -> Iterator[bytes]:
    while True:
        try:
            block = response.read(_BLOCK_BYTES)
        except (OSError, HTTPException) as error:
            raise _TransferError(str(error) or type(error).__name__) from error
        if not block:
            return
        yield block


def _ignore(held: int, total: int | None) -> None:
    """Report nothing."""
