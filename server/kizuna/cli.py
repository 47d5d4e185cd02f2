"""The command line: `kizuna COMMAND`. Gathers the subcommands; holds no logic."""

from __future__ import annotations

import click

from kizuna import __version__
from kizuna.commands.coverage import coverage_command
from kizuna.commands.importing import import_command
from kizuna.commands.query import query_command
from kizuna.commands.serve import serve_command
from kizuna.commands.validate import validate_command
from kizuna.commands.views import export_command, infer_command


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
    import_command,
    coverage_command,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
