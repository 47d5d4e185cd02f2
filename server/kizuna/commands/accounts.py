"""`kizuna account` and `kizuna ledger`: people, tokens, backups. Reads and writes the ledger's file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from kizuna.commands.desk import open_ledger, say
from kizuna.commands.init import refuse_bundled
from kizuna.commands.options import default_language, language_option, told, workspace_option
from kizuna.ledger.backup import backup, restore
from kizuna.ledger.database import VARIABLE, LedgerError, ledger_path
from kizuna.ledger.ledger import Ledger
from kizuna.ledger.records import ROLES, SCOPES, Role, Scope

OPERATOR = "(command line)"


@click.group("account")
def account_group() -> None:
    """Accounts and API tokens. The first administrator is made here; there is no default password.

    Exit codes: 0 done, 1 it cannot be done (says why), 2 there is no ledger.
    """


@account_group.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the account may do.")
@click.option("--display", default="", help="Name shown to others.")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input instead of asking."
)
@click.option(
    "--no-password", is_flag=True, help="Nobody signs in to it with a password (a machine, or OpenID)."
)
@workspace_option
def add(
    name: str, role: Role, display: str, password_stdin: bool, no_password: bool, workspace: Path
) -> None:
    """Make an account; asks for its password."""
    refuse_bundled(workspace, os.environ.get(VARIABLE, ""))
    password = None if no_password else _password(password_stdin)
    try:
        ledger = Ledger(ledger_path(workspace))
        ledger.accounts.add(name, role, display=display, password=password, by=OPERATOR)
    except LedgerError as error:
        click.echo(told(error, default_language()), err=True)
        sys.exit(1)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


@account_group.command("list")
@workspace_option
@language_option
def list_accounts(workspace: Path, language: str) -> None:
    """Show all accounts."""
    for account in open_ledger(workspace, language).accounts.list():
        click.echo(
            f"{account.name}\t{account.role}\t{'open' if account.active else 'closed'}\t{account.display}"
        )


@account_group.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@workspace_option
@language_option
def role(name: str, role: Role, workspace: Path, language: str) -> None:
    """Change what an account may do."""
    _do(lambda ledger: ledger.accounts.set_role(name, role, by=OPERATOR), workspace, language)


@account_group.command("password")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read it from standard input instead of asking.")
@workspace_option
@language_option
def password(name: str, password_stdin: bool, workspace: Path, language: str) -> None:
    """Give a new password; ends the account's sessions."""
    given = _password(password_stdin)
    _do(lambda ledger: ledger.accounts.set_password(name, given, by=OPERATOR), workspace, language)


@account_group.command("close")
@click.argument("name")
@workspace_option
@language_option
def close(name: str, workspace: Path, language: str) -> None:
    """Close an account: its sessions and tokens end. What it wrote stays."""
    _do(lambda ledger: ledger.accounts.set_active(name, False, by=OPERATOR), workspace, language)


@account_group.command("token")
@click.argument("name")
@click.option("--scope", type=click.Choice(SCOPES), default="propose", help="The most it may do.")
@click.option("--days", type=float, default=90.0, help="How long it lasts.")
@click.option("--label", default="", help="What it is for.")
@workspace_option
@language_option
def token(name: str, scope: Scope, days: float, label: str, workspace: Path, language: str) -> None:
    """Make an API token and print it. It is shown this once."""

    def make(ledger: Ledger) -> None:
        ledger.accounts.get(name)
        _, secret = ledger.accounts.add_token(name, label, scope, days)
        click.echo(secret)

    _do(make, workspace, language)


def _do(action: object, workspace: Path, language: str) -> None:
    ledger = open_ledger(workspace, language)
    try:
        action(ledger)  # type: ignore[operator]
    except (LedgerError, LookupError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)


@click.group("ledger")
def ledger_group() -> None:
    """Back up, restore and check the ledger.

    Exit codes: 0 done, 1 it is not sound, cannot be copied or is in use, 2 there is no ledger, or it cannot be opened.
    """


@ledger_group.command("backup")
@click.argument("target", type=click.Path(path_type=Path))
@workspace_option
@language_option
def backup_ledger(target: Path, workspace: Path, language: str) -> None:
    """Copy the ledger to a new file, while the server runs; the copy is checked."""
    try:
        click.echo(backup(ledger_path(workspace), target))
    except FileExistsError:
        click.echo(
            say(
                language,
                f"{target} はすでにあります。新しいファイル名を指定してください（バックアップは上書きしません）。",
                f"{target} exists already: name a new file (a backup is never written over).",
            ),
            err=True,
        )
        sys.exit(1)
    except (LedgerError, OSError) as error:
        click.echo(told(error, language), err=True)
        sys.exit(1)


@ledger_group.command("restore")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@workspace_option
@language_option
def restore_ledger(source: Path, workspace: Path, language: str) -> None:
    """Put a backup in the ledger's place (stop the server first); the old one is kept beside it."""
    try:
        click.echo(restore(source, ledger_path(workspace)))
    except (LedgerError, OSError) as error:
        click.echo(told(error, language), err=True)
        sys.exit(1)


@ledger_group.command("verify")
@workspace_option
@language_option
def verify(workspace: Path, language: str) -> None:
    """Recompute the chain of digests over all commits; print the newest revision."""
    try:
        click.echo(open_ledger(workspace, language).verify())
    except LedgerError as error:
        click.echo(told(error, language), err=True)
        sys.exit(1)
