"""What the documentation mentions exists, and the two READMEs tell the same."""

import re
import shlex
from itertools import pairwise
from pathlib import Path

import click
import pytest

from onecard.cli.main import cli

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
DOCS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))
PAGES = [*READMES, "CONTRIBUTING.md", "CHANGELOG.md", *DOCS]
PLACES = (
    "specs",
    "vectors",
    "suites",
    "emulator",
    "reports",
    "onecard",
    "tests",
    "bench",
    "examples",
    "docs",
    "scripts",
)


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def shell_lines(page: str) -> list[str]:
    """The commands in the page's sh blocks, without comments."""
    blocks = re.findall(r"```sh\n(.*?)```", text_of(page), flags=re.DOTALL)
    lines = (line.split(" #")[0].strip() for block in blocks for line in block.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", text_of(page))
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    folder = (ROOT / page).parent
    assert [link for link in local if not (folder / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_paths_in_code_spans_exist(page: str) -> None:
    spans = re.findall(rf"`((?:{PLACES})/[\w./-]*)`", text_of(page))
    assert [span for span in spans if not (ROOT / span).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_commands_and_their_options_exist(page: str) -> None:
    unknown = []
    for line in shell_lines(page):
        words = shlex.split(line.split("|")[-1] if "| onecard" in line else line)
        if not words or words[0].removeprefix(".venv/bin/") != "onecard":
            continue
        command: click.Command = cli
        context = click.Context(cli)
        for word in words[1:]:
            inner = command.get_command(context, word) if isinstance(command, click.Group) else None
            if inner is not None:
                command = inner
            elif word.startswith("--"):
                known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
                known |= {name for parameter in cli.params for name in parameter.opts} | {"--help"}
                if word.split("=")[0] not in known:
                    unknown.append((line, word))
        if isinstance(command, click.Group) and "--help" not in words and "--version" not in words:
            unknown.append((line, "no such command"))
    assert unknown == []


@pytest.mark.parametrize("readme", READMES)
def test_the_two_commands_come_first(readme: str) -> None:
    assert shell_lines(readme)[:2] == ["scripts/demo", "scripts/test"]


def test_both_languages_show_the_same_commands() -> None:
    assert shell_lines("README.md") == shell_lines("README.zh-CN.md")


def test_the_index_leads_to_every_page() -> None:
    index = text_of("docs/README.md")
    assert [page for page in DOCS if page != "docs/README.md" and f"({page.removeprefix('docs/')})" not in index] == []


def test_quoted_examples_stand_in_the_project() -> None:
    quotes = re.findall(r"<!-- quote: (\S+) -->\n```\w+\n(.*?)```", text_of("CONTRIBUTING.md"), flags=re.DOTALL)
    assert quotes
    for name, block in quotes:
        source = [line.strip() for line in text_of(name).splitlines()]
        quoted = [line.strip() for line in block.splitlines()]
        starts = [at for at, line in enumerate(source) if line == quoted[0]]
        assert any(source[at : at + len(quoted)] == quoted for at in starts), f"{name} no longer has: {quoted[0]}"


def test_the_changelog_is_newest_first() -> None:
    versions = re.findall(r"^## \[(\d+)\.(\d+)\.(\d+)\]", text_of("CHANGELOG.md"), flags=re.MULTILINE)
    numbers = [tuple(map(int, version)) for version in versions]
    assert numbers, "no released version is listed"
    assert all(newer > older for newer, older in pairwise(numbers))
