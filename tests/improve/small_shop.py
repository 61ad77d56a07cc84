"""A shop of forty entries whose visitors have other words for everything, and its store."""

from collections.abc import Sequence
from pathlib import Path

from mundap.feedback.store.database import Database
from mundap.feedback.verdicts.judgements import Verdict, judge
from mundap.improve.bounds import Bounds
from mundap.improve.candidate import Workshop
from mundap.improve.run import Ended, improve
from mundap.index.bundle.bundle import Bundle
from mundap.index.encoders.registry import load_encoder
from mundap.index.faq.entry import FaqEntry
from tests.training.small_base import configured, write_small_base

# What the FAQ says -> what visitors say.
THINGS = {
    "배송": "택배",
    "환불": "돈 반환",
    "쿠폰": "할인권",
    "회원": "아이디",
    "결제": "카드",
    "교환": "맞바꿈",
    "영수증": "증빙",
    "선물": "포장",
    "적립금": "포인트",
    "후기": "리뷰",
}
ASPECTS = {"비용": "얼마", "기간": "며칠", "방법": "어떻게", "취소": "무르기"}
ENDINGS = ("알려 줘", "궁금해요", "인가요", "좀 볼게요", "모르겠네요", "부탁드립니다")

ENTRIES = [
    FaqEntry(f"{thing}-{aspect}", f"{thing} {aspect} 안내", f"{thing}의 {aspect}입니다.")
    for thing in THINGS
    for aspect in ASPECTS
]
Said = tuple[str, Verdict, str | None]


def visitors(endings: Sequence[str] = ENDINGS, shift: int = 0) -> list[Said]:
    """Return what visitors ask of every entry, accepted; `shift` accepts it for a later entry."""
    return [
        (f"{THINGS[thing]} {ASPECTS[aspect]} {ending}", "right", ENTRIES[place].entry_id)
        for ending in endings
        for number, (thing, aspect) in enumerate((t, a) for t in THINGS for a in ASPECTS)
        for place in [(number + shift) % len(ENTRIES)]
    ]


def uncovered() -> list[Said]:
    """Return what nothing in the shop answers."""
    words = ("날씨", "주가", "점심", "축구", "영화", "버스", "고양이", "로또", "여행", "시험")
    return [(f"{word} {ending}", "uncovered", None) for word in words for ending in ENDINGS]


def open_shop(folder: Path, entries: Sequence[FaqEntry] = ENTRIES) -> Workshop:
    """Serve the FAQ with a random encoder of two megabytes, and return where it is improved."""
    base = _base(folder / "base")
    Bundle.build(folder / "index", entries, load_encoder(base), encoder_directory=base)
    return reopened(folder)


def reopened(folder: Path) -> Workshop:
    """Return where a shop is improved that was opened before."""
    training = configured(folder / "base", batch_size=16, epochs=2, refit=True)
    return Workshop(folder / "index", folder / "encoder", folder / "improve", training=training)


def _base(directory: Path) -> Path:
    """Write that encoder as whoever is served or trains may load it."""
    directory.mkdir(parents=True)
    write_small_base(directory)
    return directory


def store(folder: Path) -> Database:
    """Open the store of the shop."""
    return Database.of(None, folder)


def say(database: Database, said: Sequence[Said]) -> None:
    """Judge queries as an owner does."""
    with database.writing() as connection:
        for query, verdict, entry_id in said:
            judge(connection, "주인", query, verdict, entry_id)


def improved(workshop: Workshop, database: Database, margin: float = 0.02) -> Ended:
    """Improve it as an owner does."""
    return improve(workshop, database, Bounds(margin), "주인")


def serving(workshop: Workshop) -> int:
    """Return the number of the generation that serves."""
    return Bundle.open(workshop.index).manifest.generation
