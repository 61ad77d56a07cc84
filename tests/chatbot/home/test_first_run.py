import json
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mundap.chatbot.home import first_run
from mundap.chatbot.home.faq_settings import remember_columns
from mundap.chatbot.home.first_run import build_options, is_prepared, open_live, prepare
from mundap.chatbot.home.home import Home, PreparationError
from mundap.chatbot.settings import ChatSettings, Speed
from mundap.index.bundle.bundle import Bundle
from mundap.index.bundle.generations import Generations
from mundap.index.bundle.manifest import MANIFEST_FILE
from mundap.index.encoders.default import default_encoder_path
from mundap.index.encoders.morpheme_config import WEIGHTS_FILE
from mundap.index.encoders.registry import encoder_directory, load_encoder
from mundap.index.faq.entry import read_faq
from mundap.index.faq.sheets.columns import FaqColumns
from tests.index.faq.sheets.shapes import xlsx


@pytest.fixture
def settings(tmp_path: Path) -> ChatSettings:
    """A FAQ of one answer: nothing is trained, and the default encoder indexes it."""
    faq = tmp_path / "faq.csv"
    faq.write_text("question,answer\n환불 되나요?,네.\n", encoding="utf-8")
    return ChatSettings(faq=faq, home=tmp_path / "home", speed="fast")


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that `prepare` runs; an index is built in this process."""
    steps: list[str] = []

    def run(arguments: list[str], step: str) -> None:
        steps.append(step)
        given = dict(zip(arguments[2::2], arguments[3::2], strict=True))
        entries = read_faq(Path(given["--faq"]))
        source = encoder_directory(given["--encoder"])
        output = Path(given["--output"])
        assert given.get("--pretrained") == "none"
        Bundle.build(output, entries, load_encoder(source), encoder_directory=source)

    monkeypatch.setattr(first_run, "_run", run)
    return steps


def test_what_is_there_and_unchanged_is_not_built_again(
    settings: ChatSettings, builds: list[str]
) -> None:
    prepare(settings)
    prepare(settings)
    assert builds == ["Indexing"]


@pytest.mark.parametrize(
    "said",
    [
        FaqColumns(question_column="question"),
        FaqColumns(answer_column="B"),
        FaqColumns(alternates_separator=","),
        FaqColumns(sheet="FAQ"),
        FaqColumns(header_row=1),
    ],
)
def test_a_faq_that_is_read_in_another_way_is_indexed_again_though_the_file_is_the_same(
    said: FaqColumns, settings: ChatSettings, builds: list[str], tmp_path: Path
) -> None:
    rows = [("question", "answer"), ("환불 되나요?", "네.")]
    faq = xlsx(tmp_path / "faq.xlsx", ("FAQ", rows))
    settings = settings.model_copy(update={"faq": faq})
    prepare(settings)
    remember_columns(settings.home, faq, said)
    assert not is_prepared(Home.of(settings))
    prepare(settings)
    prepare(settings)
    assert builds == ["Indexing", "Indexing"]


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


@pytest.fixture
def two_answers(tmp_path: Path) -> ChatSettings:
    """A FAQ that an encoder can learn from: two answers, each with three phrasings."""
    faq = tmp_path / "two.csv"
    rows = ("환불 되나요?,네.,환불돼요|돈 돌려줘요", "배송 되나요?,아니요.,배송돼요|보내 줘요")
    faq.write_text("\n".join(["question,answer,alternates", *rows]), encoding="utf-8")
    return ChatSettings(faq=faq, home=tmp_path / "home")


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that `prepare` would run."""
    found: list[str] = []
    monkeypatch.setattr(first_run, "_run", lambda arguments, step: found.append(step))
    return found


def test_an_encoder_of_another_kind_in_the_home_is_not_trained_over(
    two_answers: ChatSettings, steps: list[str]
) -> None:
    encoder = Home.of(two_answers).encoder
    encoder.mkdir(parents=True)
    config = json.dumps({"architectures": ["BertModel"], "model_type": "bert"})
    (encoder / "config.json").write_text(config, encoding="utf-8")
    (encoder / "modules.json").write_text("[]", encoding="utf-8")
    prepare(two_answers)
    assert steps == ["Indexing"]


def test_a_sound_embedded_encoder_is_kept_and_a_damaged_one_trained_again(
    two_answers: ChatSettings, steps: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    encoder = Home.of(two_answers).encoder
    shutil.copytree(default_encoder_path(), encoder)
    prepare(two_answers)
    assert steps == ["Indexing"]
    (encoder / WEIGHTS_FILE).write_bytes(b"cut short")
    prepare(two_answers)
    assert steps == ["Indexing", "Training", "Indexing"]
    assert "model.safetensors: damaged" in capsys.readouterr().err


@pytest.mark.parametrize("there", [True, False], ids=["empty folder", "no folder"])
def test_without_an_encoder_one_is_trained(
    there: bool, two_answers: ChatSettings, steps: list[str]
) -> None:
    if there:
        Home.of(two_answers).encoder.mkdir(parents=True)
    prepare(two_answers)
    assert steps == ["Training", "Indexing"]


def test_a_home_that_cannot_be_written_is_named_with_what_to_set(
    settings: ChatSettings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    beside = settings.model_copy(update={"home": tmp_path / "file" / "home"})
    with pytest.raises(
        PreparationError,
        match=r"/file/home/faq-\w+: the index of .*/faq\.csv cannot be written there \(Not a "
        r"directory\)\. Name a folder that can be written: MUNDAP_HOME, or home in mundap\.toml\.$",
    ):
        prepare(beside)


@pytest.mark.parametrize("speed", ["full", "fast"])
@pytest.mark.parametrize(
    ("child", "why"),
    [
        ("sys.exit(2)", "Indexing failed; the reason is in the lines above."),
        (
            "os.kill(os.getpid(), signal.SIGILL)",
            "Indexing was ended by the system (Illegal instruction).",
        ),
    ],
    ids=["failed", "killed"],
)
def test_a_step_that_fails_says_how_and_what_does_without_the_pretrained_encoder(
    settings: ChatSettings,
    monkeypatch: pytest.MonkeyPatch,
    child: str,
    why: str,
    speed: Speed,
    capfd: pytest.CaptureFixture[str],
) -> None:
    command = [sys.executable, "-c", f"import os, signal, sys; {child}"]
    monkeypatch.setattr("mundap.chatbot.home.child.mundap_command", lambda *_: command)
    # The step writes to a file of the process, which the capture of a test is not.
    monkeypatch.setattr(sys, "stderr", sys.__stderr__)
    mend = " If it is the pretrained encoder that fails, MUNDAP_SPEED=fast does without it."
    with pytest.raises(PreparationError) as failed:
        prepare(settings.model_copy(update={"speed": speed}))
    assert str(failed.value) == why + (mend if speed == "full" else "")


def flip_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("damage", [flip_a_bit, Path.unlink])
@pytest.mark.parametrize("pattern", ["generations/*/vectors.faiss", "encoders/*/model.safetensors"])
def test_a_damaged_index_is_made_again(
    settings: ChatSettings,
    builds: list[str],
    capsys: pytest.CaptureFixture[str],
    damage: Callable[[Path], None],
    pattern: str,
) -> None:
    home = prepare(settings)
    [damaged] = home.index.glob(pattern)
    damage(damaged)
    assert open_live(settings).get().manifest.generation == 2
    assert builds == ["Indexing", "Indexing"]
    assert str(damaged.parent.name) in capsys.readouterr().err
    assert open_live(settings).get().manifest.generation == 2
    assert builds == ["Indexing", "Indexing"]


def test_a_damaged_generation_is_made_again_though_an_older_one_would_serve(
    settings: ChatSettings, builds: list[str]
) -> None:
    home = prepare(settings)
    settings.faq.write_text("question,answer\n환불 되나요?,아니요.\n", encoding="utf-8")
    prepare(settings)
    flip_a_bit(home.index / "generations" / "000002" / "vectors.faiss")
    serving = open_live(settings).get()
    assert (serving.manifest.generation, serving.entries[0].answer) == (3, "아니요.")


def test_a_home_that_was_moved_serves_as_before(
    settings: ChatSettings, builds: list[str], tmp_path: Path
) -> None:
    prepare(settings)
    settings.home.rename(tmp_path / "elsewhere")
    moved = settings.model_copy(update={"home": tmp_path / "elsewhere"})
    assert open_live(moved).get().manifest.generation == 1
    assert builds == ["Indexing"]


def test_a_roll_back_is_not_undone_by_the_next_start(
    settings: ChatSettings, builds: list[str]
) -> None:
    home = prepare(settings)
    settings.faq.write_text("question,answer\n환불 되나요?,아니요.\n", encoding="utf-8")
    prepare(settings)
    open_live(settings).rollback()
    assert open_live(settings).get().manifest.generation == 1
    assert builds == ["Indexing", "Indexing"]
    assert Generations(home.index).state().rejected == {"000002"}


def test_of_two_first_runs_at_once_the_second_waits_and_finds_all_done(
    settings: ChatSettings, builds: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with ThreadPoolExecutor(2) as pool:
        homes = [one.result() for one in [pool.submit(prepare, settings) for _ in range(2)]]
    assert homes[0] == homes[1]
    assert builds == ["Indexing"]


@pytest.mark.parametrize(
    ("speed", "expected"), [("full", ["Indexing"]), ("fast", ["Training", "Indexing"])]
)
def test_few_phrasings_are_trained_on_only_where_nothing_else_knows_korean(
    tmp_path: Path, steps: list[str], speed: Speed, expected: list[str]
) -> None:
    faq = tmp_path / "few.csv"
    rows = ("환불 되나요?,네.,환불돼요|돈 돌려줘요", "배송 되나요?,아니요.,보내 줘")
    faq.write_text("\n".join(["question,answer,alternates", *rows]), encoding="utf-8")
    prepare(ChatSettings(faq=faq, home=tmp_path / "home", speed=speed))
    assert steps == expected


def test_each_speed_has_an_index_of_its_own_and_one_encoder(two_answers: ChatSettings) -> None:
    full = Home.of(two_answers)
    fast = Home.of(two_answers.model_copy(update={"speed": "fast"}))
    assert (full.index.name, fast.index.name) == ("index", "index-fast")
    assert full.prepared != fast.prepared
    assert full.encoder == fast.encoder


@pytest.mark.parametrize("reads", [True, False])
def test_a_build_names_the_pretrained_encoder_where_none_is_wanted(
    tmp_path: Path, reads: bool
) -> None:
    options = build_options(tmp_path / "faq.csv", "default", tmp_path / "index", reads=reads)
    assert options.pretrained == ("mundap-small" if reads else "none")


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, builds: list[str]) -> list[str]:
    """The pretrained encoders that indexes are built with; here none reads anything."""
    named: list[str] = []
    build = first_run._run

    def run(arguments: list[str], step: str) -> None:
        place = arguments.index("--pretrained") + 1
        named.append(arguments[place])
        build([*arguments[:place], "none", *arguments[place + 1 :]], step)

    monkeypatch.setattr(first_run, "_run", run)
    return named


def test_a_long_faq_is_indexed_without_what_takes_long_first_and_then_wholly(
    settings: ChatSettings, monkeypatch: pytest.MonkeyPatch, read: list[str]
) -> None:
    monkeypatch.setattr(first_run, "_QUICKLY_READ", 1)
    settings = settings.model_copy(update={"speed": "full"})

    home = prepare(settings, early=True)
    assert not is_prepared(home)
    prepare(settings)

    assert is_prepared(home)
    assert read == ["none", "mundap-small"]
    prepare(settings, early=True)
    assert len(read) == 2


@pytest.mark.parametrize(("speed", "texts"), [("full", 2), ("fast", 1)])
def test_a_faq_that_is_indexed_in_seconds_is_indexed_wholly_at_once(
    settings: ChatSettings,
    monkeypatch: pytest.MonkeyPatch,
    read: list[str],
    speed: Speed,
    texts: int,
) -> None:
    monkeypatch.setattr(first_run, "_QUICKLY_READ", texts)

    assert is_prepared(prepare(settings.model_copy(update={"speed": speed}), early=True))
    assert len(read) == 1
