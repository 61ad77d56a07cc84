from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from mundap.feedback.store.database import Database
from mundap.feedback.store.tables import exchanges
from mundap.feedback.traffic.asked_queries import recent_queries


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = Database.of(None, tmp_path)
    yield found
    found.close()


def test_queries_are_named_once_the_newest_first_and_none_that_were_not_kept(
    database: Database,
) -> None:
    asked = ["배송비", "환불 돼요?", "", " 배송비 ", "쿠폰 😀", "환불 돼요?"]
    row = {"channel": "page", "reading": "", "kind": "unknown", "candidates": [], "generation": 1}
    now = datetime(2026, 3, 2, tzinfo=UTC)
    with database.writing() as connection:
        rows = [
            {**row, "request_id": f"r{n}", "time": now, "query": q} for n, q in enumerate(asked)
        ]
        connection.execute(insert(exchanges), rows)
    with database.reading() as connection:
        assert recent_queries(connection, 10) == ["환불 돼요?", "쿠폰 😀", " 배송비 "]
        assert recent_queries(connection, 1) == ["환불 돼요?"]
