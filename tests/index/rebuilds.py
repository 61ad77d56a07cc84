"""Small FAQs to build bundles of, and rebuilds that run in processes of their own."""

from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path

from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.manifest import BundleError, Manifest
from mundap.index.encoders.encoder import Vectors
from mundap.index.faq.entry import FaqEntry
from mundap.index.search.confidence import Confidence
from mundap.index.search.retriever import Retriever
from tests.tiny_encoder import TinyEncoder

OLD = [
    FaqEntry("refund", "환불 되나요?", "네,\n됩니다.", ("환불하고 싶어요", "반품 방법"), "환불"),
    FaqEntry("shipping", "배송비는 얼마예요?", "3,000원입니다.\u2028무료도 있어요.", (), "배송"),
    FaqEntry("both", "환불하고 싶어요", "같은 말, 다른 항목.", ("비밀번호를 잊었어요",)),
]
NEW = [
    FaqEntry("refund", "환불 되나요?", "아니요.", ("환불하고 싶어요", "교환 방법"), "환불"),
    FaqEntry("points", "포인트는 언제 쌓이나요?", "다음 날입니다."),
]


def build(directory: Path, entries: Sequence[FaqEntry], encoder: TinyEncoder) -> Manifest:
    return Bundle.build(directory, entries, encoder)


def version(number: int, entries: int) -> list[FaqEntry]:
    """Return a FAQ of which every text differs from that of every other version."""
    return [
        FaqEntry(
            f"entry-{row}",
            f"제{number}판 {row}번째 질문입니다",
            f"제{number}판의 답",
            (f"{row} 다른 말 {number}",),
        )
        for row in range(entries)
    ]


def rebuild(directory: Path, numbers: Sequence[int], entries: int, told: Connection) -> None:
    """Build one version after the other; tell when each begins, writes its files and is done."""
    for number in numbers:
        faq = version(number, entries)

        def calibrate(retriever: Retriever) -> Confidence:
            told.send("writing")
            return Confidence.usual(content=False)

        told.send("building")
        Bundle.build(directory, faq, TinyEncoder(), calibrate=calibrate)
        told.send("built")


def rebuild_slowly(
    directory: Path, number: int, wait: float, begun: Event, finish: Event, told: Connection
) -> None:
    """Build a version, pausing within until `finish`; tell "built" or the error's text."""
    try:
        encoder = PausingEncoder(begun, finish)
        Bundle.build(directory, version(number, 3), encoder, wait=wait)
    except BundleError as error:
        told.send(str(error))
    else:
        told.send("built")


class PausingEncoder(TinyEncoder):
    """Says that it has begun, and waits to be told to finish."""

    def __init__(self, begun: Event, finish: Event) -> None:
        super().__init__()
        self._begun, self._finish = begun, finish

    def encode(self, texts: Sequence[str]) -> Vectors:
        self._begun.set()
        assert self._finish.wait(timeout=60)
        return super().encode(texts)
