"""Make `PROVOKED.md` anew: `python -m tests.contracts.provoked`. It takes some minutes, and needs node and npm."""

import os

import typer

from ..harness.artifacts import load_v3_6
from .reasons import OPEN
from .table import REVISIONS, TABLE, campaign, recorded_hits, render, rows_of, table


def main() -> None:
    """Write the table."""
    expected = {revision: rows_of(revision) for revision in REVISIONS}
    recorded = {revision: recorded_hits(revision) for revision in REVISIONS}
    lockstep, planted, compared = campaign(load_v3_6())
    rows = table(expected, recorded, lockstep, planted)
    partial = TABLE.with_suffix(".partial")
    partial.write_text(render(rows, compared), encoding="utf-8")
    os.replace(partial, TABLE)
    unseen = [row for row in rows if not row.total]
    open_rows = sum(row.reason.startswith(OPEN) for row in unseen)
    typer.echo(
        f"{TABLE.name}: {len(rows)} rows, {compared:,} calls compared, {len(unseen)} never seen, {open_rows} open"
    )


if __name__ == "__main__":
    typer.run(main)
