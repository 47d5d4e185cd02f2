"""The command line: `kizuna COMMAND`. Gathers the subcommands; holds no logic."""

from __future__ import annotations

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
from kizuna.commands.query import query_command
from kizuna.commands.release import release_command
from kizuna.commands.serve import serve_command
from kizuna.commands.validate import validate_command
from kizuna.commands.views import export_command, infer_command
from kizuna.commands.why import why_command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kizuna")
def main() -> None:
    """Kizuna (絆): see, query and keep up to date who cooperates with whom."""


for command in (
    serve_command,
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
