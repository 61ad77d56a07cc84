"""The pages a newcomer reads: they exist, their links lead somewhere, their commands are real."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.command_lines import commands, parse

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md")
MARKDOWN = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/**/*.md", "benchmarks/**/*.md", "data/**/*.md")
    for path in ROOT.glob(pattern)
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def fenced(page: str) -> list[str]:
    """Return the lines of a page's code blocks, continued lines joined."""
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", text_of(page), re.DOTALL | re.MULTILINE)
    return [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines()]


def inline(page: str) -> list[str]:
    """Return the code spans of a page's text."""
    text = re.sub(r"^```.*?^```", "", text_of(page), flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"`([^`\n]+)`", text)


def program_lines(page: str, program: str) -> list[str]:
    """Return the commands of a page's code blocks that start `program`, bare of shell around it."""
    lines = [re.sub(r"^(\$ |[A-Z_]+=\S+ |\.venv/bin/)*", "", line) for line in fenced(page)]
    first_commands = [re.split(r" [|>&#] ?| && |;", line)[0] for line in lines]
    return [line for line in first_commands if line.split(" ")[0] == program]


def anchors(page: str) -> set[str]:
    """Return the names that GitHub gives to a page's headings."""
    headings = re.findall(r"^#+ +(.+?)\s*$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: str) -> list[str]:
    """Return where a page's relative links and pictures lead, in Markdown and in HTML."""
    text = re.sub(r"^```.*?^```", "", text_of(page), flags=re.DOTALL | re.MULTILINE)
    markdown = re.findall(r"\]\(<?([^)>\s]+)>?[^)]*\)", text)
    html = re.findall(r'(?:src|href)="([^"]+)"', text)
    return [link for link in markdown + html if not re.match(r"[a-z]+:", link)]


def leads_somewhere(link: str, page: str) -> bool:
    path, _, anchor = unquote(link).partition("#")
    target = ((ROOT / page).parent / path).resolve() if path else ROOT / page
    if not target.is_relative_to(ROOT) or not target.exists():
        return False
    return not anchor or anchor in anchors(target.relative_to(ROOT).as_posix())


@pytest.mark.parametrize("page", PAGES)
def test_a_page_exists_and_has_a_title(page: str) -> None:
    assert re.match(r"(<[^\n]*>\n+)*# \S", text_of(page))


@pytest.mark.parametrize("page", MARKDOWN)
def test_relative_links_lead_to_a_file_and_a_heading(page: str) -> None:
    assert [link for link in links(page) if not leads_somewhere(link, page)] == []


@pytest.mark.parametrize("page", MARKDOWN)
def test_every_command_line_parses(page: str) -> None:
    refused = {}
    for line in program_lines(page, "mundap"):
        try:
            parse(line)
        except Exception as error:
            refused[line] = str(error)
    assert refused == {}


@pytest.mark.parametrize("page", MARKDOWN)
def test_commands_named_in_a_sentence_exist_with_their_options(page: str) -> None:
    known = {" ".join(path): command for path, command in commands()}
    groups = {name.split(" ")[0] for name in known}
    wrong = []
    for span in inline(page):
        words = span.split()
        if words[0] != "mundap" or len(words) == 1 or set(span) & set("…*"):
            continue
        one, two = words[1], " ".join(words[1:3])
        command = known.get(two) or known.get(one)
        params = command.params if command else []
        options = {name for p in params for name in (*p.opts, *p.secondary_opts)}
        asked = {word.split("=")[0] for word in words if re.match(r"-+[a-z]", word)}
        if one not in groups or asked - options - {"--help"}:
            wrong.append(span)
    assert wrong == []


@pytest.mark.parametrize("page", MARKDOWN)
def test_modules_and_scripts_that_a_page_runs_exist(page: str) -> None:
    missing = []
    for line in program_lines(page, "python"):
        module = re.match(r"python -m ([a-z_.]+)", line)
        script = re.match(r"python ([\w/]+\.py)", line)
        path = module[1].replace(".", "/") + ".py" if module else script[1] if script else ""
        if path and path.split("/")[0] != "venv" and not (ROOT / path).exists():
            missing.append(line)
    assert missing == []


@pytest.mark.parametrize("page", MARKDOWN)
def test_make_help_lists_every_target_and_variable_that_a_page_names(page: str) -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    targets = set(re.findall(r"^\s*make ([a-z-]+) ", shown.stdout, re.MULTILINE))
    variables = set(re.findall(r"^([A-Z]+) \?=", text_of("Makefile"), re.MULTILINE))
    spans = [span for span in inline(page) if span.startswith("make ")]
    words = [word for line in [*program_lines(page, "make"), *spans] for word in line.split()[1:]]
    assert {word for word in words if re.fullmatch(r"[a-z-]+", word)} <= targets
    named = {word.split("=")[0] for word in words if re.match(r"[A-Z]+=", word)}
    assert named <= variables | {"MUNDAP_DATA_DIR"}


def test_the_readme_names_the_two_commands_and_shows_a_picture() -> None:
    lines = {line.strip() for line in program_lines("README.md", "make")}
    assert {"make chat", "make test"} <= lines
    assert any(link.endswith(".png") for link in links("README.md"))


def test_the_architecture_page_explains_every_dependency() -> None:
    names = [re.split(r"[<>=]", line)[0] for line in PROJECT["dependencies"]]
    text = text_of("docs/architecture.md")
    assert [name for name in names if f"`{name}`" not in text] == []


def test_the_changelog_has_the_version_of_the_package() -> None:
    text = text_of("CHANGELOG.md")
    assert "keepachangelog.com" in text
    assert re.search(rf"^## \[(Unreleased|{re.escape(PROJECT['version'])})\]", text, re.MULTILINE)


def test_the_licence_is_apache_2() -> None:
    assert PROJECT["license"] == "Apache-2.0"
    first_lines = [line.strip() for line in text_of("LICENSE").splitlines() if line.strip()][:2]
    assert first_lines == ["Apache License", "Version 2.0, January 2004"]


def test_continuous_integration_runs_the_target_that_people_run() -> None:
    assert "\nmake test\n" in text_of(".ci/run")
    workflows = [path.read_text(encoding="utf-8") for path in ROOT.glob(".github/workflows/*.yml")]
    assert any("run: bash .ci/run" in text for text in workflows)


def test_make_test_runs_lint_types_and_tests() -> None:
    plan = ["make", "--dry-run", "--always-make", "test"]
    assert shutil.which("make")
    shown = subprocess.run(plan, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for tool in ("ruff check", "ruff format --check", "mypy"):
        assert tool in shown
    chosen = re.findall(r'pytest .*-m "([^"]+)"', shown)
    # Together every test but the long ones, and none twice.
    assert chosen == ["not slow and not browser and not long", "(slow or browser) and not long"]
