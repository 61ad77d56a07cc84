from collections.abc import Iterator, Mapping

import pytest

from mundap.index.faq.entry import FaqEntry
from mundap.index.faq.passages import name_candidates, name_learning
from mundap.index.faq.passages.name_candidates import dump_candidates, load_candidates
from mundap.index.faq.passages.name_learning import NameLearning, Verdict
from mundap.index.korean.morphemes import analyse_and_place
from mundap.index.korean.names import NO_NAMES, Names
from mundap.index.korean.particles import with_particle

_BRANDS = """
    무신사 이어팟 쿠팡 쿠팡이츠 배달의민족 배민 요기요 마켓컬리 컬리 당근마켓 번개장터
    오늘의집 에이블리 지그재그 브랜디 야놀자 여기어때 직방 다방 토스 토스뱅크 카카오뱅크
    케이뱅크 네이버페이 카카오페이 페이코 삼성페이 왓챠 넷플릭스 티빙 웨이브 멜론 벅스
    지니뮤직 갤럭시버즈 에어팟 아이폰 갤럭시탭 다이슨 발뮤다 로보락 샤오미 쿠쿠 코웨이
    세라젬 바디프랜드 올리브영 이니스프리 설화수 닥터지 라네즈 젝시믹스 안다르 나이키
    뉴발란스 스타벅스 투썸 메가커피 빽다방 롯데리아 맘스터치 교촌 비비큐 쏘카 그린카
    카카오티 타다 클룩 마이리얼트립 트립닷컴 밀리의서재 리디북스 클래스101 숨고 크몽
    11번가 G마켓 29CM LG유플러스
"""
BRANDS = _BRANDS.split()


def sentences(brand: str) -> list[str]:
    """Return what visitors write: none of the sentences that words are tried in."""
    return [
        f"{brand} 반품 규정 알려 줘",
        with_particle(brand, "는", "은") + "요?",
        f"어제 {brand}에서 주문한 옷인데 아직도 안 왔어요",
        "그럼 " + with_particle(brand, "랑", "이랑") + " 뭐가 달라요?",
        f"저번에 산 {brand} 말이에요",
        with_particle(brand, "로", "으로") + " 낼 수 있나요",
    ]


def cut(text: str, brand: str, names: Names) -> tuple[str, ...]:
    start = text.index(brand)
    end = start + len(brand)
    found = zip(*analyse_and_place(text, names), strict=True)
    return tuple(m.form for m, span in found if span.start < end and span.end > start)


def alike(names: Names) -> set[str]:
    """Return the brands that every sentence cuts alike."""
    return {b for b in BRANDS if len({cut(text, b, names) for text in sentences(b)}) == 1}


def shops() -> Iterator[FaqEntry]:
    """Yield an entry for each brand, which names it once or twice."""
    for number, brand in enumerate(BRANDS):
        question = (f"{brand} 이용 방법이 궁금해요", f"{brand}에서 산 물건도 되나요?")[number % 2]
        yield FaqEntry(str(number), question, f"{brand} 앱에서 확인하세요.")


def test_nine_brands_of_ten_are_cut_alike_whatever_stands_around_them() -> None:
    before, after = alike(NO_NAMES), alike(NameLearning.of(shops()).names)

    assert len(BRANDS) == 79
    assert len(before) < 0.75 * len(BRANDS)
    assert len(after) > 0.92 * len(BRANDS)
    assert before <= after


def learned(*texts: str) -> Mapping[str, tuple[str, ...]]:
    entries = [FaqEntry(str(n), text, "고객센터로 물어보세요.") for n, text in enumerate(texts)]
    return NameLearning.of(entries).names.pieces


def test_a_name_is_learned_from_one_mention_without_its_particles() -> None:
    assert learned("무신사에서 산 옷은 어떻게 바꾸나요?") == {"무신사": ("무신사",)}


def test_a_name_is_learned_from_an_answer_and_from_an_alternate() -> None:
    entry = FaqEntry("a", "수리 되나요?", "이어팟은 됩니다.", ("크몽으로 맡겨도 되나요",))

    assert {"이어팟", "크몽"} <= set(NameLearning.of([entry]).names.pieces)


def test_a_compound_whose_words_the_faq_says_apart_is_those_words_everywhere() -> None:
    assert learned("반품비는 얼마인가요?") == {"반품비": ("반품비",)}
    assert learned("반품비는 얼마인가요?", "반품 신청 방법") == {"반품비": ("반품", "비")}


def test_a_verb_in_the_place_of_a_noun_is_a_name() -> None:
    assert learned("야놀자에서 예약했어요") == {"야놀자": ("야놀자",)}


@pytest.mark.parametrize(
    "text",
    [
        "환불은 언제 되나요?",
        "결제가 안 되는지를 알고 싶어요",
        "포인트만으로 결제할 수 있나요?",
        "쿠폰이나 적립금은요?",
        "3월 10일까지 신청하시면 됩니다",
        "그럼 어떻게 해요? 아니요",
        "VIP 10,000원 ㅋㅋ",
        "😀?!",
        "",
    ],
)
def test_ordinary_words_are_no_names(text: str) -> None:
    assert learned(text) == {}


def test_what_was_tried_before_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = NameLearning.of(shops())
    tried: list[str] = []

    def noted(word: str) -> Verdict:
        tried.append(word)
        return Verdict()

    monkeypatch.setattr(name_learning.Verdict, "of", noted)
    more = [*shops(), FaqEntry("new", "왓퍼에서 샀어요", "네.")]

    again = NameLearning.of(more, first)

    assert tried == ["왓퍼", "왓퍼에서"]
    assert again.names.pieces == first.names.pieces


def test_what_was_read_before_is_not_analysed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = NameLearning.of(shops())
    analysed: list[str] = []

    def noted(text: str) -> object:
        analysed.append(text)
        return analyse_and_place(text)

    monkeypatch.setattr(name_candidates, "analyse_and_place", noted)
    # One that stands before all others, and one of them gone: what is read changes with both.
    more = [FaqEntry("new", "왓퍼에서 샀어요", "네, 왓퍼도 됩니다."), *list(shops())[1:]]

    again = NameLearning.of(more, first)

    assert set(analysed) == {"왓퍼에서 샀어요", "네, 왓퍼도 됩니다."}
    fresh = NameLearning.of(more)
    assert (again.dump(), again.texts) == (fresh.dump(), fresh.texts)


def test_what_was_read_comes_back_as_it_was() -> None:
    texts = NameLearning.of(shops()).texts
    assert load_candidates(dump_candidates(texts).splitlines()) == texts


def test_loading_undoes_dumping() -> None:
    first = NameLearning.of(shops())

    again = NameLearning.load(first.dump())

    assert again.dump() == first.dump()
    assert again.verdicts == first.verdicts
    assert again.names.pieces == first.names.pieces


def test_a_pasted_word_is_not_taken_apart() -> None:
    assert learned("무신사이어팟" * 1_000) == {}
