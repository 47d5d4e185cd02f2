"""The command line: `kizuna COMMAND`. Gathers the subcommands, and reads a file of settings for all of them; holds no logic.

A subcommand is imported when it is called: most need a small part of the product, and to import all of it takes seconds on a busy machine.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Final, cast

import click

from kizuna import __version__
from kizuna.commands.options import default_language, told
from kizuna.settings import SettingsError, read_file

COMMANDS: Final = {
    "serve": "serve:serve_command",
    "init": "init:init_command",
    "query": "query:query_command",
    "validate": "validate:validate_command",
    "infer": "views:infer_command",
    "export": "views:export_command",
    "why": "why:why_command",
    "diff": "diff:diff_command",
    "import": "importing:import_command",
    "coverage": "coverage:coverage_command",
    "release": "release:release_command",
    "doctor": "doctor:doctor_command",
    "enrich": "enrich:enrich_command",
    "propose": "changes:propose_command",
    "review": "changes:review_command",
    "publish": "changes:publish_command",
    "log": "changes:log_command",
    "revert": "changes:revert_command",
    "sync": "changes:sync_command",
    "account": "accounts:account_group",
    "ledger": "accounts:ledger_group",
}
"""Where each subcommand stands, in `kizuna.commands`."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*COMMANDS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _, name = COMMANDS[cmd_name].partition(":")
        found = getattr(importlib.import_module(f"kizuna.commands.{module}"), name)
        return cast(click.Command, found)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
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
        reason = getattr(error, "strerror", "") or str(error)
        unread = SettingsError(
            f"The settings in {config} cannot be read ({reason}): check --config and KIZUNA_CONFIG, and who may read the file.",
            f"設定ファイル {config} を読めません（{reason}）。--config と KIZUNA_CONFIG、ファイルの読み取り権限を確かめてください。",
        )
        raise click.UsageError(told(unread, default_language())) from error
    except SettingsError as error:
        raise click.UsageError(told(error, default_language())) from error
    for name, value in found.items():
        if not os.environ.get(name):
            os.environ[name] = value


if __name__ == "__main__":
    main()
