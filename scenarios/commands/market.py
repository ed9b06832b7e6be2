"""`pooltwin market`: the commands that make, check, show, take and write markets."""

from __future__ import annotations

import typer

from .market_files import check_command, new_command, schema_command
from .market_formats import export_command, import_command
from .market_show import show_command

market_app = typer.Typer(
    no_args_is_help=True, help="Make, check and show markets, take them from other tools' files and write them so."
)
market_app.command("new")(new_command)
market_app.command("check")(check_command)
market_app.command("schema")(schema_command)
market_app.command("show")(show_command)
market_app.command("import")(import_command)
market_app.command("export")(export_command)
