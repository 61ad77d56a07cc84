from pathlib import Path

import pytest

from mundap.chatbot.api.settings import ApiSettings
from mundap.chatbot.settings import ChatSettings
from mundap.chatbot.settings_file import SettingsError

HASH = "a" * 64


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write_toml(text: str) -> None:
    Path("mundap.toml").write_text(text, encoding="utf-8")


def test_by_default_only_this_machine_may_ask() -> None:
    settings = ApiSettings.load()
    assert (settings.host, settings.port) == ("127.0.0.1", 7861)
    assert (settings.tokens, settings.admin_token, settings.cors_origins) == ({}, None, ())
    assert (settings.trusted_proxies, settings.embed_origins) == ((), ())


@pytest.mark.parametrize("name", ["log_queries", "max_feedback_bytes"])
def test_what_a_setting_gave_way_to_is_said(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    instead = f"{name} is gone: .* max_exchanges"
    with pytest.raises(SettingsError, match=f"setting api.{instead}"):
        ApiSettings.load(**{name: 1})
    write_toml(f"[api]\n{name} = 1\n")
    with pytest.raises(SettingsError, match=f"setting api.{instead}"):
        ApiSettings.load()
    monkeypatch.setenv(f"MUNDAP_API_{name.upper()}", "1")
    with pytest.raises(SettingsError, match=r"variable MUNDAP_API_.* is gone: .* max_exchanges"):
        ApiSettings.load()


def test_the_table_of_the_file_holds_both_pages_and_apis_settings_apart() -> None:
    write_toml(f'title = "안내"\n[api]\nport = 8000\n[api.tokens]\nshop = "{HASH}"\n')
    assert (ApiSettings.load().port, ApiSettings.load().tokens) == (8000, {"shop": HASH})
    assert ChatSettings.load().title == "안내"


def test_flags_win_over_variables_and_those_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write_toml('[api]\nport = 8000\nhost = "0.0.0.0"\nrate_limit = "5/second"\n')
    monkeypatch.setenv("MUNDAP_API_PORT", "8001")
    monkeypatch.setenv("MUNDAP_API_HOST", "::1")
    settings = ApiSettings.load(port=8002, host=None)
    assert (settings.port, settings.host, settings.rate_limit) == (8002, "::1", "5/second")


def test_a_file_without_the_table_says_nothing() -> None:
    write_toml("port = 9000\n")
    assert ApiSettings.load().port == 7861


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "[api]\nprot = 1\n",
            r"setting api\.prot is unknown \(did you mean port\?\); the settings .*, port, ",
        ),
        ("[api]\nport = 0\n", "setting api.port = 0: .*greater than or equal to 1"),
        ("[api]\nrate_limit = 'often'\n", "setting api.rate_limit = 'often': .*often"),
        ("api = 3\n", r"api is 3; wanted a table, \[api\]"),
        ("[api\n", "mundap.toml: "),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(text: str, reason: str) -> None:
    write_toml(text)
    with pytest.raises(SettingsError, match=reason):
        ApiSettings.load()


def test_a_token_in_the_place_of_its_hash_is_refused_and_not_repeated() -> None:
    write_toml('[api]\nadmin_token = "my-secret-token"\n')
    with pytest.raises(SettingsError, match=r"setting api\.admin_token: String") as refused:
        ApiSettings.load()
    assert "my-secret-token" not in str(refused.value)


def test_a_variable_that_is_no_json_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUNDAP_API_TOKENS", "{")
    with pytest.raises(
        SettingsError, match=r'^a variable MUNDAP_API_\.\.\. is to hold JSON.*"tokens"'
    ):
        ApiSettings.load()
