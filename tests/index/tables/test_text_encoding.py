from pathlib import Path

import pytest

from mundap.index.tables import text_encoding
from mundap.index.tables.text_encoding import TextFile

TEXT = "질문,답변\r\n환불은 며칠 걸려요?,사흘이요\n배송비는 얼마예요?,3천 원\n" * 5_000


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp949", "johab"]
)
def test_a_file_that_is_too_large_to_hold_says_what_one_that_is_held_says(
    encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "faq.csv"
    path.write_bytes(TEXT.encode(encoding))
    held = TextFile.of(path)
    monkeypatch.setattr(text_encoding, "_HELD", 1_000)
    unheld = TextFile.of(path)
    assert (held.held, unheld.held) == (TEXT.encode(encoding), None)
    assert (held.text(), unheld.text()) == (TEXT, TEXT)
    assert (held.name, held.breaks()) == (unheld.name, unheld.breaks())


def test_what_is_no_text_is_told_behind_what_is_looked_at_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_encoding, "_SAMPLE", 1_000)
    path = tmp_path / "faq.csv"
    path.write_bytes(TEXT.encode("cp949"))
    assert TextFile.of(path).name == "CP949"
    path.write_bytes(TEXT.encode("utf-8") + b"\xff\xff\n")
    assert list(TextFile.of(path).lines())[-1] == "\udcff\udcff\n"
