"""A small encoder to train and a small FAQ to train it on."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import torch

from mundap.evaluation.queries import Query
from mundap.index.encoders.morpheme_config import MorphemeConfig
from mundap.index.faq.entry import FaqEntry
from mundap.index.korean.morphemes import dictionary_version
from mundap.training.config import TrainingConfig
from mundap.training.data.development import Development
from mundap.training.data.pairs import pairs_from_faq
from mundap.training.modules.morpheme_module import MorphemeEmbedding

FAQ = [
    FaqEntry("fee", "배송비는 얼마인가요?", "기본 3,000원이에요.", ("택배 요금", "운임 알려 줘")),
    FaqEntry("refund", "환불은 며칠 걸려요?", "사흘 걸려요.", ("돈 언제 돌려줘", "refund 기간")),
    FaqEntry("coupon", "쿠폰은 어디에 넣나요?", "쿠폰함에 넣으세요.", ("할인권 등록", "코드 입력")),
    FaqEntry("phone", "전화번호가 뭐예요?", "1600-0000이에요.", ("상담 번호", "call center")),
    FaqEntry("hello", "안녕하세요", "반가워요!", ("하이 ㅎㅎ", "처음 뵙겠습니다")),
    FaqEntry("size", "사이즈 표는 어디 있나요?", "상품 상세에 있어요.", ("치수 안내", "몇 센티")),
]
PAIRS = pairs_from_faq(FAQ)
# Asks what was trained on: whatever starts at random gets better at it.
EASY = Development(
    corpus=tuple(dataclasses.replace(entry, alternates=()) for entry in FAQ),
    queries=tuple(
        Query(f"{entry.entry_id}-{row}", text, entry.entry_id)
        for entry in FAQ
        for row, text in enumerate(entry.alternates)
    ),
)


def write_small_base(directory: Path) -> Path:
    """Write a random encoder of eight columns into `directory`: two megabytes in all."""
    config = MorphemeConfig(dimension=8, ngram_rows=64, dictionary=dictionary_version())
    torch.manual_seed(0)
    MorphemeEmbedding(torch.randn(config.rows, 8), config).save(str(directory))
    return directory


def configured(base: Path, **changes: Any) -> TrainingConfig:
    chosen = {"batch_size": 4, "learning_rate": 0.1, "epochs": 2, "refit": False, "soup": 1}
    return TrainingConfig(base=str(base), **chosen | changes)


def record(encoder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((encoder / "training.json").read_text(encoding="utf-8"))
    return loaded
