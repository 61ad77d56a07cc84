import resource
from pathlib import Path

import numpy as np
import pytest

from mundap.index.encoders import default
from mundap.index.encoders.encoder import EncoderError


def test_a_disk_too_full_for_the_default_encoder_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = np.zeros((2048, 256), np.float32)
    monkeypatch.setattr(default, "_default_table", lambda advance: table)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(EncoderError, match=r"default encoder, 2 MB, could not be .*\. Make ro"):
            default.default_encoder_path(cache_dir=tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]
