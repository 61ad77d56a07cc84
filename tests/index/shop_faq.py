"""A shop's FAQ of a few entries, for tests of the query layer."""

from functools import cache

from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages.passages import Passages
from mundap.index.query.query_layer import QueryLayer
from mundap.index.query.vocabulary import Vocabulary

ENTRIES = [
    FaqEntry("fee", "배송비는 얼마인가요?", "3,000원이에요.", ("배송비 얼마예요", "택배비 얼마")),
    FaqEntry(
        "refund", "환불은 언제 되나요?", "3일 걸려요.", ("환불 어떻게 해요", "환불 며칠 걸려요")
    ),
    FaqEntry("coupon", "쿠폰은 어디에 등록하나요?", "쿠폰함이요.", ("쿠폰 등록 방법", "vip 쿠폰")),
    FaqEntry("app", "앱이 안 열려요", "다시 설치하세요.", ("앱 설치 어떻게 해요", "앱 오류")),
    FaqEntry("kakao", "카카오페이로 결제되나요?", "네.", ("카카오페이 결제", "카카오 결제 방법")),
    FaqEntry("points", "적립금은 언제 들어오나요?", "다음 날이요.", ("적립금 등록 언제 되나요",)),
    FaqEntry(
        "change", "교환 신청은 어디서 하나요?", "주문 내역에서요.", ("교환 되나요", "교환 신청")
    ),
    FaqEntry("hello", "안녕하세요", "안녕하세요!", ("안녕", "ㅎㅇ", "왜 안 돼요")),
]


@cache
def passages() -> Passages:
    """Return the texts of the FAQ."""
    return Passages.of(ENTRIES)


@cache
def vocabulary() -> Vocabulary:
    """Return its words."""
    return Vocabulary.of(passages())


@cache
def query_layer() -> QueryLayer:
    """Return the layer that knows it."""
    return QueryLayer.of(passages())
