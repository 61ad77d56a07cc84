"""What the page itself says, in Korean and in English."""

from dataclasses import dataclass

from mundap.index.languages import Language


@dataclass(frozen=True, slots=True)
class PageText:
    """Every label of the page in one language; the texts of a FAQ are not among them."""

    subtitle: str
    greeting: str
    language: str
    category: str
    all_categories: str
    new_chat: str
    more: str
    save: str
    print: str
    message: str
    send: str
    conversation: str
    # {query} is what was asked.
    turn: str
    you: str
    waiting: str
    # The server cannot be reached; the question is asked again once it can.
    away: str
    failed: str
    # {question} is the stored phrasing that matched, {percent} how likely it is right.
    matched: str
    matched_percent: str
    # {text} is what was searched for instead of what was typed, {particle} what Korean adds.
    searched: str
    # {text} is the question before, which this one was read with.
    read_with: str
    # The answer is not in the language of the page.
    other_language: str
    # Above the entries beside an answer; beside a don't-know; and of those to choose from.
    related: str
    perhaps: str
    offered: str
    # {count} entries can be chosen.
    choices: str
    none: str
    none_said: str
    about_reply: str
    copy: str
    copied: str
    up: str
    down: str
    again: str
    why_down: str
    # By reason, as the store has it.
    reasons: dict[str, str]
    comment: str
    tell: str
    close: str
    thanks: str
    contact: str
    telephone: str
    email: str
    form: str
    link: str
    hours: str
    hand_over: str
    reach: str
    hand: str
    handed: str
    not_handed: str


_KOREAN = PageText(
    subtitle="자주 묻는 질문에서 답을 찾아 드려요.",
    greeting="무엇이 궁금하세요?",
    language="언어",
    category="분류",
    all_categories="전체",
    new_chat="새 대화",
    more="더 보기",
    save="대화 저장",
    print="인쇄",
    message="질문을 입력하세요",
    send="보내기",
    conversation="대화 내용",
    turn="질문: {query}",
    you="나",
    waiting="답을 찾고 있어요.",
    away="지금은 연결이 되지 않아요. 다시 이어지면 바로 여쭤볼게요.",
    failed="답을 받지 못했어요.",
    matched="찾은 질문: {question}",
    matched_percent="찾은 질문: {question} · 맞을 확률 {percent}%",
    searched="‘{text}’{particle} 찾았어요",
    read_with="앞의 질문 ‘{text}’에 이어서 읽었어요",
    other_language="답이 영어로 되어 있어요.",
    related="비슷한 질문",
    perhaps="혹시 이런 질문인가요?",
    offered="고를 수 있는 질문",
    choices="고를 수 있는 질문 {count}개가 있어요.",
    none="이 중에 없어요",
    none_said="알려 주셔서 고마워요. 다른 말로 다시 물어봐 주세요.",
    about_reply="이 답에 대해",
    copy="복사",
    copied="복사했어요",
    up="좋아요",
    down="싫어요",
    again="다시 묻기",
    why_down="무엇이 아쉬웠나요?",
    reasons={
        "wrong": "답이 틀려요",
        "outdated": "옛날 내용이에요",
        "unclear": "이해하기 어려워요",
        "not_my_question": "제 질문의 답이 아니에요",
    },
    comment="더 하실 말씀 (안 적으셔도 돼요)",
    tell="알려 주기",
    close="닫기",
    thanks="알려 주셔서 고마워요.",
    contact="문의하기",
    telephone="전화 {telephone}",
    email="메일 {email}",
    form="문의 글 남기기",
    link="상담 페이지",
    hours="상담 시간: {hours}",
    hand_over="상담원에게 대화 보내기",
    reach="연락받으실 전화나 메일",
    hand="이 대화를 보내기",
    handed="상담원에게 보냈어요.",
    not_handed="보내지 못했어요. 잠시 뒤에 다시 눌러 주세요.",
)
_ENGLISH = PageText(
    subtitle="Answers come from the frequently asked questions.",
    greeting="How can we help?",
    language="Language",
    category="Category",
    all_categories="All",
    new_chat="New chat",
    more="More",
    save="Save chat",
    print="Print",
    message="Type your question",
    send="Send",
    conversation="Conversation",
    turn="Question: {query}",
    you="You",
    waiting="Looking for an answer.",
    away="There is no connection now. Your question will be asked as soon as there is.",
    failed="No answer came back.",
    matched="Matched question: {question}",
    matched_percent="Matched question: {question} · {percent}% likely right",
    searched="Searched for ‘{text}’",
    read_with="Read together with ‘{text}’",
    other_language="This answer is in Korean.",
    related="Similar questions",
    perhaps="Is it one of these?",
    offered="Questions to choose from",
    choices="There are {count} questions to choose from.",
    none="None of these",
    none_said="Thank you for telling us. Please ask in other words.",
    about_reply="About this reply",
    copy="Copy",
    copied="Copied",
    up="Helpful",
    down="Not helpful",
    again="Ask again",
    why_down="What was wrong?",
    reasons={
        "wrong": "The answer is wrong",
        "outdated": "It is out of date",
        "unclear": "It is hard to understand",
        "not_my_question": "It does not answer my question",
    },
    comment="Anything else (you need not)",
    tell="Tell us",
    close="Close",
    thanks="Thank you for telling us.",
    contact="Contact",
    telephone="Call {telephone}",
    email="Mail {email}",
    form="Write to us",
    link="Help desk",
    hours="Hours: {hours}",
    hand_over="Send this chat to our staff",
    reach="Your telephone or e-mail",
    hand="Send this chat",
    handed="Our staff has your chat.",
    not_handed="It could not be sent. Please press again in a moment.",
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
