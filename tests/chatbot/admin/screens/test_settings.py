"""What an owner chooses holds at once, and outlives a restart."""

import httpx
import pytest

from mundap.chatbot.own_settings import ChoiceError, OwnSettings, logo_of, merged
from mundap.chatbot.settings import ChatSettings
from mundap.feedback.owners.chosen_settings import choose_settings, chosen_settings
from tests.chatbot.admin_site import OWNER, OwnersClient, Shop

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


def asked(shop: Shop, query: str) -> dict[str, object]:
    answer = httpx.post(f"{shop.url}/v1/ask", json={"query": query})
    assert answer.status_code == 200
    return dict(answer.json())


def test_another_text_is_said_at_once_and_an_empty_one_goes_back(
    owner: OwnersClient, served: Shop
) -> None:
    usual = asked(served, "우주 정거장은 어디 있나요")["message"]
    fields = {"texts_ko.unknown": "그건 아직 몰라요. 전화 주세요!"}
    assert (
        owner.post("settings/said", **fields).headers["location"]
        == "../../admin/settings?done=said"
    )
    assert asked(served, "우주 정거장은 어디 있나요")["message"] == "그건 아직 몰라요. 전화 주세요!"
    owner.post("settings/said", **{"texts_ko.unknown": "  "})
    assert asked(served, "우주 정거장은 어디 있나요")["message"] == usual


def test_a_higher_target_answers_less(owner: OwnersClient, served: Shop) -> None:
    query = "배송비 얼마"
    before = served.service.live.get().confidence.answer
    sure = asked(served, query)["confidence"]
    assert isinstance(sure, float)
    owner.post("settings/target", target_accuracy=str(round(max(0.5, sure - 0.05), 2)))
    assert asked(served, query)["kind"] == "answer"
    owner.post("settings/target", target_accuracy=str(round(min(0.99, sure + 0.05), 2)))
    assert asked(served, query)["kind"] != "answer"
    assert served.service.database is not None
    choose_settings(served.service.database, {"target_accuracy": None}, OWNER)
    served.service.live.answer_from(None)
    assert served.service.live.get().confidence.answer == before


def test_the_sentence_says_what_the_figures_rest_on(owner: OwnersClient) -> None:
    page = owner.get("settings").text
    assert "답변 " in page
    assert "최근 질문" in page


@pytest.mark.parametrize(
    ("part", "name", "value", "said"),
    [
        ("contact", "contact.telephone", "전화 주세요", "전화번호처럼"),
        ("contact", "contact.email", "help", "메일 주소처럼"),
        ("contact", "contact.link", "javascript:alert(1)", "https:// 로 시작하는"),
        ("look", "page.colour", "#ffff00", "더 짙은 색"),
        ("look", "title", "가" * 61, "1자에서 60자"),
        ("target", "target_accuracy", "2", "이 값은 쓸 수 없어요"),
        ("target", "target_accuracy", "nan", "이 값은 쓸 수 없어요"),
        ("target", "target_accuracy", "많이", "이 값은 쓸 수 없어요"),
        ("nothing", "x", "y", "저장하지 않았어요"),
    ],
)
def test_what_cannot_be_used_is_not_kept_and_the_reason_said(
    owner: OwnersClient, part: str, name: str, value: str, said: str
) -> None:
    fields = {"page.colour": "#4f46e5", name: value} if part == "look" else {name: value}
    answer = owner.post(f"settings/{part}", **fields)
    assert answer.status_code == 422
    assert "저장하지 않았어요" in answer.text
    if name != "target_accuracy":
        assert said in answer.text


def test_a_logo_is_an_image_of_64_kilobytes_at_most(owner: OwnersClient, served: Shop) -> None:
    def send(content: bytes) -> int:
        files = {"page.logo": ("logo.png", content)}
        data = {"csrf": owner.csrf(), "page.colour": "#0f766e"}
        return owner.client.post("/admin/settings/look", data=data, files=files).status_code

    assert send(b"<svg xmlns='http://www.w3.org/2000/svg'/>") == 422
    assert send(PNG + b"\x00" * 65536) == 422
    assert send(PNG) == 303
    settings = served.service.bot.settings
    assert settings.page.colour == "#0f766e"
    assert settings.page.logo is not None
    assert settings.page.logo.read_bytes() == PNG
    data = {"page.colour": "#4f46e5", "no_logo": "1"}
    assert owner.post("settings/look", **data).status_code == 303
    assert served.service.bot.settings.page.logo is None


def test_what_was_typed_is_not_lost_when_it_is_refused(owner: OwnersClient) -> None:
    fields = {"contact.telephone": "없어요", "contact.hours": "평일 <9~18시>"}
    page = owner.post("settings/contact", **fields).text
    assert 'value="평일 &lt;9~18시&gt;"' in page


def test_a_start_takes_up_what_was_chosen(served: Shop) -> None:
    database = served.service.database
    assert database is not None
    choose_settings(database, {"title": "하나마트", "contact.telephone": "1600-0000"}, OWNER)
    live, bot = served.service.live, served.service.bot
    worn: list[ChatSettings] = []
    own = OwnSettings(served.service.chat, database, live, bot, worn.append)
    own.load()
    assert (bot.settings.title, bot.settings.contact.telephone) == ("하나마트", "1600-0000")
    assert worn == [bot.settings]
    own.choose({"title": None, "contact.telephone": None}, OWNER)
    assert bot.settings.title == "하나몰 문답"
    assert chosen_settings(database).keys() & {"title", "contact.telephone"} == set()


def test_what_no_longer_can_be_used_is_left_out_at_a_start(served: Shop) -> None:
    database = served.service.database
    assert database is not None
    choose_settings(database, {"page.colour": "#ffff00", "page.gone": 1, "title": "하나"}, OWNER)
    own = OwnSettings(
        served.service.chat, database, served.service.live, served.service.bot, lambda _: None
    )
    own.load()
    assert own.now.title == "하나"
    assert own.now.page.colour == served.service.chat.page.colour
    values = dict.fromkeys(("page.colour", "page.gone", "title"))
    choose_settings(database, values, OWNER)
    own.load()


def test_settings_that_were_not_chosen_stay_those_of_the_file() -> None:
    given = ChatSettings(title="파일", contact={"telephone": "02-123-4567"})
    found = merged(given, {"contact.email": "a@b.kr"})
    assert (found.title, found.contact.telephone, found.contact.email) == (
        "파일",
        "02-123-4567",
        "a@b.kr",
    )
    with pytest.raises(ChoiceError, match=r"^title: wanted 1 to 60 characters$"):
        merged(given, {"title": ""})


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PNG, ".png"), (b"\xff\xd8\xff\xe0", ".jpg"), (b"RIFFxxxxWEBP", ".webp"), (b"<svg/>", None)],
)
def test_an_image_is_known_by_what_it_begins_with(content: bytes, kind: str | None) -> None:
    assert logo_of(content) == kind
