"""What commands on changes share: who acts, the ledger, an engine of one's own. Starts processes, reads files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from kizuna.changes.documents import DocumentError
from kizuna.changes.patch import PatchError
from kizuna.changes.problems import BlockedError, ChangeError, ReasonNeededError
from kizuna.changes.report import GateReport
from kizuna.changes.workflow import Actor, Changes
from kizuna.commands.options import told
from kizuna.commands.setup import engine_config
from kizuna.engine.embedded import EmbeddedEngine, start_embedded
from kizuna.engine.types import EngineError
from kizuna.ledger.database import LedgerError, LedgerFileError, ledger_path
from kizuna.ledger.ledger import Ledger
from kizuna.settings import Settings, SettingsError, variable_of
from kizuna.sparql.explained import Explained
from kizuna.validation.report import Language
from kizuna.workspace.load import WorkspaceError

account_option = click.option(
    "--as",
    "account",
    envvar="KIZUNA_ACCOUNT",
    required=True,
    metavar="ACCOUNT",
    help="Account that acts (default: KIZUNA_ACCOUNT). Whoever can write the ledger's file may act as any account.",
)


@dataclass(frozen=True, slots=True)
class Tools:
    """What a command on changes works with."""

    engine: EmbeddedEngine
    ledger: Ledger
    changes: Changes
    actor: Actor


def say(language: str, ja: str, en: str) -> str:
    """The sentence in a language."""
    return ja if language == "ja" else en


def open_ledger(workspace: Path, language: str) -> Ledger:
    """The ledger of a workspace; ends the command when there is none."""
    path = ledger_path(workspace)
    if not path.exists():
        click.echo(
            say(
                language,
                "台帳がまだありません。kizuna account add で最初のアカウントを作ってください。",
                "There is no ledger yet: make the first account with kizuna account add.",
            ),
            err=True,
        )
        sys.exit(2)
    try:
        return Ledger(path)
    except LedgerFileError as error:
        click.echo(told(error, language), err=True)
        sys.exit(2)


@contextmanager
def tools(workspace: Path, account: str, language: str) -> Iterator[Tools]:
    """Engine, ledger and actor; errors become a message and an exit code (1 refused, 2 cannot be used)."""
    try:
        settings = Settings.from_environment(os.environ, workspace=workspace.resolve())
        if settings.read_only:
            raise SettingsError(
                say(
                    language,
                    f"ここは閲覧専用です（{variable_of('read_only')}）。変更は {settings.writer or '別のサーバー'} で行います。",
                    f"Here one only reads ({variable_of('read_only')}): changes are made at {settings.writer or 'another server'}.",
                )
            )
        ledger = open_ledger(workspace, language)
        actor = Actor(ledger.accounts.get(account))
        with start_embedded(engine_config(settings)) as engine:
            changes = Changes(engine, ledger, second_person=settings.second_person)
            yield Tools(engine, ledger, changes, actor)
    except (BlockedError, ReasonNeededError) as error:
        click.echo(error.text(language), err=True)
        show_report(error.report, language)
        sys.exit(1)
    except (ChangeError, PatchError) as error:
        click.echo(say(language, error.ja, error.en), err=True)
        sys.exit(1)
    except Explained as error:
        place = f"{error.line}:{error.column or 1}: " if error.line else ""
        click.echo(place + say(language, error.ja, error.en), err=True)
        sys.exit(1)
    except UnicodeDecodeError:
        click.echo(say(language, "UTF-8 ではありません。", "It is not UTF-8."), err=True)
        sys.exit(1)
    except DocumentError as error:
        problem = error.problem
        place = f"{problem.line}:{problem.column or 1}: " if problem.line else ""
        click.echo(place + say(language, problem.ja, problem.en), err=True)
        sys.exit(1)
    except (LookupError, LedgerError, EngineError, WorkspaceError, SettingsError, OSError) as error:
        click.echo(told(error, language), err=True)
        sys.exit(2)


def show_report(report: GateReport, language: str) -> None:
    """The findings, one a line, with what to do."""
    words = {
        2: say(language, "誤り", "error"),
        1: say(language, "警告", "warning"),
        0: say(language, "参考", "note"),
    }
    key: Language = "ja" if language == "ja" else "en"
    for found in report.report.findings:
        click.echo(
            f"{words[int(found.severity)]}: {found.focus_label[key]}: {found.message(key)} {found.fix(key)}"
            f" [{found.constraint.id}] <{found.focus}>" + (f" ({found.location})" if found.location else "")
        )
    for line in report.missing:
        click.echo(
            say(
                language,
                "衝突: もう存在しない記述を取り除こうとしています: ",
                "conflict: removes what is gone: ",
            )
            + line
        )
