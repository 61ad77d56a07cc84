from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mundap.chatbot.page_settings import Contact, PageSettings
from mundap.chatbot.settings import ChatSettings


def test_settings_of_the_page_have_tables_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    toml = '[contact]\ntelephone = "1600-0000"\n[page]\nsubtitle = "하나"\nreasons = true\n'
    (tmp_path / "mundap.toml").write_text(toml, encoding="utf-8")
    monkeypatch.setenv("MUNDAP_PAGE__GREETING", "어서 오세요")
    settings = ChatSettings.load(page={"similarity_tab": True})
    assert settings.contact == Contact(telephone="1600-0000")
    assert settings.page == PageSettings(
        subtitle="하나", greeting="어서 오세요", reasons=True, similarity_tab=True
    )


@pytest.mark.parametrize(
    ("contact", "message"),
    [
        ({"telephone": "고객센터"}, "String should match pattern"),
        ({"email": "a@b"}, "String should match pattern"),
        ({"link": "javascript:alert(1)"}, "String should match pattern"),
        ({"form": "/ask"}, "String should match pattern"),
        ({"fax": "1"}, "Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_followed_is_refused(contact: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Contact(**contact)


def test_a_colour_on_which_white_cannot_be_read_is_refused() -> None:
    assert PageSettings(colour="#0F766E").colour == "#0F766E"
    with pytest.raises(ValidationError, match=r"contrast of 1\.1; wanted 4\.5 or more"):
        PageSettings(colour="#ffff00")
    with pytest.raises(ValidationError, match="String should match pattern"):
        PageSettings(colour="red")


def test_a_logo_stands_in_the_page_itself(tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    logo.write_bytes(b"\x89PNG")
    assert PageSettings(logo=logo).logo_address() == "data:image/png;base64,iVBORw=="
    assert PageSettings().logo_address() is None


def test_a_logo_that_cannot_be_shown_is_refused(tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(bytes(64 * 1024 + 1))
    for name, message in (
        ("logo.exe", r"ends with \.svg, \.png"),
        ("none.svg", "there is no such file"),
        ("large.png", "it has 65,537 bytes; wanted 65,536 or fewer"),
    ):
        with pytest.raises(ValidationError, match=message):
            PageSettings(logo=tmp_path / name)
