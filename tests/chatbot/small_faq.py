"""A FAQ of eight entries, one of them hostile, for tests of the bot and its page."""

from pathlib import Path
from typing import Any

from mundap.chatbot.bot import Bot
from mundap.chatbot.home.service import Service
from mundap.chatbot.home.store import exchanges_of, open_store
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.settings import ChatSettings
from mundap.chatbot.similarity.similarity import Similarity
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.manifest import Manifest
from mundap.index.bundle.writer import BundleWriter
from mundap.index.engines.milvus_place import MilvusPlace
from mundap.index.faq.entry import FaqEntry
from mundap.index.search.fusion import Fusion
from mundap.index.similarity.pair_encoder import CosineEncoder
from tests.score_confidence import score_confidence
from tests.tiny_encoder import TinyEncoder

HOSTILE_ANSWER = (
    "<img src=\"/file=x\" onerror=\"alert('answer')\"><script>alert('answer')</script>\n"
    "# 제목 **굵게** [누르기](javascript:alert(1)) $x^2$ $$y$$ &lt;b&gt;\n"
    "| 표 | 칸 |\n|---|---|\n    들여쓰기"
)
ENTRIES = (
    FaqEntry(
        "delivery-1",
        "배송비는 얼마인가요?",
        "기본 배송비는 3,000원이에요.\n30,000원 이상 주문하시면 무료예요.",
        ("택배 요금 알려 주세요", "shipping fee 얼마예요?"),
        "배송",
    ),
    FaqEntry("delivery-2", "배송은 며칠 걸리나요?", "출고 후 이틀 안에 받으세요.", (), "배송"),
    FaqEntry("delivery-3", "배송지를 바꿀 수 있나요?", "출고 전이면 바꿀 수 있어요.", (), "배송"),
    FaqEntry("refund-1", "환불은 언제 되나요?", "회수 후 3일 안에 환불돼요.", (), "환불"),
    FaqEntry(
        "refund-2", "교환은 어떻게 하나요?", "[주문 내역 > 교환 신청]을 누르세요.", (), "환불"
    ),
    FaqEntry("coupon-1", "쿠폰은 어디에 등록하나요?", "[쿠폰함]에서 등록하세요.", (), "쿠폰"),
    FaqEntry("hostile-1", "<b>굵은</b> **글씨**란?", HOSTILE_ANSWER, (), "기타 <i>"),
    FaqEntry("hello-1", "안녕하세요", "반갑습니다!", (), "기타 <i>"),
)

# Whatever is usual: results are worked by hand.
_FITTED: Any = {
    "fuse": lambda retriever: Fusion(),
    "calibrate": lambda retriever: score_confidence(answer=0.7, suggest=0.3),
}


def build(
    directory: Path, entries: tuple[FaqEntry, ...] = ENTRIES, *, fingerprint: str = "tiny-1"
) -> Manifest:
    """Make `entries` the current generation of `directory`, with thresholds on its scores."""
    return Bundle.build(directory, entries, tiny_encoder(fingerprint), **_FITTED)


def kept_by_milvus(home: Path, place: MilvusPlace) -> None:
    """Make the FAQ the index of `home`, its vectors kept at `place`."""
    with BundleWriter.locked(home / "index") as writer:
        manifest = writer.seal(ENTRIES, tiny_encoder(), **_FITTED, milvus=place)
        writer.promote(manifest.generation, tiny_encoder())


def tiny_encoder(fingerprint: str = "tiny-1") -> TinyEncoder:
    # Wide enough that two different pairs of characters rarely share a column.
    return TinyEncoder(fingerprint, dimension=512)


def small_bot(directory: Path, settings: ChatSettings | None = None) -> Bot:
    """Return a bot over `directory`, built where it is empty."""
    return Bot(_live(directory), settings or ChatSettings())


def small_service(directory: Path, settings: ChatSettings | None = None) -> Service:
    """Return what serves the index of `directory`, built where there is none."""
    settings = settings or ChatSettings(home=directory)
    live = _live(directory / "index")
    similarity = Similarity.of(CosineEncoder(live.get().retriever.encoder), settings.home)
    database = open_store(settings)
    exchanges = exchanges_of(database, settings)
    return Service(settings, live, Bot(live, settings), similarity, database, exchanges)


def _live(directory: Path) -> LiveBundle:
    if not directory.exists():
        build(directory)
    return LiveBundle.open(directory, tiny_encoder())
