"""The owner's page and the API while the store is away, and once it is back."""

import time
from pathlib import Path

import httpx
import pytest

from mundap.feedback.owners.chosen_settings import choose_settings
from mundap.feedback.owners.owners import Owners
from mundap.feedback.store import awaited as awaited_file
from mundap.feedback.store.database import Database
from tests.chatbot.admin_site import OWNER, PASSWORD, Shop, logged_in, shop
from tests.feedback.postgres import Postgres


def up(site: Shop) -> str:
    """Return what Prometheus is told of the store."""
    [line] = [
        line
        for line in httpx.get(f"{site.url}/metrics").text.splitlines()
        if line.startswith("mundap_store_up ")
    ]
    return line.split()[1]


def asked(site: Shop, query: str) -> int:
    return httpx.post(f"{site.url}/v1/ask", json={"query": query}, timeout=60).status_code


def test_a_store_that_is_away_at_the_start_is_named_and_comes_back_by_itself(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(awaited_file, "_LAST_PAUSE", 0.5)
    url = postgres.new_database()
    before = Database.open(url)
    Owners(before).add(OWNER, PASSWORD)
    choose_settings(before, {"title": "둘몰 문답"}, OWNER)
    before.close()
    postgres.stop()
    try:
        with shop(tmp_path, database_url=url) as site:
            page = httpx.get(f"{site.url}/admin")
            assert page.status_code == 503
            assert "데이터베이스 서버가 꺼져 있거나 연결되지 않아요." in page.text
            assert str(postgres.folder) not in page.text
            english = httpx.get(f"{site.url}/admin?lang=en").text
            assert "The server of its database is down or cannot be reached." in english
            assert (asked(site, "배송비는 얼마인가요?"), up(site)) == (200, "0.0")

            postgres.start()
            deadline = time.monotonic() + 60
            while httpx.get(f"{site.url}/admin").status_code != 200 or up(site) != "1.0":
                assert time.monotonic() < deadline
                time.sleep(0.1)
            # What was asked meanwhile, what was chosen before: nothing wants a restart.
            while site.service.exchanges.recorded < 1:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            with logged_in(site) as owner:
                assert "둘몰 문답" in owner.get("overview").text
                assert owner.get("entries").status_code == 200
    finally:
        if not (Path(postgres.data) / "postmaster.pid").exists():
            postgres.start()
