"""`kizuna init`: a workspace of one's own, copied from another. Writes into the folder that is named."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Final

import click

from kizuna.commands.desk import say
from kizuna.commands.options import default_language, language_option, told, workspace_option
from kizuna.ledger.database import VARIABLE
from kizuna.workspace.bundled import BUNDLED, is_workspace

KEPT: Final = ("ontology", "data", "shapes", "queries", "scenarios")
"""What is copied: no ledger, for that belongs to one record."""


@click.command("init")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@workspace_option
@language_option
def init_command(folder: Path, workspace: Path, language: str) -> None:
    """Make a workspace of your own: copy ontology, data, shapes, queries and scenarios into FOLDER.

    Exit codes: 0 done, 2 FOLDER holds a workspace already, there is nothing to copy, or it cannot be written.

    \b
    Examples:
      kizuna init /srv/kizuna
      KIZUNA_WORKSPACE=/srv/kizuna kizuna account add aoi --role admin
    """
    try:
        if is_workspace(folder):
            raise OSError(
                say(language, f"{folder} はすでにワークスペースです。", f"{folder} is a workspace already.")
            )
        if not is_workspace(workspace):
            raise OSError(
                say(
                    language,
                    f"{workspace} はワークスペースではありません。",
                    f"{workspace} is no workspace.",
                )
            )
        for room in KEPT:
            if (workspace / room).is_dir():
                shutil.copytree(workspace / room, folder / room)
    except OSError as error:
        click.echo(told(error, language), err=True)
        sys.exit(2)
    click.echo(
        say(
            language,
            f"{folder} に作りました。KIZUNA_WORKSPACE={folder} で使います。",
            f"{folder} is made. Use it with KIZUNA_WORKSPACE={folder}.",
        )
    )


def refuse_bundled(workspace: Path, ledger: str) -> None:
    """End the command when a ledger would begin inside the installed package, where the next version replaces everything.

    Args:
        workspace: where the ledger would stand.
        ledger: a place that the operator has named for it; "" for none.
    """
    if ledger or workspace.resolve() != BUNDLED.resolve():
        return
    click.echo(
        say(
            default_language(),
            "パッケージに入っているワークスペースには台帳を作れません（更新で消えます）。kizuna init フォルダー で自分のワークスペースを作り、"
            f"KIZUNA_WORKSPACE に指定してください（または {VARIABLE} で台帳の場所を指定）。",
            "No ledger can begin in the workspace that came with the package: the next version would replace it. Make your own"
            f" with kizuna init FOLDER and name it in KIZUNA_WORKSPACE (or name a place for the ledger in {VARIABLE}).",
        ),
        err=True,
    )
    sys.exit(2)
