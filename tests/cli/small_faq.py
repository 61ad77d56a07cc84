"""Four entries and a query for three of them."""

from mundap.index.faq.entry import FaqEntry

ENTRIES = [
    FaqEntry("fee", "배송비는 얼마인가요?", "3,000원이에요.", ("택배 요금|운임",), "배송"),
    FaqEntry(
        "refund", "환불은 며칠 걸려요?", "3영업일이에요.\n주말은 빼요.", ("돈 언제 줘",), "환불"
    ),
    FaqEntry("coupon", "쿠폰은 어디에 등록하나요?", "쿠폰함에 등록하세요.", (), "쿠폰"),
    FaqEntry("phone", "전화번호가 뭐예요?", "1600-0000이에요.", ("상담 번호",), "고객센터"),
]
QUERIES = [("배송비 알려줘", "fee"), ("환불 얼마나 걸려", "refund"), ("쿠폰 등록", "coupon")]
