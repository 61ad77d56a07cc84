"""What another process is asked to build is what the command line takes."""

import shlex
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mundap.index.bundle.build_options import BuildOptions
from tests.command_lines import parse

# A value that begins with a dash would be taken for an option.
paths = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1).map(
    lambda name: Path("/" + name)
)
options = st.builds(
    BuildOptions,
    paths,
    st.none() | paths,
    st.just("default") | paths.map(str),
    st.none() | paths,
    st.none() | paths,
    st.floats(0, 1e6),
)


@given(options)
@settings(max_examples=30)
def test_the_command_reads_its_arguments_back(wanted: BuildOptions) -> None:
    line = shlex.join(["mundap", *wanted.arguments()])
    read: dict[str, Any] = parse(line)
    names = ("output", "faq", "encoder", "queries", "out_of_scope", "wait")
    assert BuildOptions(*(read[name] for name in names)) == wanted


def test_only_what_is_named_stands_on_the_command_line() -> None:
    assert BuildOptions(Path("i"), wait=60).arguments() == [
        *("index", "build", "--output", "i", "--encoder", "default", "--wait", "60"),
        *("--pretrained", "mundap-small"),
    ]


def test_a_wait_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match=r"wait is -1; wanted 0 seconds or more"):
        BuildOptions(Path("i"), wait=-1)


def test_where_the_vectors_go_is_read_back() -> None:
    wanted = BuildOptions(
        Path("i"), engine="milvus", uri="http://db:19530", collection="shop", replicas=2
    )

    read = parse(shlex.join(["mundap", *wanted.arguments()]))

    assert [read[name] for name in ("engine", "uri", "collection", "replicas")] == [
        *("milvus", "http://db:19530", "shop", 2)
    ]


def test_faiss_has_no_address() -> None:
    with pytest.raises(ValueError, match=r"--uri, --collection and --replicas are of"):
        BuildOptions(Path("i"), engine="faiss", uri="http://db:19530")
