"""No file of the machine is read, no address is fetched, and no visitor fills the disk."""

import os
import re
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.security.conftest import Service, end, serve

pytestmark = pytest.mark.slow

SECRET = "secret,of\nthis,machine\n"


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("secret") / "secret.csv"
    path.write_text(SECRET, encoding="utf-8")
    return path


def file_data(path: str, **more: Any) -> dict[str, Any]:
    return {"path": path, "meta": {"_type": "gradio.FileData"}, **more}


def test_no_event_reads_a_path(service: Service, secret: Path) -> None:
    for number in range(40):
        for count in range(6):
            for value in (file_data(str(secret)), str(secret), [file_data(str(secret))]):
                data = ["a", value, "", "ko", "", ""][:count]
                answer = service.call(number, *data)
                assert "machine" not in answer.text
                if not isinstance(value, str) and count > 1:
                    assert answer.status_code == 422


def test_no_path_and_no_address_is_a_file_that_was_sent(service: Service, secret: Path) -> None:
    for name in (str(secret), f"/..{secret}", "http://127.0.0.1:1/x", "..%2f..%2fetc%2fpasswd"):
        answer = service.client.get(f"/gradio_api/file={name}")
        assert answer.status_code == 404
        assert "machine" not in answer.text


def test_nothing_is_fetched_from_any_address(service: Service) -> None:
    met: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0.5)

        def listen() -> None:
            try:
                while True:
                    connection, _ = elsewhere.accept()
                    met.append(connection.recv(100))
                    connection.close()
            except TimeoutError:
                return

        thread = threading.Thread(target=listen)
        thread.start()
        url = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/x.csv"
        for path in (f"file={url}", f"file/{url}", f"proxy={url}"):
            assert service.client.get(f"/gradio_api/{path}").status_code == 404
        for value in (url, file_data(url), file_data("x", url=url)):
            for number in range(5):
                service.call(number, "a", value, "", "ko")
        thread.join()
    assert met == []


def test_what_was_sent_is_ranked_and_what_comes_back_is_fetched(service: Service) -> None:
    (token,) = service.send("문장\n환불 되나요\n배송 언제 와요\n".encode()).json()
    shown = ranked(service, token)
    link = re.search(r"gradio_api/file=[\w-]+", shown)
    assert link is not None
    answer = service.client.get(f"/{link[0]}")
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "환불 되나요" in answer.text


def ranked(service: Service, token: str) -> str:
    """Rank a file by the one event that takes four texts and answers with a table."""
    for number in range(40):
        answer = service.call(number, "환불", token, "", "ko")
        if answer.status_code == 200 and "<table>" in answer.text:
            return str(answer.json()["data"][0])
    raise AssertionError("no event ranks a file")


def test_a_file_beyond_the_limit_is_refused(service: Service) -> None:
    assert service.send(b"x" * (32 * 1024 * 1024 + 1)).status_code == 413


@pytest.mark.long
def test_a_gigabyte_of_files_takes_no_more_than_a_clients_share(service: Service) -> None:
    content = b"text\n" + b"x\n" * (15 * 1024 * 1024)
    tokens = [service.send(content).json()[0] for _ in range(34)]
    kept = [service.client.get(f"/gradio_api/file={token}").status_code for token in tokens]
    assert kept == [404] * 31 + [200] * 3
    assert held_bytes(service.process.pid) <= 96 * 1024 * 1024


def held_bytes(process: int) -> int:
    """Return the size of the files without a name that a process holds."""
    folder, sizes = Path(f"/proc/{process}/fd"), {}
    for descriptor in folder.iterdir():
        try:
            if os.readlink(descriptor).endswith("(deleted)"):
                found = descriptor.stat()
                sizes[found.st_ino] = found.st_size
        except FileNotFoundError:
            continue
    return sum(sizes.values())


def test_nothing_is_left_behind_however_the_process_ends(tmp_path: Path, index: Path) -> None:
    with serve(tmp_path / "killed", index) as service:
        assert service.send(b"text\n" + b"x\n" * 2_000_000).status_code == 200
        assert held_bytes(service.process.pid) > 4_000_000
        service.process.kill()
        service.process.wait()
    left = [path for path in service.temporary.rglob("*") if path.is_file()]
    assert left == []
    with serve(tmp_path / "ended", index) as service:
        assert service.send(b"text\nx\n").status_code == 200
        (own,) = service.temporary.iterdir()
        assert own.stat().st_mode & 0o777 == 0o700
        end(service)
    assert list(service.temporary.iterdir()) == []
