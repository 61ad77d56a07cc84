import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mundap.chatbot.api.layers.access import new_token
from mundap.chatbot.api.routes.admin import rebuild_arguments
from mundap.chatbot.home.bundled import bundled_path
from mundap.chatbot.home.first_run import prepare
from mundap.chatbot.live_bundle import LiveBundle
from mundap.chatbot.settings import ChatSettings
from mundap.index.bundle.advice import Language, advice
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.writer import BundleWriter
from mundap.index.encoders.encoder import Encoder
from mundap.index.encoders.registry import encoder_directory
from mundap.index.faq.entry import FaqEntry, write_faq
from tests.chatbot.api_site import Site, site
from tests.chatbot.small_faq import build
from tests.tiny_encoder import TinyReader

TOKEN, HASH = new_token()


def test_a_rebuild_is_fitted_as_the_first_build_was(
    tmp_path: Path, default_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first page and the API both index the bundled FAQ with its development queries."""
    commands: list[list[str]] = []
    monkeypatch.setattr(
        "mundap.chatbot.home.first_run._train_if_missing", lambda home, entries: False
    )
    monkeypatch.setattr(
        "mundap.chatbot.home.first_run._run", lambda command, step: commands.append(command)
    )
    settings = ChatSettings(home=tmp_path, speed="fast")
    home = prepare(settings)
    entries = [FaqEntry("fee", "배송비는 얼마인가요?", "3,000원이에요.")]
    source = encoder_directory("default")
    Bundle.build(home.index, entries, default_encoder, encoder_directory=source)
    again = rebuild_arguments(LiveBundle.open(home.index, default_encoder), settings)
    # The first one trains or takes the default; later ones keep what serves.
    place = again.index("--encoder") + 1
    assert again[again.index("--pretrained") + 1] == "none"
    assert again[place] == str(LiveBundle.open(home.index).get().encoder_directory)
    assert commands == [[*again[:place], "default", *again[place + 1 :]]]
    for option, name in (("--queries", "queries"), ("--out-of-scope", "out_of_scope")):
        path = Path(again[again.index(option) + 1])
        assert path == bundled_path(f"development_{name}.csv")
        assert path.exists()


@pytest.mark.parametrize("runs", [True, False], ids=["runs", "cannot run now"])
def test_a_rebuild_reads_answers_where_what_serves_was_built_so(
    tmp_path: Path, default_encoder: Encoder, runs: bool
) -> None:
    """Whatever the settings would do now; who has lost the encoder for a while keeps it."""
    faq = tmp_path / "faq.csv"
    faq.write_text("question,answer\n환불 되나요?,네.\n", encoding="utf-8")
    settings = ChatSettings(home=tmp_path, faq=faq, speed="fast")
    source, reader = encoder_directory("default"), TinyReader()
    Bundle.build(
        tmp_path / "index",
        [FaqEntry("fee", "배송비는 얼마인가요?", "3,000원이에요.")],
        default_encoder,
        encoder_directory=source,
        pretrained=reader,
    )
    bundle = Bundle.open(tmp_path / "index", default_encoder, reader if runs else None)
    assert (bundle.retriever.content is not None) is runs
    live = LiveBundle(tmp_path / "index", bundle, Generations(tmp_path / "index").stamp())
    assert rebuild_arguments(live, settings)[-2:] == ["--pretrained", "mundap-small"]


@pytest.fixture
def admin(tmp_path: Path) -> Iterator[Site]:
    for _ in range(2):
        build(tmp_path / "index")
    with site(tmp_path, admin_token=HASH) as running:
        running.client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield running


def test_a_roll_back_serves_at_once(admin: Site) -> None:
    assert admin.get("/v1/info").json()["generation"] == 2
    assert admin.client.post("/v1/index/rollback").json() == {"generation": 1}
    assert admin.get("/v1/info").json()["generation"] == 1
    refused = admin.client.post("/v1/index/rollback")
    assert refused.status_code == 409
    assert refused.json()["error"]["message"] == "No older generation can serve."


def test_the_owner_reads_what_the_percentages_rest_on_and_what_would_help(admin: Site) -> None:
    korean, english = (
        admin.get(f"/v1/index/advice{which}").json() for which in ("", "?language=en")
    )
    bundle = admin.live.get()
    by_language: dict[Language, Any] = {"ko": korean, "en": english}
    for language, found in by_language.items():
        expected = advice(bundle.path, bundle.entries, bundle.confidence, language)
        assert found == {
            "generation": 2,
            "advice": [
                {"about": one.about, "text": one.text, "entry_ids": list(one.entry_ids)}
                for one in expected
            ],
        }
    assert korean["advice"][0]["text"].startswith("확률은 통상값이에요.")
    assert english["advice"][0]["text"].startswith("The percentages are usual values, fitted")


def test_an_unknown_job_is_not_found(admin: Site) -> None:
    response = admin.get("/v1/index/jobs/nope")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "unknown_job")


def test_an_index_of_an_unknown_faq_is_not_rebuilt_from_the_bundled_one(admin: Site) -> None:
    response = admin.client.post("/v1/index/rebuild")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "no_faq")


def test_a_rebuild_of_a_faq_that_is_gone_is_a_conflict(tmp_path: Path) -> None:
    (tmp_path / "faq.csv").write_text("Q,A\n환불 되나요?,네.\n")
    with site(tmp_path, faq=tmp_path / "faq.csv", admin_token=HASH) as api:
        api.client.headers["Authorization"] = f"Bearer {TOKEN}"
        (tmp_path / "faq.csv").unlink()
        response = api.client.post("/v1/index/rebuild")
        assert (response.status_code, response.json()["error"]["code"]) == (409, "no_faq")
        assert str(tmp_path) not in response.text


def test_a_roll_back_while_somebody_builds_is_a_conflict(admin: Site, tmp_path: Path) -> None:
    with BundleWriter.locked(tmp_path / "index"):
        response = admin.client.post("/v1/index/rollback")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "rebuild_running")
    assert admin.client.post("/v1/index/rollback").json() == {"generation": 1}


@pytest.mark.slow
def test_a_rebuild_over_the_api_is_served_when_it_is_done(
    tmp_path: Path, default_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [FaqEntry("fee", "배송비는 얼마인가요?", "3,000원이에요.")]
    source = encoder_directory("default")
    Bundle.build(tmp_path / "index", entries, default_encoder, encoder_directory=source)
    entries.append(FaqEntry("coupon", "쿠폰은 어디에 등록하나요?", "쿠폰함에서요."))
    write_faq(entries, tmp_path / "faq.csv")
    monkeypatch.setattr("tests.chatbot.small_faq.tiny_encoder", lambda: default_encoder)
    with site(tmp_path, faq=tmp_path / "faq.csv", admin_token=HASH) as api:
        api.client.headers["Authorization"] = f"Bearer {TOKEN}"
        started = api.client.post("/v1/index/rebuild")
        assert started.status_code == 202
        assert api.client.post("/v1/index/rebuild").status_code == 409
        while (job := api.get(f"/v1/index/jobs/{started.json()['job_id']}").json())[
            "state"
        ] == "running":
            assert api.post("/v1/ask", {"query": "배송비는 얼마인가요?"}).status_code == 200
            time.sleep(0.05)
        assert job == {
            "job_id": started.json()["job_id"],
            "state": "done",
            "percent": 100,
            "eta_seconds": 0.0,
            "generation": 2,
            "message": None,
        }
        found = api.post("/v1/ask", {"query": "쿠폰은 어디에 등록하나요?"}).json()
        assert (found["entry_id"], found["generation"]) == ("coupon", 2)
