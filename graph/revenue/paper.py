"""A statement as PDF: the same entries, the same bytes each time."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from graph.revenue.money import shown
from graph.revenue.statement import Posting, Statement

_HEAD = ("entry", "usage of", "by", "operation", "records", "units", "amount")
_STYLE = TableStyle(
    [
        ("FONTSIZE", (0, 0), (-1, -1), 8),
        ("ALIGN", (4, 0), (-1, -1), "RIGHT"),
        ("LINEBELOW", (0, 0), (-1, 0), 0.5, colors.black),
        ("LINEABOVE", (0, -3), (-1, -3), 0.5, colors.black),
        ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold"),
        ("FONTNAME", (0, -1), (-1, -1), "Helvetica-Bold"),
    ]
)


def paper(statement: Statement, postings: Sequence[Posting]) -> bytes:
    """Return a statement as PDF."""
    style = getSampleStyleSheet()
    about = (
        f"{statement.party} · {statement.month} · all amounts in {statement.currency} · "
        f"issued {statement.issued_at:%Y-%m-%d}"
    )
    rows = [_HEAD, *(_row(one, statement.currency) for one in postings), *_totals(statement)]
    content = BytesIO()
    document = SimpleDocTemplate(
        content,
        pagesize=A4,
        title=f"Statement {statement.number}",
        author="Tiegraph",
        invariant=1,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
    )
    document.build(
        [
            Paragraph(f"Statement {statement.number}", style["Title"]),
            Paragraph(about, style["Normal"]),
            Spacer(1, 6 * mm),
            Table(rows, repeatRows=1, style=_STYLE, hAlign="LEFT"),
        ]
    )
    return content.getvalue()


def _row(one: Posting, currency: str) -> tuple[Any, ...]:
    counts = (f"{one.records:,}", f"{one.units:,}")
    amount = shown(one.amount_minor, currency)
    return (f"{one.kind} ({one.side})", one.usage_month, one.payer, one.operation, *counts, amount)


def _totals(statement: Statement) -> list[tuple[str, ...]]:
    totals = {
        "owed": statement.owed_minor,
        "due": statement.due_minor,
        "balance": statement.balance_minor,
    }
    return [
        (name, "", "", "", "", "", shown(amount, statement.currency))
        for name, amount in totals.items()
    ]
