"""How an app is doing: numbers of many people, audited with all that a partner was told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

import graphene
from anyio.to_thread import run_sync
from graphql import GraphQLResolveInfo as Info

from api.context import context_of
from api.crowd import Density
from graph.errors import BadInput, NotFound
from graph.insight import audited
from graph.insight.audited import Admits
from graph.insight.release import AppRelease, Cohort, Move, Part, Period, read_release
from graph.insight.use import Span


class Estimate(graphene.ObjectType):
    """A number, and how far a population of which these users are a random part may differ."""

    value = graphene.Float(required=True, description="As it was counted.")
    low = graphene.Float(required=True, description="Where its 95 % interval begins.")
    high = graphene.Float(required=True, description="Where its 95 % interval ends.")


class AppPeriod(graphene.ObjectType):
    """A day, week or month of an app; what would tell of too few is null."""

    since = graphene.Date(required=True, description="First day (UTC); weeks begin on Mondays.")
    until = graphene.Date(required=True, description="First day after it.")
    is_whole = graphene.Boolean(
        required=True, description="Whether the records cover all of the period."
    )
    density = graphene.Field(graphene.NonNull(Density), description="Whether it is told how many.")
    users = graphene.Int(
        description="Who used it at least once; at least 16, or null for LOW_DENSITY."
    )
    sessions_per_day = graphene.Field(
        Estimate, description="Sessions of a user on a day that has any; from 1."
    )
    session_s = graphene.Field(
        Estimate, description="Length of a user's sessions, in seconds; at least 0."
    )
    stickiness = graphene.Field(
        Estimate,
        description="Part of the days on which a user was active, 0 to 1: mean daily by all users. "
        "Null for days, and for what is not whole.",
    )
    growth = graphene.Field(
        Estimate,
        description="Change of users by part of those of the period before, at least -1. Null "
        "unless both are whole.",
    )
    churn = graphene.Field(
        Estimate,
        description="Part of the users of the period before who are none any more, 0 to 1. Null "
        "unless both are whole.",
    )

    @staticmethod
    def resolve_density(period: Period, _info: Info) -> str:
        return "low_density" if period.users is None else "known"


class AppRetention(graphene.ObjectType):
    """Who of a cohort was active so many weeks later."""

    weeks = graphene.Int(required=True, description="How many weeks later, 1 to 12.")
    users = graphene.Int(required=True, description="How many; at least 16.")
    share = graphene.Field(graphene.NonNull(Estimate), description="By all of it, 0 to 1.")


class AppCohort(graphene.ObjectType):
    """Those who used the app for the first time in one week."""

    since = graphene.Date(required=True, description="The Monday of the week (UTC).")
    users = graphene.Int(required=True, description="How many; at least 16.")
    retained = graphene.List(
        graphene.NonNull(AppRetention),
        required=True,
        description="Those of later weeks; weeks of too few are left out.",
    )


class AppPart(graphene.ObjectType):
    """Users who have something in common."""

    value = graphene.String(
        required=True,
        description="What that is: a gender, the decade of birth such as 1980, or an H3 index.",
    )
    users = graphene.Int(required=True, description="How many; at least 16.")
    share = graphene.Field(graphene.NonNull(Estimate), description="By all users, 0 to 1.")


class AppMove(graphene.ObjectType):
    """Users who left for another app of the category."""

    since = graphene.Date(required=True, description="First day of the month in which they left.")
    app = graphene.ID(required=True, description="Key of the app that they used then.")
    users = graphene.Int(required=True, description="How many; at least 16.")
    share = graphene.Field(
        graphene.NonNull(Estimate), description="By all who left in that month, 0 to 1."
    )

    @staticmethod
    def resolve_app(move: Move, _info: Info) -> str:
        return move.app_id


@dataclass(frozen=True)
class Told:
    """What is told of one app, to somebody who is told the counts that ``admits`` returns."""

    key: str
    as_of: datetime
    release: AppRelease
    admits: Admits

    async def periods(self, span: Span, of: Sequence[Period], **window: date) -> list[Period]:
        """Return the periods that begin within a window."""
        return await run_sync(audited.periods, span, _within(of, **window), self.admits)


def _periods(description: str) -> Any:
    return graphene.List(
        graphene.NonNull(AppPeriod),
        required=True,
        since=graphene.Date(description="Only periods that begin on this day or later."),
        until=graphene.Date(description="Only periods that begin before this day."),
        description=description,
    )


def _parts(description: str) -> Any:
    return graphene.List(graphene.NonNull(AppPart), required=True, description=description)


class AppInsight(graphene.ObjectType):
    """How an app is doing. All numbers are of 16 people and more, and so is what follows of them.

    They are audited together when they are computed, and for partners again, with all counts that
    the partner was told before: what would tell of too few then is null or left out.
    """

    key = graphene.ID(required=True, description="`namespace:identifier` of the app.")
    as_of = graphene.DateTime(required=True, description="When it was computed, in UTC.")
    days = _periods("Days (UTC) with any use, in order.")
    weeks = _periods("Weeks with any use, in order.")
    months = _periods("Months with any use, in order.")
    cohorts = graphene.List(
        graphene.NonNull(AppCohort),
        required=True,
        description="Who came in which week and how many of them stayed, in order; weeks of too "
        "few are left out.",
    )
    genders = _parts("Users by gender; groups of too few are left out.")
    birth_decades = _parts("Users by decade of birth; groups of too few are left out.")
    areas = _parts(
        "Users by where they used it: H3 hexagons of resolution 6, about 36 km²; areas of too few "
        "are left out."
    )
    moves = graphene.List(
        graphene.NonNull(AppMove),
        required=True,
        description="Where those went who left, by month; moves of too few are left out.",
    )

    @staticmethod
    async def resolve_days(told: Told, _info: Info, **window: date) -> list[Period]:
        return await told.periods("day", told.release.days, **window)

    @staticmethod
    async def resolve_weeks(told: Told, _info: Info, **window: date) -> list[Period]:
        return await told.periods("week", told.release.weeks, **window)

    @staticmethod
    async def resolve_months(told: Told, _info: Info, **window: date) -> list[Period]:
        return await told.periods("month", told.release.months, **window)

    @staticmethod
    async def resolve_cohorts(told: Told, _info: Info) -> list[Cohort]:
        return await run_sync(audited.cohorts, told.release.cohorts, told.admits)

    @staticmethod
    async def resolve_genders(told: Told, _info: Info) -> list[Part]:
        return await run_sync(audited.parts, "gender", told.release.genders, told.admits)

    @staticmethod
    async def resolve_birth_decades(told: Told, _info: Info) -> list[Part]:
        return await run_sync(audited.parts, "decade", told.release.decades, told.admits)

    @staticmethod
    async def resolve_areas(told: Told, _info: Info) -> list[Part]:
        return await run_sync(audited.parts, "area", told.release.areas, told.admits)

    @staticmethod
    async def resolve_moves(told: Told, _info: Info) -> list[Move]:
        return await run_sync(audited.moves, told.release.moves, told.admits)


class InsightQuery:
    """Fields of ``Query``."""

    app_insight = graphene.Field(
        graphene.NonNull(AppInsight),
        app=graphene.ID(required=True, description="`namespace:identifier` of the app."),
        description="How an app is doing, as `tiegraph analyse apps` computed it last.",
    )

    @staticmethod
    async def resolve_app_insight(_root: None, info: Info, app: str) -> Told:
        context = context_of(info)
        release = await run_sync(read_release, context.settings.insight_file)
        if app not in release.apps:
            raise NotFound("there is no such app, or too few use it")
        is_partner = context.viewer.role == "partner"
        joint = partial(context.services.crowd.admitted, context.viewer.subject, app)
        return Told(app, release.as_of, release.apps[app], joint if is_partner else set)


def _within(
    periods: Sequence[Period], since: date | None = None, until: date | None = None
) -> list[Period]:
    """Return the periods that begin in a half-open window."""
    if since and until and until <= since:
        raise BadInput("until must be after since")
    first, end = since or date.min, until or date.max
    return [period for period in periods if first <= period.since < end]
