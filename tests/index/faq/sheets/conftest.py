from pathlib import Path

import pytest

from mundap.index.faq.entry import FaqEntry, read_with_report
from mundap.index.faq.sheets.reading import Reading
from tests.index.faq.sheets.shapes import Read, text_file


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_text(name: str, text: str) -> tuple[list[FaqEntry], Reading]:
        return read_with_report(text_file(name, text)(tmp_path))

    return read_text
