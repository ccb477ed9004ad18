"""What a load did, for a person at a terminal."""

from collections.abc import Iterator, Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from graph.load import LoadReport


def told(title: str, report: LoadReport, skipped: Sequence[str]) -> Group:
    """Return the tables and lines that say what became of every file, row and record."""
    return Group(_files(title, report), _records(report), *_lines(report, skipped))


def plain(*texts: str) -> list[Text]:
    """Return texts that may hold brackets, which rich would take for its own marks."""
    return [Text(text) for text in texts]


def _files(title: str, report: LoadReport) -> Table:
    files = Table("file", "table", "rows read", "rejected", "suppressed", title=title)
    for file in report.files:
        counts = (file.rows_read, file.rows_rejected, file.rows_suppressed)
        files.add_row(*plain(file.file, file.table, *(f"{count:,}" for count in counts)))
    return files


def _records(report: LoadReport) -> Table:
    records = Table("records", "loaded", "duplicate", "already known")
    for count in report.records:
        numbers = (count.loaded, count.duplicate, count.known)
        records.add_row(count.kind, *(f"{number:,}" for number in numbers))
    return records


def _lines(report: LoadReport, skipped: Sequence[str]) -> Iterator[Text]:
    for rejection in report.rejections:
        field = f"{rejection.field}: " if rejection.field else ""
        line = f"rejected: {rejection.rows:,} rows of {rejection.file}: {field}{rejection.reason}"
        yield Text(line, style="yellow")
    for file in skipped:
        yield Text(f"skipped: {file}", style="dim")
