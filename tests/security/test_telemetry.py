"""Nothing that serves tells anybody of it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A file in the folder for temporary ones is what onnxruntime's telemetry begins with.
READ = """
from mundap.index.encoders.registry import load_pretrained
print(load_pretrained("mundap-small").encode(["환불은 언제 되나요?"]).shape)
"""


def test_an_encoder_that_is_run_is_told_to_nobody(tmp_path: Path) -> None:
    # A machine that runs tests for others is spared by onnxruntime itself.
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    environment |= {"TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}

    done = subprocess.run(
        [sys.executable, "-P", "-c", READ], env=environment, capture_output=True, text=True
    )

    assert (done.stdout, done.stderr) == ("(1, 384)\n", "")
    assert list(tmp_path.iterdir()) == []
