"""What visitors say that asks nothing: greetings, thanks, and words such as 네 and 왜."""

import re
from typing import Literal

from mundap.index.korean.text import match_key

SmallTalk = Literal["greeting", "thanks", "filler"]

_WORDS: dict[SmallTalk, str] = {
    "greeting": """
        안녕 안녕하세요 안녕하십니까 안녕하신가요 안뇽 안녕히계세요 안녕히가세요 하이 하이요
        헬로 헬로우 반가워 반가워요 반갑습니다 여보세요 처음뵙겠습니다 잘있어 ㅎㅇ 좋은아침
        좋은아침이에요 hi hello hey bye goodmorning
        こんにちは こんばんは おはようございます はじめまして 你好 您好 早上好 再见
    """,
    "thanks": """
        감사 감사해요 감사합니다 감사드려요 감사드립니다 고마워 고마워요 고맙습니다 고맙다 땡큐
        땡스 수고 수고하세요 수고하셨습니다 수고많으세요 ㄱㅅ ㄳ ㄱㅅㄱㅅ 넵감사합니다
        네감사합니다 네고맙습니다 thanks thankyou thx ありがとう
        ありがとうございます ありがとうございました 谢谢 谢谢你 多谢 感谢
    """,
    "filler": """
        네 넵 넹 넴 예 옙 응 웅 어 엉 아 아하 음 흠 오 와 헐 뭐 뭐요 뭐야 왜 왜요 왜죠 어디 언제
        누구 진짜 진짜요 정말 정말요 그래 그래요 그렇군요 그렇구나 그쵸 그죠 맞아 맞아요 아니
        아니요 아뇨 아니오 아닌데요 알겠습니다 알겠어요 알았어 알았어요 됐어 됐어요 ㅇㅇ ㅇㅋ
        ㅇㅎ ㄴㄴ ㄴ ㅇ ㅋ ㅋㅋ ㅋㅋㅋ ㅎㅎ ㅎㅎㅎ ㅠㅠ ㅜㅜ 오케이 오키 그냥 그럼 그러면 ok
        okay yes no yeah what why huh hmm
    """,
}
_KIND_OF = {word: kind for kind, words in _WORDS.items() for word in words.split()}
_NO_LETTER = re.compile(r"[\W_]+")
_SAID_AGAIN = re.compile(r"(.+?)\1+")


def small_talk(text: str) -> SmallTalk | None:
    """Return what a message is that asks nothing, and None for every other."""
    said = letters(text)
    again = _SAID_AGAIN.fullmatch(said)  # 응응, ㅇㅋㅇㅋ
    return _KIND_OF.get(said) or (_KIND_OF.get(again[1]) if again else None)


def letters(text: str) -> str:
    """Return what is said whatever stands between: letters and digits alone."""
    return _NO_LETTER.sub("", match_key(text))
