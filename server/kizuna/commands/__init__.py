"""The subcommands of `kizuna`, one module each; cli.py gathers them."""
