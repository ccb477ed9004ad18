"""Close months, hand out statements, and check that all adds up."""

from pathlib import Path
from typing import Annotated

import typer

from commands.terminal import OUT
from graph.errors import BadInput
from graph.metering.meter import Meter
from graph.revenue.book import Book
from graph.revenue.money import shown
from graph.settings import Settings


def close_command(
    month: Annotated[str, typer.Argument(help="A UTC month that is over, such as 2026-11.")],
) -> None:
    """Rate, divide and state what partners used in a month; once more changes nothing."""
    for one in _book().close(month):
        balance = f"{shown(one.balance_minor, one.currency)} {one.currency}"
        OUT.print(f"{one.number}\t{one.party}\t{balance}", markup=False, highlight=False)


def statement_command(
    number: Annotated[str, typer.Argument(help="Number of the statement.")],
    file: Annotated[Path, typer.Argument(help="What to write: a name in .csv or .pdf.")],
) -> None:
    """Write a statement, with every record as CSV, or its entries as PDF."""
    book = _book()
    statement = book.statement(number)
    postings = book.postings(statement)
    match file.suffix:
        case ".csv":
            from graph.revenue.sheet import sheet

            file.write_bytes(sheet(statement, postings, book.items(statement)).encode())
        case ".pdf":
            from graph.revenue.paper import paper

            file.write_bytes(paper(statement, postings))
        case _:
            raise BadInput("name a file in .csv or .pdf")


def check_command() -> None:
    """Check all signatures, and rate every record of every closed month anew."""
    records = _book().reconcile()
    OUT.print(f"{records:,} records reconcile to the minor unit.", markup=False, highlight=False)


def _book() -> Book:
    settings = Settings()
    return Book.of(settings, Meter.of(settings))
