"""Every command is documented, and the README's pointers lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

from kizuna.cli import COMMANDS

ROOT = Path(__file__).parents[2]


def test_every_command_has_its_heading() -> None:
    headings = set(re.findall(r"^## kizuna ([a-z-]+)", (ROOT / "docs/cli.md").read_text("utf-8"), re.M))
    assert headings == set(COMMANDS)


def test_every_link_of_the_documents_leads_to_a_file() -> None:
    missing = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert missing == []


def test_no_document_names_a_library_address_of_a_machine() -> None:
    machine = re.compile(r"/(?:root|tmp|home/[a-z]+|work)/")
    wrong = [
        str(page.relative_to(ROOT))
        for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
        if machine.search(page.read_text("utf-8"))
    ]
    assert wrong == []


def test_the_library_queries_of_the_readme_exist() -> None:
    named = set(re.findall(r"kizuna query ([a-z][a-z-]+)", (ROOT / "README.md").read_text("utf-8")))
    assert named
    assert all((ROOT / f"queries/{name}.rq").is_file() for name in named)
