"""What can be subscribed to."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

import graphene
from graphql import GraphQLResolveInfo as Info

from api.context import context_of
from api.experience import experience_anywhere
from api.location import LocationSubscription
from api.problem import Problem, ProblemEvent, ProblemFilter, wanted_of
from graph.database.session import Row
from graph.problem.changes import ProblemChange as Change
from graph.problem.changes import changes_since, is_meant
from graph.raster import check_place

MOST_REPLAYED = 1_000


class ProblemChange(graphene.ObjectType):
    """Something that happened to a problem."""

    problem = graphene.Field(
        graphene.NonNull(Problem), description="The problem as it was when this was told."
    )
    event = graphene.Field(graphene.NonNull(ProblemEvent), description="What happened.")
    missed = graphene.Int(
        required=True,
        description="How many changes before this one were left out, because the reader was too "
        "slow: at least 0. They are in `Problem.history`.",
    )


class Subscription(LocationSubscription, graphene.ObjectType):
    """What is told as it happens."""

    problem = graphene.Field(
        graphene.NonNull(ProblemChange),
        filter=ProblemFilter(description="Of which problems; of all where absent."),
        since=graphene.DateTime(
            description="Tells first what happened from this instant on, up to "
            f"{MOST_REPLAYED:,} changes: the `at` of the last event before a connection was lost."
        ),
        description="What happens to problems, in order, each change once.",
    )
    place_experience = experience_anywhere(
        "How good it was at a place: at once, and again whenever experience was computed anew."
    )

    @staticmethod
    async def subscribe_problem(
        _root: None,
        info: Info,
        filter: Mapping[str, Any] | None = None,
        since: datetime | None = None,
    ) -> AsyncIterator[Row]:
        context, (wanted,) = context_of(info), wanted_of(filter or {})
        with context.services.live.problems.listening() as listener:
            told = set()
            if since is not None:
                for change in await changes_since(context.reader, since, MOST_REPLAYED):
                    told.add(change.event["event_id"])
                    if is_meant(change.problem, wanted):
                        yield _row(change, 0)
            async for change in listener:
                is_known = change.event["event_id"] in told
                if not is_known and is_meant(change.problem, wanted):
                    yield _row(change, listener.missed)

    @staticmethod
    def resolve_problem(change: Row, _info: Info, **_arguments: Any) -> Row:
        return change

    @staticmethod
    async def subscribe_place_experience(
        _root: None, info: Info, h3: str, **_arguments: Any
    ) -> AsyncIterator[None]:
        check_place(h3)
        with context_of(info).services.live.experience.listening() as listener:
            yield None
            async for news in listener:
                yield news


def _row(change: Change, missed: int) -> Row:
    return {"problem": dict(change.problem), "event": dict(change.event), "missed": missed}
