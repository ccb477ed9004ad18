"""What a load's records are like."""

from collections import Counter

import graphene
from graphql import GraphQLResolveInfo as Info

from graph.load import LoadReport
from graph.quality import DayCount, QualityCheck, QualityReport


class LoadCheck(graphene.ObjectType):
    """One check on what a load added to the records of one kind; advisory."""

    kind = graphene.String(required=True, description="Kind of record, such as calls.")
    name = graphene.String(required=True, description="What is checked; docs/quality.md.")
    column = graphene.String(description="Column that it is about; null: the whole record.")
    value = graphene.Float(
        description="What was found, in `unit`; null: nothing to tell it from, or see `at`."
    )
    at = graphene.DateTime(description="What was found where `unit` is `instant`, in UTC.")
    unit = graphene.String(required=True, description="What the value counts or measures.")
    meaning = graphene.String(required=True, description="What the value says.")

    @staticmethod
    def resolve_unit(check: QualityCheck, _info: Info) -> str:
        return check.meaning.unit

    @staticmethod
    def resolve_meaning(check: QualityCheck, _info: Info) -> str:
        return check.meaning.text


class LoadDay(graphene.ObjectType):
    """How many records a load added of one day."""

    kind = graphene.String(required=True, description="Kind of record, such as calls.")
    day = graphene.Date(required=True, description="The day, in UTC.")
    records = graphene.BigInt(required=True, description="New records of that day; at least 1.")


class LoadReason(graphene.ObjectType):
    """How many rows of a load were rejected for one reason, over all its files."""

    reason = graphene.String(required=True, description="What was wrong.")
    rows = graphene.BigInt(required=True, description="How many rows; at least 1.")


class LoadQuality(graphene.ObjectType):
    """What a load's records are like; nothing in it is about one person."""

    checks = graphene.List(
        graphene.NonNull(LoadCheck),
        required=True,
        kind=graphene.String(description="Only checks on this kind of record."),
        name=graphene.String(description="Only the check of this name."),
        description="What was counted and measured, kind by kind.",
    )
    days = graphene.List(
        graphene.NonNull(LoadDay),
        required=True,
        kind=graphene.String(description="Only this kind of record."),
        description="New records by kind and day; a day without any is left out.",
    )
    rejected_share = graphene.Float(
        required=True, description="Share of the rows that were rejected; 0 to 1."
    )
    reasons = graphene.List(
        graphene.NonNull(LoadReason),
        required=True,
        description="Counts of rejected rows by reason, the most frequent first.",
    )

    @staticmethod
    def resolve_checks(
        report: LoadReport, _info: Info, kind: str | None = None, name: str | None = None
    ) -> list[QualityCheck]:
        return [
            check
            for check in quality_of(report).checks
            if kind in (None, check.kind) and name in (None, check.name)
        ]

    @staticmethod
    def resolve_days(report: LoadReport, _info: Info, kind: str | None = None) -> list[DayCount]:
        return [day for day in quality_of(report).days if kind in (None, day.kind)]

    @staticmethod
    def resolve_rejected_share(report: LoadReport, _info: Info) -> float:
        return rejected_share(report)

    @staticmethod
    def resolve_reasons(report: LoadReport, _info: Info) -> list[dict[str, object]]:
        return [{"reason": reason, "rows": rows} for reason, rows in reasons(report)]


def quality_of(report: LoadReport) -> QualityReport:
    """Return what was measured; nothing of a load that never came so far."""
    return report.quality or QualityReport()


def rejected_share(report: LoadReport) -> float:
    """Return the share of a load's rows that were rejected; 0 where there was no row."""
    read = sum(file.rows_read for file in report.files)
    return sum(file.rows_rejected for file in report.files) / read if read else 0.0


def reasons(report: LoadReport) -> list[tuple[str, int]]:
    """Return why rows were rejected and how many, the most frequent reason first."""
    found: Counter[str] = Counter()
    for rejection in report.rejections:
        found[rejection.reason] += rejection.rows
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))
