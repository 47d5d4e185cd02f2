"""The command line: `kizuna COMMAND`. Gathers the subcommands, and reads a file of settings for all of them; holds no logic."""

from __future__ import annotations

import os
from pathlib import Path

import click

from kizuna import __version__
from kizuna.commands.accounts import account_group, ledger_group
from kizuna.commands.changes import (
    log_command,
    propose_command,
    publish_command,
    revert_command,
    review_command,
    sync_command,
)
from kizuna.commands.coverage import coverage_command
from kizuna.commands.diff import diff_command
from kizuna.commands.doctor import doctor_command
from kizuna.commands.enrich import enrich_command
from kizuna.commands.importing import import_command
from kizuna.commands.init import init_command
from kizuna.commands.query import query_command
from kizuna.commands.release import release_command
from kizuna.commands.serve import serve_command
from kizuna.commands.validate import validate_command
from kizuna.commands.views import export_command, infer_command
from kizuna.commands.why import why_command
from kizuna.settings import SettingsError, read_file


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kizuna")
@click.option(
    "--config",
    envvar="KIZUNA_CONFIG",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file of settings, KIZUNA_X=value a line; the environment wins over it (default: KIZUNA_CONFIG).",
)
def main(config: Path | None) -> None:
    """Kizuna (絆): see, query and keep up to date who cooperates with whom."""
    if config is None:
        return
    try:
        found = read_file(config.read_text("utf-8"), str(config))
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"The settings in {config} cannot be read: {error}") from error
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    for name, value in found.items():
        if not os.environ.get(name):
            os.environ[name] = value


for command in (
    serve_command,
    init_command,
    query_command,
    validate_command,
    infer_command,
    export_command,
    why_command,
    diff_command,
    import_command,
    coverage_command,
    release_command,
    doctor_command,
    enrich_command,
    propose_command,
    review_command,
    publish_command,
    log_command,
    revert_command,
    sync_command,
    account_group,
    ledger_group,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
