import re
from pathlib import Path

import pytest

from mundap.chatbot import settings_file
from mundap.chatbot.api.settings import ApiSettings
from mundap.chatbot.settings import ENGLISH, KOREAN, ChatSettings
from mundap.chatbot.settings_file import SettingsError


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings are read from the folder one stands in, and from nothing of this machine's."""
    monkeypatch.chdir(tmp_path)
    for name in ("HOST", "PORT", "FAQ", "HOME", "LANGUAGE"):
        monkeypatch.delenv(f"MUNDAP_{name}", raising=False)
    return tmp_path


def write_settings(folder: Path, toml: str) -> None:
    (folder / "mundap.toml").write_text(toml, encoding="utf-8")


def test_a_page_is_for_this_machine_alone_until_its_owner_decides_otherwise() -> None:
    assert ChatSettings.load().host == "127.0.0.1"


def test_flags_win_over_the_environment_and_that_over_the_file(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / "mundap.toml").write_text(
        'port = 1\ntitle = "파일"\nlanguage = "en"\n', encoding="utf-8"
    )
    monkeypatch.setenv("MUNDAP_PORT", "2")
    monkeypatch.setenv("MUNDAP_TITLE", "환경")
    settings = ChatSettings.load(port=3, title=None)
    assert (settings.port, settings.title, settings.language) == (3, "환경", "en")


def test_one_text_can_be_changed_alone(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (empty_folder / "mundap.toml").write_text(
        '[texts_ko]\nunknown = "점장에게 물어보세요."\n', encoding="utf-8"
    )
    monkeypatch.setenv("MUNDAP_TEXTS_EN__BLANK", "Yes?")
    settings = ChatSettings.load()
    assert settings.texts("ko") == KOREAN.model_copy(update={"unknown": "점장에게 물어보세요."})
    assert settings.texts("en") == ENGLISH.model_copy(update={"blank": "Yes?"})


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("port = 0", r"^setting port = 0: Input should be greater than or equal to 1\.$"),
        (
            "prot = 80",
            r"^setting prot is unknown \(.* port\?\); the .* port, .*and the table \[api\]\.$",
        ),
        ('language = "fr"', r"^setting language = 'fr': Input should be 'ko' or 'en'\.$"),
        (
            "[texts_ko]\nunknwon = 1",
            r"^setting texts_ko\.unknwon is unknown \(did .*\); .* blank, .*, wordless\.$",
        ),
        ("port 80", r"^mundap\.toml: .*line 1"),
    ],
)
def test_a_bad_setting_is_named_in_one_sentence(
    empty_folder: Path, toml: str, message: str
) -> None:
    write_settings(empty_folder, toml)
    with pytest.raises(SettingsError, match=message) as raised:
        ChatSettings.load()
    assert "\n" not in str(raised.value)


def test_a_variable_that_is_no_json_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUNDAP_TEXTS_KO", "{")
    with pytest.raises(
        SettingsError, match=r'^a variable MUNDAP_\.\.\. is to hold JSON.*"texts_ko"'
    ):
        ChatSettings.load()


def test_a_text_with_an_unknown_field_is_refused_before_a_visitor_meets_it(
    empty_folder: Path,
) -> None:
    (empty_folder / "mundap.toml").write_text(
        '[texts_ko]\ntoo_long = "{무엇}자는 길어요"\n', encoding="utf-8"
    )
    with pytest.raises(SettingsError, match=r"texts_ko\.too_long.*only \{length\} and \{limit\}"):
        ChatSettings.load()


def test_a_variable_of_the_api_is_none_of_the_chats_and_the_other_way_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MUNDAP_API_PROT", "80")
    ChatSettings.load()
    message = r"^variable MUNDAP_API_PROT is unknown \(did you mean PORT\?\); .* ADMIN_TOKEN, "
    with pytest.raises(SettingsError, match=message):
        ApiSettings.load()
    monkeypatch.delenv("MUNDAP_API_PROT")
    monkeypatch.setenv("MUNDAP_PROT", "80")
    ApiSettings.load()


def test_every_variable_that_the_code_or_a_page_names_is_known() -> None:
    root = Path(settings_file.__file__).parents[1]
    rooms = ("benchmarks", "chatbot", "commands", "evaluation", "feedback", "index", "training")
    files = [file for room in rooms for file in (root / room).rglob("*.py")]
    files += [file for file in (root / "deploy").rglob("*") if file.is_file()]
    files += [*root.glob("docs/*.md"), root / "README.md"]
    texts = [file.read_text("utf-8") for file in files]
    named = {name for text in texts for name in re.findall(r"\bMUNDAP_[A-Z_]+\b", text)}
    fields = {f"MUNDAP_{name.upper()}" for name in ChatSettings.model_fields}
    fields |= {f"MUNDAP_API_{name.upper()}" for name in ApiSettings.model_fields}
    named = {name.partition("__")[0] for name in named if not name.endswith("_")}
    assert named - fields - {*settings_file.OTHER_VARIABLES} == set()


def test_what_the_bot_itself_says_is_found_in_the_other_language() -> None:
    settings = ChatSettings(texts_en=ENGLISH.model_copy(update={"unknown": "No idea."}))
    assert settings.said_in("en", KOREAN.unknown) == "No idea."
    assert settings.said_in("ko", "No idea.") == KOREAN.unknown
    assert settings.said_in("en", "3일 안에 환불돼요.") is None
