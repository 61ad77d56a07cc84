import dataclasses
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from mundap.chatbot.home.home import Home
from mundap.chatbot.settings import ChatSettings
from mundap.chatbot.similarity.similarity import STS_FOLDER
from mundap.feedback.store.database import Database
from mundap.index.encoders.encoder import directory_fingerprint
from mundap.index.faq.entry import write_faq
from mundap.index.similarity.scale import StsScale, scale_path
from tests.cli.small_faq import ENTRIES
from tests.command_lines import Mundap, assert_refused
from tests.index.encoders.small_pretrained import write_small_pretrained


def test_doctor_shows_versions_fingerprints_and_problems(mundap: Mundap, files: Path) -> None:
    twice = [ENTRIES[0], dataclasses.replace(ENTRIES[1], alternates=("운임", *ENTRIES[0].passages))]
    write_faq(twice, files / "faq.csv")
    bare = mundap("doctor", "--faq", "faq.csv")
    assert (bare.code, bare.err) == (0, "")
    assert re.search(r"^torch \S+\n", bare.out, re.MULTILINE)
    assert "no index here. Build one with `mundap index build`" in bare.out
    assert "2 entries, 2 problems" in bare.out
    assert "'배송비는 얼마인가요?' asks for 2 entries (fee, refund)" in bare.out

    home = Home.of(ChatSettings(faq=files / "faq.csv"))
    mundap("index", "build", "--faq", "faq.csv", "--output", home.index)
    info: dict[str, Any] = json.loads(mundap("index", "info", home.index).out)
    lines = mundap("doctor", "--faq", "faq.csv").out.splitlines()
    fingerprint = info["encoders"]["retrieval"]["fingerprint"]
    assert f"encoder {fingerprint}  {home.index / 'encoders' / fingerprint}" in lines
    assert f"index   {info['files']['vectors.faiss']['sha256']}  {home.index}" in lines
    assert "generation 1, 2 entries: verified" in lines


def test_doctor_says_on_standard_error_that_a_faq_cannot_be_read(
    mundap: Mundap, files: Path
) -> None:
    shown = mundap("doctor", "--faq", "columns.csv")
    assert (shown.code, shown.err.count("\n")) == (2, 1)
    assert "no question column" in shown.err
    assert "torch" in shown.out


def test_doctor_names_a_damaged_shipped_encoder_and_what_is_not_installed(
    mundap: Mundap, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = write_small_pretrained(files / "shipped")
    monkeypatch.setattr("mundap.index.encoders.shipped.SHIPPED_DIRECTORY", shipped)
    assert f"mundap-small {shipped}: verified" in doctor_lines(mundap)

    (shipped / "scales.npy").write_bytes(b"cut")
    monkeypatch.setattr("mundap.commands.doctor._PACKAGES", ("onnxruntime", "no-such-package"))
    lines = doctor_lines(mundap)
    assert "no-such-package is not installed" in lines
    [line] = [line for line in lines if line.startswith("mundap-small")]
    assert re.search(r"scales\.npy: its SHA-256 is .* records .*\. Install mundap anew", line)


def test_doctor_says_what_an_index_is_searched_without_and_why(
    mundap: Mundap, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = Home.of(ChatSettings(faq=files / "faq.csv")).index
    reader = write_small_pretrained(files / "reader")
    build = ("index", "build", "--faq", "faq.csv", "--output", output)
    mundap(*build, "--pretrained", "none")
    without = "no pretrained encoder: built with `--speed fast` or `--pretrained none`"
    assert without in doctor_lines(mundap)

    assert mundap(*build, "--pretrained", reader).code == 0
    assert f"pretrained encoder {directory_fingerprint(reader)}" in doctor_lines(mundap)

    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    [line] = [line for line in doctor_lines(mundap) if line.startswith("searched without")]
    assert re.fullmatch(
        r"searched without its pretrained encoder, which answers less: its pretrained encoder "
        r"cannot be loaded\. .*: needs onnxruntime\. Install it: `pip install onnxruntime`\.",
        line,
    )
    asked = mundap("ask", "배송비 얼마예요?", "-k", "5", "--index", output)
    assert (asked.code, asked.out.count("fee")) == (0, 1)
    # A fit would take the place of what was read.
    assert_refused(mundap("calibrate", output), r"its pretrained encoder cannot be loaded")


def test_doctor_names_a_home_that_cannot_be_written(
    mundap: Mundap, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = f"{files}: cannot be written, so nothing is indexed or kept there"
    assert line not in doctor_lines(mundap)
    monkeypatch.setattr("os.access", lambda path, mode: path != files)
    assert line in doctor_lines(mundap)


def doctor_lines(mundap: Mundap) -> list[str]:
    return mundap("doctor", "--faq", "faq.csv").out.splitlines()


def test_doctor_says_which_encoder_judges_similarity(mundap: Mundap, files: Path) -> None:
    def shown() -> list[str]:
        lines = mundap("doctor", "--faq", "faq.csv").out.splitlines()
        return [line for line in lines if line.startswith("similarity ")]

    trained = ChatSettings.load().home / STS_FOLDER
    lacking = f"similarity would be judged by an encoder in {trained}: there is none"
    assert shown() == ["similarity mundap-small", lacking]
    trained.mkdir(parents=True)
    usual = "similarity has scores of the usual kind; `mundap sts-calibrate` fits them"
    assert shown() == [f"similarity {trained}", usual]
    StsScale((0.0, 1.0), (1.0, 2.0)).write(
        scale_path(trained.parent, directory_fingerprint(trained))
    )
    assert shown() == [f"similarity {trained}"]


def test_doctor_says_what_is_in_the_store_or_why_it_cannot_be_used(
    mundap: Mundap, files: Path
) -> None:
    def store() -> str:
        shown = mundap("doctor", "--faq", "faq.csv").out
        (line,) = [line for line in shown.splitlines() if line.startswith("store")]
        return line

    assert store() == "store: none yet; the first start makes it"
    home = Home.of(ChatSettings(faq=files / "faq.csv"))
    Database.of(None, home.directory).close()
    path = home.directory / "store.sqlite"
    assert store() == f"store {path}: 0 exchanges"
    path.write_bytes(b"no store" * 1000)
    assert re.match(rf"store: {path}: file is not a database\. .* nothing is recorded\.", store())
