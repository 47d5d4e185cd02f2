"""Options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path

import click

from kizuna.workspace.bundled import find_workspace


def default_workspace() -> Path:
    """The workspace when none is named (see `find_workspace`)."""
    return find_workspace(os.environ, Path())


def default_language() -> str:
    """The language when none is named: `KIZUNA_LANGUAGE`, else by the locale, else English."""
    named = os.environ.get("KIZUNA_LANGUAGE") or os.environ.get("LANG", "")
    return "ja" if named.lower().startswith("ja") else "en"


def told(error: Exception, language: str) -> str:
    """What an error says in a language: the engine's by its words, another's if it knows both (`ja`); else its text."""
    from kizuna.engine.types import EngineError, QuerySyntaxError  # loading it is for commands that need it
    from kizuna.engine.words import words_of

    if isinstance(error, EngineError):
        place = f"{error.line}:{error.column}: " if isinstance(error, QuerySyntaxError) and error.line else ""
        return place + (words_of(error, language) or type(error).__name__)
    if isinstance(error, OSError) and error.strerror and error.filename:
        if language == "ja":
            return f"{error.filename} を使えません（{error.strerror}）。パス、読み書きの権限、ディスクの空きを確かめてください。"
        return f"{error.filename} cannot be used ({error.strerror}): check the path, who may read and write it, and that the disk has room."
    ja = getattr(error, "ja", "")
    return str(ja) if language == "ja" and ja else str(error)


workspace_option = click.option(
    "--workspace",
    "-w",
    type=click.Path(file_okay=False, path_type=Path),
    default=default_workspace,
    help="Folder with ontology/, data/, shapes/ and queries/ (default: KIZUNA_WORKSPACE, here, or the bundled one).",
)
language_option = click.option(
    "--language",
    "-l",
    type=click.Choice(["ja", "en"]),
    default=default_language,
    help="Language of messages (default: KIZUNA_LANGUAGE or the locale's).",
)
scenario_option = click.option(
    "--scenario",
    "-s",
    "scenarios",
    multiple=True,
    metavar="NAME",
    help="A scenario laid over the record: a file scenarios/NAME.patch, or proposal-N (repeatable, in order).",
)
revision_option = click.option(
    "--revision",
    "-r",
    type=click.IntRange(min=0),
    help="What the record said at this commit (default: the newest).",
)
