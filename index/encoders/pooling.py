"""How a transformer makes one vector of a text, and of how much of it."""

from typing import Literal

Pooling = Literal["mean", "cls", "max"]

# In tokens: enough for a question with its story; cost grows with the square.
MAX_SEQ_LENGTH = 128
