import sys
from pathlib import Path

import pandas as pd
import pytest

from mundap import cli
from mundap.index.encoders.morpheme_encoder import MorphemeEncoder
from mundap.index.faq.entry import write_faq
from mundap.index.tables.table_writer import write_table
from tests.cli.small_faq import ENTRIES, QUERIES
from tests.command_lines import Mundap, Outcome


@pytest.fixture
def mundap(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    default_encoder: MorphemeEncoder,
) -> Mundap:
    """Runs `mundap ARGUMENTS` in this process, in an empty folder, with a home of its own.

    The embedded encoder is there, or the first command would make it and say how far it is.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUNDAP_HOME", str(tmp_path / "home"))

    def run(*arguments: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["mundap", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        shown = capsys.readouterr()
        assert end.value.code is None or isinstance(end.value.code, int)
        return Outcome(end.value.code or 0, shown.out, shown.err)

    return run


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a FAQ, queries, sentence pairs, and files that are wrong in some way."""
    write_faq(ENTRIES, tmp_path / "faq.csv")
    write_table(pd.DataFrame(QUERIES, columns=["query", "entry_id"]), tmp_path / "queries.csv")
    scored = [("택배비 얼마?", "택배비는 얼마인가요?", 4.6), ("택배비 얼마?", "비가 온다", 0.2)]
    sentence_pairs = pd.DataFrame(scored, columns=["sentence1", "sentence2", "score"])
    write_table(sentence_pairs, tmp_path / "sts.csv")
    (tmp_path / "columns.csv").write_text("foo,bar\n1,2\n", encoding="utf-8")
    (tmp_path / "rows.csv").write_text("question,answer\n", encoding="utf-8")
    (tmp_path / "damaged.parquet").write_bytes(b"PAR1 and nothing else")
    (tmp_path / "strangers.csv").write_text("query,entry_id\n환불,nobody\n", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "diary.txt").write_text("오늘은 비", encoding="utf-8")
    return tmp_path
