"""The encoder that comes with the project: its name, and where it lies."""

from pathlib import Path

SHIPPED = "mundap-small"
# Stands for it where no pretrained encoder is wanted.
NO_PRETRAINED = "none"
# In a checkout and in the wheel alike.
SHIPPED_DIRECTORY = Path(__file__).resolve().parents[2] / "data" / "encoder"
