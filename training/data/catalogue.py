"""Public Korean data sets: where each file lies, how it is verified and converted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from mundap.training.data.conversions import (
    convert_chatbot_data,
    convert_intention_3i4k,
    convert_klue_nli,
    convert_klue_sts,
    convert_kornli,
    convert_korsts,
    convert_nsmc,
    convert_parakqc,
    convert_question_pair,
)


@dataclass(frozen=True, slots=True)
class Origin:
    r"""One published file at a fixed commit, and the table it becomes.

    `git_blob_sha1` is the SHA-1 of `blob <size>\0` followed by the content; `table` is the stem
    of the Parquet file.
    """

    repository: str
    commit: str
    path: str
    git_blob_sha1: str
    table: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """Files of one format under one licence (an SPDX identifier)."""

    name: str
    files: tuple[Origin, ...]
    convert: Callable[[Path], pd.DataFrame]
    licence: str
    description: str


_CHATBOT = ("songys/Chatbot_data", "4cf20d13fc46f5037fd1c531cd566e2dd9f72974")
_QUESTION_PAIR = ("songys/Question_pair", "e84b6f0e784c10c6a22cbbc7b1e415b901baa877")
_PARAKQC = ("warnikchow/paraKQC", "c16270fe6c2e888af07e7cb043248ad31d8a6f9c")
_KOR_NLU = ("kakaobrain/kor-nlu-datasets", "0df0fe7d496eb61b092e022e238c2230b29f1cbc")
_KLUE = ("KLUE-benchmark/KLUE", "3efd98708a40ff49251fddde35453f8fbb11f536")
_NSMC = ("e9t/nsmc", "cc0670e872d4ac27bfe36c87456783004b39ef6c")
_3I4K = ("warnikchow/3i4k", "cfa90c15f808becafca2d8ef8649b8b71f6bbe71")

_DATASETS = (
    Dataset(
        name="chatbot-data",
        files=(
            Origin(
                *_CHATBOT,
                "ChatbotData.csv",
                "4cc2bfa9a124991dc5ca80f5da1786f4162f46e1",
                "chatbot_data",
            ),
        ),
        convert=convert_chatbot_data,
        licence="MIT",
        description="Short questions and answers of daily life, break-ups and love.",
    ),
    Dataset(
        name="question-pair",
        files=(
            Origin(
                *_QUESTION_PAIR,
                "kor_pair_train.csv",
                "7dc9791b99996cbd4d08832b44f9beb06d68657f",
                "question_pair_train",
            ),
            Origin(
                *_QUESTION_PAIR,
                "kor_Pair_test.csv",
                "629359ccb80004350be1133b77e5119fe0a424b2",
                "question_pair_test",
            ),
        ),
        convert=convert_question_pair,
        licence="MIT",
        description="Pairs of questions, marked as the same or another meaning.",
    ),
    Dataset(
        name="parakqc",
        files=(
            Origin(
                *_PARAKQC,
                "data/paraKQC_v1.txt",
                "cf3dd109f6316a0291cb7cfec4c88e02c9398ef7",
                "parakqc",
            ),
        ),
        convert=convert_parakqc,
        licence="CC-BY-SA-4.0",
        description="1,000 questions and commands to an assistant, each in ten phrasings.",
    ),
    Dataset(
        name="korsts",
        files=(
            Origin(
                *_KOR_NLU,
                "KorSTS/sts-train.tsv",
                "91fc16190dd0102a3cad2f0abf83317703438869",
                "korsts_train",
            ),
            Origin(
                *_KOR_NLU,
                "KorSTS/sts-dev.tsv",
                "3686d9394fa63bcfd6b1bc7c70a60b1dfe08d388",
                "korsts_dev",
            ),
            Origin(
                *_KOR_NLU,
                "KorSTS/sts-test.tsv",
                "d2a7c958d520ed84402c0042142a60d9a18ee3e4",
                "korsts_test",
            ),
        ),
        convert=convert_korsts,
        licence="CC-BY-SA-4.0",
        description="Sentence pairs with a similarity of 0 to 5, translated from STS-B.",
    ),
    Dataset(
        name="kornli",
        files=(
            Origin(
                *_KOR_NLU,
                "KorNLI/snli_1.0_train.ko.tsv",
                "c91761e52fca2a7420104589811346986ce94073",
                "kornli_snli_train",
            ),
            Origin(
                *_KOR_NLU,
                "KorNLI/multinli.train.ko.tsv",
                "94d26a9d0dd045928148ef8691a256bd0e7d45c3",
                "kornli_multinli_train",
            ),
            Origin(
                *_KOR_NLU,
                "KorNLI/xnli.dev.ko.tsv",
                "21305150d466aa35d42b14e1890b7dcd58084634",
                "kornli_xnli_dev",
            ),
            Origin(
                *_KOR_NLU,
                "KorNLI/xnli.test.ko.tsv",
                "89a0b11bffa775fafd88178b3980a1fe2d8aee52",
                "kornli_xnli_test",
            ),
        ),
        convert=convert_kornli,
        licence="CC-BY-SA-4.0",
        description="Premise and hypothesis pairs, translated from SNLI, MultiNLI and XNLI.",
    ),
    Dataset(
        name="klue-sts",
        files=(
            Origin(
                *_KLUE,
                "klue_benchmark/klue-sts-v1.1/klue-sts-v1.1_train.json",
                "4e92fce70fe9f2dbed2ffcb9c2aec7417c6d32ff",
                "klue_sts_train",
            ),
            Origin(
                *_KLUE,
                "klue_benchmark/klue-sts-v1.1/klue-sts-v1.1_dev.json",
                "2645707503e7b25cc3d9f94103cbfb2f5a086f56",
                "klue_sts_dev",
            ),
        ),
        convert=convert_klue_sts,
        licence="CC-BY-SA-4.0",
        description="Sentence pairs with a similarity of 0 to 5, written in Korean.",
    ),
    Dataset(
        name="klue-nli",
        files=(
            Origin(
                *_KLUE,
                "klue_benchmark/klue-nli-v1.1/klue-nli-v1.1_train.json",
                "a7903d15f09a3663d8f1d78e68d8d6c10dbd8618",
                "klue_nli_train",
            ),
            Origin(
                *_KLUE,
                "klue_benchmark/klue-nli-v1.1/klue-nli-v1.1_dev.json",
                "db052b2459c68d1ec57dd1573bfe90a9bb3f8157",
                "klue_nli_dev",
            ),
        ),
        convert=convert_klue_nli,
        licence="CC-BY-SA-4.0",
        description="Premise and hypothesis pairs, written in Korean.",
    ),
    Dataset(
        name="nsmc",
        files=(Origin(*_NSMC, "ratings.txt", "9cd603e0d9a3685955fd8994052be3ae143dafdb", "nsmc"),),
        convert=convert_nsmc,
        licence="CC0-1.0",
        description="200,000 movie reviews, good or bad.",
    ),
    Dataset(
        name="intention-3i4k",
        files=(
            Origin(
                *_3I4K, "data/fci.txt", "8b469e1bb4802a8b56adbc471d5947e771673fbc", "intention_3i4k"
            ),
        ),
        convert=convert_intention_3i4k,
        licence="CC-BY-SA-4.0",
        description="Utterances by intention: question, command, statement and others.",
    ),
)

CATALOGUE: Mapping[str, Dataset] = MappingProxyType(
    {dataset.name: dataset for dataset in _DATASETS}
)
