"""The owner's page of a shop, served by this process, and an owner's client."""

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from mundap.chatbot.api.serving.app import build_api
from mundap.chatbot.api.serving.server import page_of
from mundap.chatbot.api.settings import ApiSettings
from mundap.chatbot.bot import Bot
from mundap.chatbot.home.bundled import bundled_path
from mundap.chatbot.home.home import Home
from mundap.chatbot.home.jobs import Jobs
from mundap.chatbot.home.publishing import Publishing
from mundap.chatbot.home.service import Service
from mundap.chatbot.home.sources import record_sources
from mundap.chatbot.home.store import exchanges_of, open_store
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.settings import ChatSettings
from mundap.chatbot.similarity.similarity import Similarity
from mundap.feedback.owners.owners import Owners
from mundap.index.bundle.bundle import Bundle
from mundap.index.encoders.default import default_encoder_path
from mundap.index.encoders.morpheme_encoder import MorphemeEncoder
from mundap.index.encoders.registry import encoder_directory
from mundap.index.faq.entry import FaqEntry, read_faq
from mundap.index.search.fusion import Fusion
from mundap.index.similarity.pair_encoder import CosineEncoder
from tests.chatbot.api_site import serving
from tests.feedback.demo_store import fill
from tests.served_bundle import CONFIDENCE

OWNER, PASSWORD = "김하나", "하나몰의 긴 비밀번호"


@dataclass(frozen=True)
class Shop:
    """A running service with its store, and its address."""

    url: str
    service: Service

    @property
    def owners(self) -> Owners:
        assert self.service.database is not None
        return Owners(self.service.database)


@dataclass(frozen=True)
class OwnersClient:
    """A client that holds the cookie of a session."""

    client: httpx.Client

    def get(self, path: str) -> httpx.Response:
        return self.client.get(f"/admin/{path}")

    def post(self, path: str, **fields: Any) -> httpx.Response:
        """Send a form as the page would: with what it holds to show that it is the page's own."""
        return self.client.post(f"/admin/{path}", data={"csrf": self.csrf(), **fields})

    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.get("settings").text)
        assert found is not None
        return found[1]


def shop_entries() -> list[FaqEntry]:
    """Return the bundled questions about delivery and refunds, with one phrasing each."""
    faq = bundled_path("faq")
    found = [*read_faq(faq / "delivery.csv")[:14], *read_faq(faq / "cancel_refund.csv")[:14]]
    return [replace(entry, alternates=()) for entry in found]


@contextmanager
def shop(
    directory: Path,
    *,
    demo: bool = False,
    page: bool = False,
    entries: Sequence[FaqEntry] = (),
    database_url: str | None = None,
    **settings: Any,
) -> Iterator[Shop]:
    """Serve a shop that can be published, of `shop_entries` where no others are given.

    With `demo` weeks of visitors are in its store. Of a store that is away nobody is made an owner.
    """
    faq = directory / "hanamall.csv"
    entries = entries or shop_entries()
    with faq.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["entry_id", "question", "answer", "category"])
        writer.writerows([e.entry_id, e.question, e.answer, e.category] for e in entries)
    chat = ChatSettings(
        home=directory / "home",
        faq=faq,
        speed="fast",
        title="하나몰 문답",
        database_url=database_url,
    )
    home = Home.of(chat)
    if not home.index.exists():  # a first run would train an encoder
        encoder = MorphemeEncoder.load(default_encoder_path())
        Bundle.build(
            home.index,
            entries,
            encoder,
            encoder_directory=encoder_directory("default"),
            fuse=lambda retriever: Fusion(),
            calibrate=lambda retriever: CONFIDENCE,
        )
        record_sources(home.prepared, home.sources())  # as a first run leaves it
    live = LiveBundle.open(home.index)
    similarity = Similarity.of(CosineEncoder(live.get().retriever.encoder), chat.home)
    database = open_store(chat)
    assert database is not None
    jobs = Jobs()
    service = Service(
        chat,
        live,
        Bot.of(live, chat),
        similarity,
        database,
        exchanges_of(database, chat),
        jobs,
        Publishing.of(chat, database, jobs),
    )
    if database.refusal is None:
        Owners(database).add(OWNER, PASSWORD)
    if demo:
        fill(database, entries, days=45, generations=(1,))
    chosen = ApiSettings(**{"rate_limit": "", **settings})
    app = build_api(service, chosen, page=page_of(service, chosen) if page else None)
    with serving(app, chosen) as url:
        yield Shop(url, service)


@contextmanager
def logged_in(shop: Shop, **headers: str) -> Iterator[OwnersClient]:
    """Log in until the end of the block."""
    with httpx.Client(base_url=shop.url, timeout=60, headers=headers) as client:
        client.post("/admin", data={"name": OWNER, "password": PASSWORD})
        yield OwnersClient(client)
