import csv
import gzip
import io
import json
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from mundap.chatbot.api.pool import Pool
from mundap.chatbot.api.routes.similarity import similarity_router, wants_csv
from mundap.chatbot.api.settings import ApiSettings
from mundap.chatbot.places import Places
from mundap.chatbot.similarity.similarity import Similarity
from mundap.chatbot.similarity.table import SentenceTable
from mundap.index.similarity.pair_encoder import CosineEncoder
from mundap.index.similarity.scale import LINEAR
from tests.chatbot.api_site import Site, site
from tests.tiny_encoder import TinyEncoder

SENTENCES = 'id,문장\n1,환불 되나요\n2,"=1+1"\n3,\n4,환불은 언제 되나요\n'


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    limits = {"max_upload_bytes": 100_000, "max_upload_rows": 1000}
    with site(tmp_path_factory.mktemp("sts"), {"max_query_length": 50}, **limits) as running:
        yield running


def rank(
    api: Site, content: bytes, accept: str = "application/json", **form: str
) -> httpx.Response:
    fields = {"sentence": "환불 되나요", **form}
    files = {"file": ("sentences.csv", content)}
    return api.client.post("/v1/sts/rank", data=fields, files=files, headers={"Accept": accept})


def refusal(response: Any) -> tuple[int, str, str]:
    error = response.json()["error"]
    assert error["request_id"] == response.headers["x-request-id"]
    return response.status_code, error["code"], error["message"]


def test_get_and_post_compare_two_sentences_alike(api: Site) -> None:
    pair = {"sentence1": "환불 되나요", "sentence2": "환불은 되나요"}
    found = api.client.get("/v1/sts", params=pair)
    assert found.status_code == 200
    assert found.json() == api.post("/v1/sts", pair).json()
    assert 0.3 < found.json()["cosine"] < 1
    assert found.json()["score"] == pytest.approx(5 * found.json()["cosine"], abs=1e-3)


@pytest.mark.parametrize("sentence", ["", " ", "\n\t", "가" * 51])
def test_blank_and_long_sentences_are_refused_wherever_they_come(api: Site, sentence: str) -> None:
    pair = {"sentence1": "환불", "sentence2": sentence}
    answers = [
        api.client.get("/v1/sts", params=pair),
        api.post("/v1/sts", pair),
        rank(api, SENTENCES.encode(), sentence=sentence),
    ]
    assert [refusal(answer)[:2] for answer in answers] == [(422, "invalid")] * 3


@pytest.mark.parametrize(
    "body", [{}, [], {"sentence1": "가"}, {"sentence1": "가", "sentence2": 1}, "가", None]
)
def test_a_body_of_another_shape_is_refused(api: Site, body: Any) -> None:
    assert refusal(api.post("/v1/sts", body))[:2] == (422, "invalid")


def test_an_unknown_field_is_refused(api: Site) -> None:
    body = {"sentence1": "가", "sentence2": "나", "sentence3": "다"}
    assert refusal(api.post("/v1/sts", body))[:2] == (422, "invalid")


@pytest.mark.parametrize("odd", ["\x00", "\u200b\u200d", "😀", "\u1112\u116a\u11ab", "\ufffe"])
def test_odd_sentences_have_a_score(api: Site, odd: str) -> None:
    answer = api.post("/v1/sts", {"sentence1": odd, "sentence2": "환불"})
    assert answer.status_code == 200
    assert 0 <= answer.json()["score"] <= 5


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_every_row_of_a_file_has_a_score(api: Site, encoding: str) -> None:
    shown = rank(api, SENTENCES.encode(encoding)).json()
    assert (shown["column"], shown["rows"]) == ("문장", 4)
    assert list(shown["scores"]) == ["0", "1", "2", "3"]
    assert shown["scores"]["0"] == 5.0
    assert [item["row"] for item in shown["top"]] == [0, 3, 1, 2]
    assert shown["top"][0] == {"row": 0, "text": "환불 되나요", "cosine": 1.0, "score": 5.0}
    assert shown["top"][3] == {"row": 2, "text": "", "cosine": 0.0, "score": 0.0}


def test_a_file_comes_back_as_csv_when_asked(api: Site) -> None:
    answer = rank(api, SENTENCES.encode(), accept="text/csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="similarity.csv"'
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [line[0] for line in lines] == ["row", "0", "1", "2", "3"]
    assert [line[3] for line in lines] == ["text", "환불 되나요", "'=1+1", "", "환불은 언제 되나요"]


def test_json_and_csv_agree(api: Site) -> None:
    shown = rank(api, SENTENCES.encode()).json()
    answer = rank(api, SENTENCES.encode(), accept="text/csv").content.decode("utf-8-sig")
    lines = csv.DictReader(io.StringIO(answer))
    assert {line["row"]: float(line["score"]) for line in lines} == shown["scores"]


def test_the_column_is_chosen_by_name(api: Site) -> None:
    assert rank(api, SENTENCES.encode(), column="id").json()["column"] == "id"
    missing = refusal(rank(api, SENTENCES.encode(), column="없음"))
    assert missing == (422, "bad_csv", "There is no column '없음'; found 'id', '문장'.")


def workbook() -> bytes:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (20 << 20))
    return bomb.getvalue()


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (workbook(), 415, "not_csv"),
        (gzip.compress(b"text\nx\n" * 1000, mtime=0), 415, "not_csv"),
        (b"text\na\0b\n", 422, "bad_csv"),
        ("문장\n가\n".encode("utf-16"), 422, "bad_csv"),
        (b"\xff\xfe\xfd\n", 422, "bad_csv"),
        (b"", 422, "bad_csv"),
        (b"text\n" + b"x" * 90_000 + b'"' + b"x" * 9000, 200, ""),
        (b'text\n"' + b"x" * 90_000, 422, "bad_csv"),
        (b"text\n" + b"x\n" * 1001, 413, "too_many_rows"),
    ],
)
def test_hostile_files_are_refused(api: Site, content: bytes, status: int, code: str) -> None:
    answer = rank(api, content)
    assert answer.status_code == status
    assert status == 200 or refusal(answer)[1] == code


def test_a_false_claim_of_a_gigabyte_is_refused_before_it_is_read(api: Site) -> None:
    address = urlsplit(api.url)
    head = (
        f"POST /v1/sts/rank HTTP/1.1\r\nHost: {address.netloc}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1073741824\r\n\r\n--x"
    )
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_a_file_that_announces_no_length_is_refused_at_the_limit(api: Site) -> None:
    def body() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
        yield from [b"x\r\n" * 1000] * 1000

    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    # In this process: over a network the refusal may be lost with the connection.
    answer = TestClient(api.app, base_url=api.url).post(
        "/v1/sts/rank", content=body(), headers=kind
    )
    assert refusal(answer)[:2] == (413, "body_too_large")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"nothing", "multipart/form-data; boundary=x"),
        (b"nothing", "multipart/form-data"),
        (b"{}", "application/json"),
        (b"sentence=a&file=b", "application/x-www-form-urlencoded"),
        (b"--x\r\n\r\n\r\n--x--", "multipart/form-data; boundary=x"),
    ],
)
def test_a_form_of_another_shape_is_refused(api: Site, content: bytes, kind: str) -> None:
    answer = api.client.post("/v1/sts/rank", content=content, headers={"Content-Type": kind})
    assert refusal(answer)[0] in (400, 422)


def test_a_second_file_and_further_fields_are_refused(api: Site) -> None:
    content = SENTENCES.encode()
    files = [("file", ("a.csv", content)), ("file", ("b.csv", content))]
    answer = api.client.post("/v1/sts/rank", data={"sentence": "가"}, files=files)
    assert refusal(answer)[:2] == (400, "bad_request")
    assert refusal(rank(api, content, a="1", b="2"))[:2] == (400, "bad_request")


@pytest.mark.parametrize(
    ("accept", "csv_wanted"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("text/csv", True),
        ("Text/CSV; charset=utf-8", True),
        ("text/*", True),
        ("text/csv, application/json", False),
        ("text/csv, application/json;q=0.5", True),
        ("text/csv;q=0.5, */*", False),
        ("text/csv;q=x", False),
        (";;,,=", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
    ],
)
def test_csv_is_sent_to_who_prefers_it(accept: str, csv_wanted: bool) -> None:
    assert wants_csv(accept) is csv_wanted


class Waiting(Similarity):
    """Looks, before it ranks, at what else is going on."""

    def __init__(self) -> None:
        super().__init__(CosineEncoder(TinyEncoder()), LINEAR)
        self.during: Any = lambda: None

    def rank(self, base: str, texts: Any) -> Any:
        for item in super().rank(base, texts):
            self.during()
            yield item


def bare(similarity: Similarity) -> TestClient:
    app = FastAPI()
    settings = ApiSettings(max_upload_bytes=1024)
    app.include_router(similarity_router(similarity, Places(2, 1), settings, Pool(1, 10.0), 1000))
    return TestClient(app, raise_server_exceptions=False)


def send(client: TestClient) -> int:
    files = {"file": ("f.csv", b"text\nx\n")}
    return client.post("/v1/sts/rank", data={"sentence": "x"}, files=files).status_code


def test_a_second_file_of_one_client_is_told_to_come_back() -> None:
    similarity = Waiting()
    client, inner = bare(similarity), []
    similarity.during = lambda: inner.append(send(client))
    assert (send(client), inner) == (200, [503])
    similarity.during = lambda: None
    assert send(client) == 200


def test_a_place_is_free_again_after_a_failure() -> None:
    similarity = Waiting()
    client = bare(similarity)

    def fail() -> None:
        raise RuntimeError("the encoder is gone")

    similarity.during = fail
    with pytest.raises(RuntimeError, match="the encoder is gone"):
        TestClient(client.app).post(
            "/v1/sts/rank", data={"sentence": "x"}, files={"file": ("f.csv", b"text\nx\n")}
        )
    similarity.during = lambda: None
    assert send(client) == 200


def test_a_place_is_free_again_after_a_client_has_left(tmp_path: Path) -> None:
    content = b"text\n" + b"x\n" * 50_000
    form: Any = {"data": {"sentence": "x"}, "files": {"file": ("f.csv", content)}}
    with site(tmp_path) as api:
        for _ in range(3):
            with api.client.stream("POST", "/v1/sts/rank", **form) as answer:
                if answer.status_code == 200:
                    next(answer.iter_raw())
        statuses = iter(lambda: rank(api, SENTENCES.encode()).status_code, 200)
        assert set(statuses) <= {503}


def test_the_route_has_a_limit_of_its_own() -> None:
    files = {"file": ("f.csv", b"x" * 2000)}
    answer = bare(Waiting()).post("/v1/sts/rank", data={"sentence": "x"}, files=files)
    assert answer.status_code == 413


def test_answers_fit_the_description(api: Site) -> None:
    schemas = api.get("/openapi.json").json()["components"]["schemas"]
    shown = rank(api, SENTENCES.encode()).json()
    assert set(shown) == set(schemas["RankBody"]["required"])
    assert set(shown["top"][0]) == set(schemas["RankedBody"]["required"])


def test_a_large_file_is_ranked_in_bounded_memory(tmp_path: Path) -> None:
    """What is held does not grow with the rows: the file lies on disk, the answer streams."""
    import tracemalloc

    peaks = []
    for rows in (1000, 8000):
        path = tmp_path / f"{rows}.csv"
        path.write_text("문장\n" + "환불은 언제 되나요 그리고 배송은\n" * rows, encoding="utf-8")
        similarity = Similarity(CosineEncoder(TinyEncoderWithoutMemory()), LINEAR)
        tracemalloc.start()
        with path.open("rb") as file:
            table = SentenceTable.check(file)
            for _ in similarity.rank("환불", table.texts()):
                pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


class TinyEncoderWithoutMemory(TinyEncoder):
    def encode(self, texts):  # type: ignore[no-untyped-def]
        vectors = super().encode(texts)
        self.encoded.clear()
        return vectors


def test_json_of_a_large_file_is_whole(api: Site) -> None:
    answer = rank(api, b"text\n" + b"x y\n" * 1000)
    assert len(json.loads(answer.content)["scores"]) == 1000
