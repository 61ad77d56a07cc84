"""Another thing done or said of the same: 취소하고 싶어 -> 확정하고 싶어, 비싸요 -> 싸요."""

from mundap.training.mining.edits.sentence import Part, Sentence, words


def opposites(listed: str) -> dict[str, str]:
    """Return word -> other word of a list such as "사:팔 팔:사"."""
    return dict(pair.split(":", 1) for pair in listed.split())


# Nouns of action and state -> one that fits wherever the first does and means something else.
_NOUNS = opposites(
    "가입:탈퇴 탈퇴:가입 등록:삭제 삭제:등록 취소:확정 확정:취소 환불:교환 교환:환불 반품:교환 "
    "주문:취소 결제:환불 로그인:로그아웃 로그아웃:로그인 신청:취소 해지:신청 적립:사용 "
    "사용:적립 발급:반납 반납:발급 설치:삭제 추가:삭제 제거:추가 입금:출금 출금:입금 배송:회수 "
    "발송:회수 회수:발송 문의:신고 신고:문의 차단:허용 허용:차단 작성:삭제 입력:삭제 저장:삭제 "
    "선택:제외 포장:개봉 개봉:포장 지급:회수 충전:사용 예약:취소 시작:종료 종료:시작 연장:단축 "
    "단축:연장 증가:감소 감소:증가 구매:반품 구입:반품 판매:구매 방문:전화 할인:인상 인상:할인 "
    "출고:입고 입고:출고 가능:불가능 불가능:가능 공개:비공개 비공개:공개 변경:삭제 수정:삭제 "
    "조회:삭제 동의:거절 거절:동의 성공:실패 실패:성공 합격:불합격 출발:도착 "
    "도착:출발 퇴근:출근 출근:퇴근 출석:결석 찬성:반대 반대:찬성 무료:유료 유료:무료"
)
# Stem -> stem, the second with -I or -R where it could be irregular or regular.
_VERBS = opposites(
    "사:팔 팔:사 받:보내 보내:받/-R 열:닫/-R 닫:열 켜:끄 끄:켜 넣:빼 빼:넣 늘리:줄이 줄이:늘리 "
    "올리:내리 내리:올리 오:가 가:오 들어오:나가 나가:들어오 들어가:나오 늘:줄 줄:늘 찾:숨기 "
    "잃어버리:찾 지우:남기 남기:지우 붙이:떼 떼:붙이 모으:쓰 사라지:나타나 나타나:사라지 "
    "만들:없애 없애:만들 입:벗/-R 벗:입/-R 빌리:갚 외우:잊 올라가:내려가 내려가:올라가 이기:지 "
    "지키:어기 돌려받:돌려주 돌려주:돌려받/-R 바꾸:지우 고르:빼"
)
_ADJECTIVES = opposites(
    "비싸:싸 싸:비싸 크:작 작:크 많:적 적:많 빠르:느리 느리:빠르 길:짧 짧:길 좋:나쁘 나쁘:좋 "
    "쉽:어렵/-I 어렵:쉽/-I 높:낮 낮:높 가깝:멀 멀:가깝/-I 무겁:가볍/-I 가볍:무겁/-I 다르:같 "
    "밝:어둡/-I 어둡:밝 덥:춥/-I 춥:덥/-I 넓:좁/-R 좁:넓 두껍:얇 얇:두껍/-I 재미있:재미없 "
    "재미없:재미있 맛있:맛없 맛없:맛있"
)


# With the place said (세탁기에 넣다) the other verb asks for another particle.
_OF_PLACES = words("넣 빼 들어가 나가 들어오 나오 붙이 떼 바꾸 올라가 내려가 도착 출발")
_PLACE_MARKS = words("에 에다 에다가 에서 서 로 으로")


def change_predicate(sentence: Sentence) -> str | None:
    """Return the sentence with its last verb, adjective or noun of action exchanged.

    None where none of them is listed, or where the other word stands in the sentence too.
    """
    present = {morpheme.form for morpheme in sentence.morphemes}
    for row in reversed(range(len(sentence.morphemes))):
        part = _other(sentence, row)
        if part is not None and part[0] not in present:
            return sentence.replaced(row, row + 1, [part])
    return None


def _other(sentence: Sentence, row: int) -> Part | None:
    form, tag, spaced = sentence.part(row)
    if form in _OF_PLACES and _names_place(sentence, row):
        return None
    if tag == "NNG" and form in _NOUNS:
        return (_NOUNS[form], "NNG", spaced) if _is_free(sentence, row) else None
    stems = {"VV": _VERBS, "VA": _ADJECTIVES}.get(sentence.tag(row), {})
    if form not in stems or not (spaced or row == 0):
        return None
    if sentence.form(row - 1) == "게":  # 보이게 만들다
        return None
    other, _, conjugation = stems[form].partition("/")
    return other, sentence.tag(row) + conjugation, spaced


def _is_free(sentence: Sentence, row: int) -> bool:
    """Whether the noun is no part of a longer one (주문번호) and is not counted (한 주문)."""
    ends = row + 1 == len(sentence.morphemes) or sentence.part(row + 1)[2]
    longer = not ends and sentence.tag(row + 1).startswith(("NN", "XSN"))
    return not longer and sentence.tag(row - 1) not in {"MM", "XPN", "SN"}


def _names_place(sentence: Sentence, row: int) -> bool:
    return any(
        sentence.tag(before) == "JKB" and sentence.form(before) in _PLACE_MARKS
        for before in range(row)
    )
