from pathlib import Path

import pytest

from mundap.training.bases import named
from mundap.training.bases.base_file import Base
from mundap.training.bases.bert import make_bert, make_tokenizer
from mundap.training.pretrained.export import export
from tests.training.pretrained.small_base import base_bytes


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where bases are unpacked, empty."""
    monkeypatch.setattr(named, "encoder_cache", lambda: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def eight_bits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny encoder of the kind that ships."""
    base, path = Base(base_bytes()), tmp_path_factory.mktemp("eight") / "encoder"
    bert = make_bert(base.sizes, base.weights(), dropout=0.1)
    export(bert, make_tokenizer(base.pieces, base.sizes.unk), path, {}, ["환불은 언제 되나요?"])
    return path
