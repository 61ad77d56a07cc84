"""The screens of the owner's page, in the order of its menu."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen: its path below /admin, and its names."""

    path: str
    ko: str
    en: str


SCREENS = (
    Screen("overview", "현황", "Overview"),
    Screen("unanswered", "답을 못 찾은 질문", "Unanswered"),
    Screen("entries", "질문과 답", "Entries"),
    Screen("try", "물어보기", "Try"),
    Screen("changes", "변경과 게시", "Changes"),
    Screen("improve", "개선", "Improve"),
    Screen("settings", "설정", "Settings"),
)
FIRST = SCREENS[0]
