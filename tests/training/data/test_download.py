import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from mundap.training.data import download
from mundap.training.data.catalogue import Dataset, Origin
from mundap.training.data.conversions import convert_chatbot_data
from mundap.training.data.download import DownloadError, download_dataset, fetch, git_blob_sha1
from tests.training.file_site import (
    COMMIT,
    CONTENT,
    Site,
    blob_id,
    closed_port,
    publish,
    serve,
)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serve() as site:
        yield site


def asked_ranges(site: Site) -> list[str | None]:
    return [asked for _, asked in site.requests]


def leave_part(cache: Path, origin: Origin, content: bytes) -> Path:
    cache.mkdir(exist_ok=True)
    part = cache / f"{origin.git_blob_sha1}.part"
    part.write_bytes(content)
    return part


def left_in(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir() if path.suffix != ".lock")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        # As `git hash-object` prints them.
        (b"", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"),
        (b"hello\n", "ce013625030ba8dba906f756967f9e9ca394464a"),
    ],
)
def test_a_blob_id_is_the_one_of_git(content: bytes, expected: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    assert git_blob_sha1(tmp_path / "file") == expected


def test_a_file_is_asked_for_by_repository_commit_and_path(site: Site, tmp_path: Path) -> None:
    origin = publish(site)
    path = fetch(origin, tmp_path, base_url=f"{site.url}/")
    assert path == tmp_path / f"{origin.git_blob_sha1}-talk.csv"
    assert path.read_bytes() == CONTENT
    assert site.requests == [(f"/owner/data/{COMMIT}/raw/talk.csv", None)]
    assert left_in(tmp_path) == [path.name]


def test_a_cached_file_is_not_fetched_again(site: Site, tmp_path: Path) -> None:
    origin = publish(site)
    first = fetch(origin, tmp_path, base_url=site.url)
    assert fetch(origin, tmp_path, base_url=site.url) == first
    assert len(site.requests) == 1


def test_a_file_put_by_hand_needs_no_network(tmp_path: Path) -> None:
    origin = publish(Site())
    path = tmp_path / f"{origin.git_blob_sha1}-talk.csv"
    path.write_bytes(CONTENT)
    assert fetch(origin, tmp_path, base_url=f"http://127.0.0.1:{closed_port()}") == path


def test_a_wrong_file_put_by_hand_is_refused_and_kept(tmp_path: Path) -> None:
    origin = publish(Site())
    path = tmp_path / f"{origin.git_blob_sha1}-talk.csv"
    path.write_bytes(b"Q,A\r\n")
    wanted = f"is {blob_id(b'Q,A' + bytes([13, 10]))}, wanted {origin.git_blob_sha1}; delete it"
    with pytest.raises(DownloadError, match=wanted):
        fetch(origin, tmp_path)
    assert path.exists()


def test_a_truncated_download_resumes_where_it_stopped(site: Site, tmp_path: Path) -> None:
    origin = publish(site)
    site.hangs_up_after = 20
    kept = tmp_path / f"{origin.git_blob_sha1}-talk.csv"
    with pytest.raises(
        DownloadError,
        match=re.escape(
            f"Cannot fetch {site.url}/owner/data/{COMMIT}/raw/talk.csv (the connection ended after "
            f"20 of {len(CONTENT)} bytes, which are kept); check the network and the address and "
            f"try again, or put the file at {kept} by hand."
        ),
    ):
        fetch(origin, tmp_path, base_url=site.url)
    assert left_in(tmp_path) == [f"{origin.git_blob_sha1}.part"]
    site.hangs_up_after = None
    assert fetch(origin, tmp_path, base_url=site.url).read_bytes() == CONTENT
    assert asked_ranges(site) == [None, "bytes=20-"]
    assert left_in(tmp_path) == [kept.name]


def test_a_download_may_be_interrupted_many_times(site: Site, tmp_path: Path) -> None:
    origin = publish(site)
    site.hangs_up_after = 30
    starts = range(0, len(CONTENT), 30)
    for _ in starts[:-1]:
        with pytest.raises(DownloadError, match="the connection ended"):
            fetch(origin, tmp_path, base_url=site.url)
    assert fetch(origin, tmp_path, base_url=site.url).read_bytes() == CONTENT
    assert asked_ranges(site) == [None, *(f"bytes={start}-" for start in starts[1:])]


def test_a_server_without_ranges_sends_the_file_from_the_start(site: Site, tmp_path: Path) -> None:
    origin = publish(site)
    leave_part(tmp_path, origin, CONTENT[:20])
    site.knows_ranges = False
    assert fetch(origin, tmp_path, base_url=site.url).read_bytes() == CONTENT
    assert asked_ranges(site) == ["bytes=20-"]


def test_a_whole_part_is_taken_without_the_network(tmp_path: Path) -> None:
    origin = publish(Site())
    leave_part(tmp_path, origin, CONTENT)
    path = fetch(origin, tmp_path, base_url=f"http://127.0.0.1:{closed_port()}")
    assert path.read_bytes() == CONTENT


def test_a_part_longer_than_the_file_is_fetched_anew(site: Site, tmp_path: Path) -> None:
    origin = publish(site)
    leave_part(tmp_path, origin, CONTENT + b"?")
    assert fetch(origin, tmp_path, base_url=site.url).read_bytes() == CONTENT
    assert asked_ranges(site) == [f"bytes={len(CONTENT) + 1}-", None]


def test_a_range_that_was_not_asked_for_is_refused(site: Site, tmp_path: Path) -> None:
    origin = publish(site)
    part = leave_part(tmp_path, origin, CONTENT[:20])
    site.content_range = f"bytes 0-{len(CONTENT) - 1}/{len(CONTENT)}"
    with pytest.raises(DownloadError, match="asked for bytes 20-, got the range 'bytes 0-"):
        fetch(origin, tmp_path, base_url=site.url)
    assert part.read_bytes() == CONTENT[:20]


def test_a_wrong_checksum_names_both_and_deletes_the_part(site: Site, tmp_path: Path) -> None:
    origin = publish(site)
    site.files[f"/owner/data/{COMMIT}/raw/talk.csv"] = b"<html>"
    wanted = f"is {blob_id(b'<html>')}, wanted {origin.git_blob_sha1}; it came from {site.url}"
    with pytest.raises(DownloadError, match=re.escape(wanted)):
        fetch(origin, tmp_path, base_url=site.url)
    assert left_in(tmp_path) == []


def test_a_damaged_part_is_deleted_so_that_the_next_try_succeeds(
    site: Site, tmp_path: Path
) -> None:
    origin = publish(site)
    leave_part(tmp_path, origin, b"?" * 20)
    with pytest.raises(DownloadError, match="and is deleted, try again"):
        fetch(origin, tmp_path, base_url=site.url)
    assert fetch(origin, tmp_path, base_url=site.url).read_bytes() == CONTENT
    assert asked_ranges(site) == ["bytes=20-", None]


def test_a_missing_file_is_told_with_its_address(site: Site, tmp_path: Path) -> None:
    origin = publish(Site())
    with pytest.raises(
        DownloadError,
        match=rf"Cannot fetch {site.url}/owner/data/.*talk\.csv \(the server answered 404 Not "
        r"Found\); check the network and the address and try again, or put the file at .*-talk",
    ):
        fetch(origin, tmp_path, base_url=site.url)


def test_a_server_that_is_down_is_told_in_one_sentence(tmp_path: Path) -> None:
    origin = publish(Site())
    base_url = f"http://127.0.0.1:{closed_port()}"
    with pytest.raises(DownloadError, match=rf"Cannot fetch {base_url}/.*refused\); check") as met:
        fetch(origin, tmp_path, base_url=base_url)
    assert "\n" not in str(met.value)


def test_a_server_that_never_answers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(DownloadError, match=r"timed out\); check the network"):
            fetch(publish(Site()), tmp_path, base_url=base_url, timeout_s=0.05)


def test_a_redirect_is_followed_with_its_range(site: Site, tmp_path: Path) -> None:
    origin = publish(site)
    path = f"/owner/data/{COMMIT}/raw/talk.csv"
    site.files["/elsewhere"] = site.files.pop(path)
    site.moved[path] = "/elsewhere"
    leave_part(tmp_path, origin, CONTENT[:20])
    assert fetch(origin, tmp_path, base_url=site.url).read_bytes() == CONTENT
    assert site.requests == [(path, "bytes=20-"), ("/elsewhere", "bytes=20-")]


@pytest.mark.parametrize("base_url", ["mirror.example.kr", "file:///data", "https://", ""])
def test_a_base_address_that_is_no_web_address_is_refused(base_url: str, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=f"is {base_url!r}; wanted one that starts with https"):
        fetch(publish(Site()), tmp_path, base_url=base_url)


def test_without_a_mirror_files_come_from_github_over_https(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(download, "urlopen", refuse)
    address = rf"https://raw\.githubusercontent\.com/owner/data/{COMMIT}/raw/talk\.csv"
    with pytest.raises(DownloadError, match=rf"Cannot fetch {address} \(no network\)"):
        fetch(publish(Site()), tmp_path)


def test_progress_counts_the_bytes_held_of_all(site: Site, tmp_path: Path) -> None:
    origin = publish(site)
    leave_part(tmp_path, origin, CONTENT[:20])
    seen: list[tuple[int, int | None]] = []
    fetch(origin, tmp_path, base_url=site.url, progress=lambda *counts: seen.append(counts))
    assert seen[0] == (20, len(CONTENT))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert seen == sorted(seen)


def test_a_body_of_unstated_length_is_received_whole(site: Site, tmp_path: Path) -> None:
    origin = publish(site, CONTENT * 10_000)
    site.states_length = False
    seen: list[tuple[int, int | None]] = []
    path = fetch(origin, tmp_path, base_url=site.url, progress=lambda *counts: seen.append(counts))
    assert path.read_bytes() == CONTENT * 10_000
    assert (seen[0], seen[-1]) == ((0, None), (len(CONTENT) * 10_000, None))


def test_a_broken_chunk_is_told_and_mended_by_the_next_try(site: Site, tmp_path: Path) -> None:
    origin = publish(site)
    site.sends_chunks = True
    site.hangs_up_after = 20
    with pytest.raises(DownloadError, match=r"\(IncompleteRead\(.*\); check the network"):
        fetch(origin, tmp_path, base_url=site.url)
    site.hangs_up_after = None
    assert fetch(origin, tmp_path, base_url=site.url).read_bytes() == CONTENT


def offer(monkeypatch: pytest.MonkeyPatch, *origins: Origin) -> None:
    talks = Dataset("talks", origins, convert_chatbot_data, "MIT", "Talks.")
    monkeypatch.setattr(download, "CATALOGUE", {"talks": talks})


def test_each_file_of_a_data_set_becomes_a_zstd_table(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = "Q,A,label\n환불 되나요?,됩니다.,0\n".encode()
    offer(monkeypatch, publish(site), publish(site, more, "more.csv"))
    output = tmp_path / "new" / "data"
    tables = download_dataset("talks", output, base_url=site.url, cache_dir=tmp_path / "cache")
    assert tables == [output / "talk.parquet", output / "more.parquet"]
    assert sorted(output.iterdir()) == sorted(tables)
    assert pd.read_parquet(tables[0]).to_dict(orient="records") == [
        {"Q": "12시 땡!", "A": "하루가 또 가네요.", "label": 0},
        {"Q": "사랑해 😀", "A": "네, 저도요.", "label": 2},
    ]
    assert pd.read_parquet(tables[1])["Q"].tolist() == ["환불 되나요?"]
    assert pq.ParquetFile(tables[0]).metadata.row_group(0).column(0).compression == "ZSTD"


def test_a_failed_file_leaves_the_earlier_table_as_it_was(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(monkeypatch, publish(site, b"Q,A,label\n", "talk.csv"))
    output = tmp_path / "data"
    output.mkdir()
    (output / "talk.parquet").write_bytes(b"earlier")
    with pytest.raises(ValueError, match=r"-talk\.csv, line 1: no rows; wanted Q, A, label"):
        download_dataset("talks", output, base_url=site.url, cache_dir=tmp_path / "cache")
    assert {path.name: path.read_bytes() for path in output.iterdir()} == {
        "talk.parquet": b"earlier"
    }


def test_downloads_are_kept_in_the_cache_of_the_user(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "user_cache_path", lambda name: tmp_path / name)
    origin = publish(site)
    offer(monkeypatch, origin)
    download_dataset("talks", tmp_path / "data", base_url=site.url)
    assert left_in(tmp_path / "mundap" / "downloads") == [f"{origin.git_blob_sha1}-talk.csv"]


def test_an_unknown_data_set_is_told_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"called 'squad'; wanted chatbot-data, question-pair"):
        download_dataset("squad", tmp_path)


def test_a_folder_that_cannot_be_written_is_told_in_one_sentence(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(monkeypatch, publish(site))
    (tmp_path / "data").write_text("a file, not a folder")
    with pytest.raises(DownloadError, match=r"Cannot write talks under .*; check the free space"):
        download_dataset(
            "talks", tmp_path / "data", base_url=site.url, cache_dir=tmp_path / "cache"
        )
