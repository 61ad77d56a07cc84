"""What the page itself says, in Korean and in English."""

from dataclasses import dataclass

from mundap.chatbot.settings import Language


@dataclass(frozen=True, slots=True)
class PageText:
    """Every label of the page in one language; the texts of a FAQ are not among them."""

    subtitle: str
    greeting: str
    category: str
    all_categories: str
    new_chat: str
    message: str
    send: str
    # {question} is the stored phrasing that matched, {percent} how likely it is right.
    matched: str
    # {text} is what was searched for instead of what was typed, {particle} what Korean adds.
    searched: str
    # {text} is the question before, which this one was read with.
    read_with: str


_KOREAN = PageText(
    subtitle="자주 묻는 질문에서 답을 찾아 드려요.",
    greeting="무엇이 궁금하세요?",
    category="분류",
    all_categories="전체",
    new_chat="새 대화",
    message="질문을 입력하세요",
    send="보내기",
    matched="찾은 질문: {question} · 맞을 확률 {percent}%",
    searched="‘{text}’{particle} 찾았어요",
    read_with="앞의 질문 ‘{text}’에 이어서 읽었어요",
)
_ENGLISH = PageText(
    subtitle="Answers come from the frequently asked questions.",
    greeting="How can we help?",
    category="Category",
    all_categories="All",
    new_chat="New chat",
    message="Type your question",
    send="Send",
    matched="Matched question: {question} · {percent}% likely right",
    searched="Searched for ‘{text}’",
    read_with="Read together with ‘{text}’",
)


def page_text(language: Language) -> PageText:
    """Return the labels of one language."""
    return _KOREAN if language == "ko" else _ENGLISH


@dataclass(frozen=True, slots=True)
class StsText:
    """Every label of the tab that compares sentences, in one language."""

    chat_tab: str
    tab: str
    pair: str
    first: str
    second: str
    compare: str
    file: str
    about_file: str
    base: str
    upload: str
    column: str
    rank: str
    download: str
    # What the ends of the scale mean.
    scale: str
    cosine: str
    # {rows} sentences of {column}.
    ranked: str
    headings: tuple[str, str, str]
    blank: str
    too_long: str
    no_file: str
    busy: str
    problems: dict[str, str]


_KOREAN_STS = StsText(
    chat_tab="대화",
    tab="문장 비교",
    pair="두 문장 비교",
    first="첫째 문장",
    second="둘째 문장",
    compare="비교하기",
    file="파일에서 비슷한 문장 찾기",
    about_file="CSV(UTF-8 또는 CP949), 첫 줄은 열 이름",
    base="기준 문장",
    upload="CSV 파일",
    column="문장이 든 열의 이름 (비우면 글자가 든 첫 열)",
    rank="모두 비교하기",
    download="전체 결과 내려받기 (CSV)",
    scale="0 관계없음 · 5 같은 뜻",
    cosine="코사인 유사도 {cosine:.3f}",
    ranked="‘{column}’ 열의 문장 {rows:,}개를 비교했어요. 가장 비슷한 문장이에요.",
    headings=("점수", "행", "문장"),
    blank="비교할 문장을 적어 주세요.",
    too_long="문장은 {limit:,}자까지 쓸 수 있어요.",
    no_file="CSV 파일을 올려 주세요.",
    busy="지금 다른 파일을 비교하고 있어요. 잠시 뒤에 다시 눌러 주세요.",
    problems={
        "not_csv": "CSV 파일이 아니에요. 엑셀에서 ‘CSV UTF-8’로 저장해 주세요.",
        "too_many_rows": "행이 너무 많아요. 파일을 나눠 주세요.",
        "bad_csv": "CSV 파일을 읽을 수 없어요.",
    },
)
_ENGLISH_STS = StsText(
    chat_tab="Chat",
    tab="Compare sentences",
    pair="Two sentences",
    first="First sentence",
    second="Second sentence",
    compare="Compare",
    file="Find similar sentences in a file",
    about_file="CSV (UTF-8 or CP949), column names in its first line",
    base="Sentence to compare with",
    upload="CSV file",
    column="Column of the sentences (blank: the first one with text)",
    rank="Compare all",
    download="Download all results (CSV)",
    scale="0 unrelated · 5 the same",
    cosine="cosine {cosine:.3f}",
    ranked="Compared {rows:,} sentences of column ‘{column}’. These are the closest.",
    headings=("Score", "Row", "Sentence"),
    blank="Please write the sentences to compare.",
    too_long="A sentence may have {limit:,} characters.",
    no_file="Please choose a CSV file.",
    busy="Other files are being compared. Please try again in a moment.",
    problems={
        "not_csv": "This is no CSV file. Save it as ‘CSV UTF-8’ in Excel.",
        "too_many_rows": "The file has too many rows. Please send it in parts.",
        "bad_csv": "The CSV file cannot be read.",
    },
)


def sts_text(language: Language) -> StsText:
    """Return the labels of the tab in one language."""
    return _KOREAN_STS if language == "ko" else _ENGLISH_STS
