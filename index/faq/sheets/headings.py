"""What the headings of columns mean, in Korean and English."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal, NamedTuple

EnglishRole = Literal["question_en", "answer_en"]
Role = Literal["question", "answer", "category", "alternates", "entry_id"] | EnglishRole
# A longer cell is a sentence, no heading.
_LONGEST = 30

# How surely a heading means a role: its very name, a name that ends so, a word of many uses.
NAMED, ENDS, MAYBE = 3, 2, 1


class HeadingRole(NamedTuple):
    """What a heading means, and how surely (1 to 3)."""

    role: Role
    strength: int


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NAMED: dict[Role, frozenset[str]] = {
    "question": _words(
        "question questions q query 질문 물음 질의 문의 질문내용 문의내용 질의내용 질문사항 "
        "문의사항 질의사항 자주묻는질문 예상질문 대표질문 표준질문 questiontext userquestion "
        "qestncn qestnsj faqsj"
    ),
    "answer": _words(
        "answer answers a response responses reply 답변 답 응답 대답 회신 해답 답글 답변내용 "
        "응답내용 회신내용 답변사항 answertext answercn faqcn"
    ),
    "category": _words(
        "category categories 분류 카테고리 구분 범주 대분류 업무구분 분야 유형 section"
    ),
    "alternates": _words(
        "alternates alternate alternatives alternatequestions paraphrases paraphrase variants "
        "variations similarquestions 다른표현 유사표현 비슷한표현 예시발화 발화예시"
    ),
    "entry_id": _words("entryid"),
}
_ENDS: dict[Role, re.Pattern[str]] = {
    "alternates": re.compile(
        "(유사|동의|비슷한|다른|변형|확장|추가|같은|유의)(어)?(질문|질의|문의|표현|발화)|"
        "(similar|alternat(iv)?e|other)questions?"
    ),
    "question": re.compile(".{1,10}(질문|문의|질의|질문내용|문의내용|질의내용|question)"),
    "answer": re.compile(".{1,10}(답변|응답|회신|답변내용|응답내용|answer|response)|.{1,3}답"),
    "category": re.compile(".{1,10}(분류|카테고리|유형|구분|분야|category)"),
}
_MAYBE: dict[Role, frozenset[str]] = {
    "question": _words(
        "제목 title subject 의도 intent prompt instruction input 항목 발화 utterance patterns name "
        "faq 문의제목 질문제목 질의제목 글제목 게시물제목 민원 민원내용 민원제목"
    ),
    "answer": _words(
        "내용 content contents body text completion output description 설명 본문 해설 안내 "
        "안내내용 처리결과 처리내용 조치내용 상세내용 세부내용 상세 details detail "
        "글내용 게시물내용"
    ),
    "category": _words("주제 topic topics 중분류 소분류 메뉴 업무 부문 group 그룹 tag"),
}


# Answer (EN), answer_en, answerEn, 영문 답변: what is left says what is in English.
_ENGLISH = re.compile(
    r"(?<=[a-z가-힣QA])(En|EN|Eng|ENG|English)$|(?<![^\W_])(?i:en|eng|english)(?![^\W_])|영어|영문"
)
_IN_ENGLISH: dict[Role, Role] = {"question": "question_en", "answer": "answer_en"}

# Of an object that is a question or an answer, the part that says it.
_TEXT_OF = {"text", "value", "content", "body", "name", "ko", "kr", "html", "markdown"}


# As programs join words, of whose last and first these say what it is: faqTitle, cate_name.
_JOINED = re.compile(r"[_\s-]+|(?<=[a-z])(?=[A-Z])")
_LAST = _words("title subject question questions content contents body answer answers category")
_FIRST = _words("cate ctgr ctgry category")


def heading_key(name: str) -> str:
    """Return a heading without case, spaces, signs and what stands in brackets."""
    name = unicodedata.normalize("NFKC", name).casefold()
    outside = re.sub(r"\([^)]*\)|\[[^\]]*\]|<[^>]*>", "", name)
    return _bare(outside) or _bare(name)


def heading_roles(names: Sequence[str]) -> list[HeadingRole | None]:
    """Return what headings mean beside each other: English that translates nothing is the FAQ."""
    roles = [heading_role(name) for name in names]
    known = {found.role for found in roles if found}
    plain = {english: role for role, english in _IN_ENGLISH.items() if role not in known}
    return [
        found._replace(role=plain.get(found.role, found.role)) if found else None for found in roles
    ]


def is_english(found: HeadingRole | None) -> bool:
    """Whether a column holds what others hold in English."""
    return found is not None and found.role in _IN_ENGLISH.values()


def heading_role(name: str) -> HeadingRole | None:
    """Return what a heading means; `a.b`, as JSON nests, by its whole, its end or its start."""
    if len(name.strip()) > _LONGEST:
        return None
    rest, is_english = _ENGLISH.subn("", unicodedata.normalize("NFKC", name))
    if is_english and (found := heading_role(rest)) and found.role in _IN_ENGLISH:
        return HeadingRole(_IN_ENGLISH[found.role], found.strength)
    whole = _of_part(name)
    outer, dot, inner = name.rpartition(".")
    if whole is not None or not dot:
        return whole
    found, within = _of_part(outer.partition(".")[0]), _of_part(inner)
    if found is not None and inner.casefold() not in _TEXT_OF:
        return within or found._replace(strength=MAYBE)
    return found or within


def _of_part(name: str) -> HeadingRole | None:
    key = heading_key(name)
    return _role(key) or _role(key.rstrip("0123456789")) or _joined_role(name)


def _joined_role(name: str) -> HeadingRole | None:
    words = [word.casefold() for word in _JOINED.split(name.strip())]
    if len(words) > 1 and words[0] in _FIRST and words[-1] in ("name", "nm"):
        return HeadingRole("category", MAYBE)
    found = _role(words[-1]) if len(words) > 1 and words[-1] in _LAST else None
    return found and found._replace(strength=MAYBE)


def _role(key: str) -> HeadingRole | None:
    if not key:
        return None
    for role, names in _NAMED.items():
        if key in names:
            return HeadingRole(role, NAMED)
    for role, ending in _ENDS.items():
        if ending.fullmatch(key):
            return HeadingRole(role, NAMED if role == "alternates" else ENDS)
    for role, names in _MAYBE.items():
        if key in names:
            return HeadingRole(role, MAYBE)
    return None


def _bare(name: str) -> str:
    return "".join(char for char in name if char.isalnum())
