import json
from pathlib import Path

import pytest

from mundap.chatbot.home import first_run
from mundap.chatbot.home.first_run import prepare
from mundap.chatbot.settings import ChatSettings
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.manifest import MANIFEST_FILE
from mundap.index.encoders.encoder import encoder_directory, load_encoder


@pytest.fixture
def settings(tmp_path: Path) -> ChatSettings:
    """A FAQ of one answer: nothing is trained, and the default encoder indexes it."""
    faq = tmp_path / "faq.csv"
    faq.write_text("question,answer\n환불 되나요?,네.\n", encoding="utf-8")
    return ChatSettings(faq=faq, home=tmp_path / "home")


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that `prepare` runs; an index is built in this process."""
    steps: list[str] = []

    def run(arguments: list[str], step: str) -> None:
        steps.append(step)
        given = dict(zip(arguments[2::2], arguments[3::2], strict=True))
        entries = first_run.read_faq(Path(given["--faq"]))
        source = encoder_directory(given["--encoder"])
        output = Path(given["--output"])
        Bundle.build(output, entries, load_encoder(source), encoder_directory=source)

    monkeypatch.setattr(first_run, "_run", run)
    return steps


def test_what_is_there_and_unchanged_is_not_built_again(
    settings: ChatSettings, builds: list[str]
) -> None:
    prepare(settings)
    prepare(settings)
    assert builds == ["Indexing"]


def test_an_index_of_an_older_format_is_built_again(
    settings: ChatSettings, builds: list[str]
) -> None:
    home = prepare(settings)
    manifest = Generations(home.index).current() / MANIFEST_FILE
    values = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(values | {"format": 1}), encoding="utf-8")
    prepare(settings)
    assert builds == ["Indexing", "Indexing"]
    assert Bundle.open(home.index).manifest.generation == 2
