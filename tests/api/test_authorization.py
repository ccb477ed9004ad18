"""The authorization matrix, cell by cell: what docs/authorization.md says is what happens.

Nothing is read here: a question that may be asked is prepared, another is refused.
"""

import re
from collections.abc import Iterator, Set
from pathlib import Path
from typing import get_args

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLUnionType,
    OperationType,
    build_client_schema,
    get_introspection_query,
    get_named_type,
    is_composite_type,
    is_required_argument,
)

from api.errors import Refused
from api.execution import Question, prepared
from api.schema import SCHEMA
from api.tokens import Viewer
from graph.settings import Role, Settings
from tests.api.conftest import Service

PAGE = Path(__file__).parent.parent.parent / "docs" / "authorization.md"
ROLES: tuple[Role, ...] = get_args(Role)
ROW = re.compile(r"^\| `(\w+)` \| (`.*`) \| (\w+) \| (.*) \|$", re.MULTILINE)


def rows() -> Iterator[tuple[str, str, dict[Role, bool]]]:
    for type_name, fields, owner, cells in ROW.findall(PAGE.read_text()):
        allowed = [cell == "yes" for cell in cells.split(" | ")]
        for field in re.findall(r"`(.*?)`", fields):
            yield f"{type_name}.{field}", owner, dict(zip(ROLES, allowed, strict=True))


CELLS = {coordinate: cells for coordinate, _, cells in rows()}
OWNERS = {coordinate: owner for coordinate, owner, _ in rows()}


class Questions:
    """Documents that ask for one field each, on a way of fields that may be gone."""

    def __init__(self, open_fields: Set[str]) -> None:
        roots = {kind: SCHEMA.get_root_type(kind) for kind in OperationType}
        self._around = {
            root.name: (f"{kind.value} {{", "}") for kind, root in roots.items() if root
        }
        waiting = list(self._around)
        for name in waiting:  # grows while it is walked: the nearest way comes first
            kind = SCHEMA.type_map[name]
            assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
            for field_name, field in kind.fields.items():
                if f"{name}.{field_name}" in open_fields:
                    asked = f"{field_name}{arguments(field)}"
                    waiting += self._lead_to(get_named_type(field.type), name, asked)

    def _lead_to(self, kind: GraphQLNamedType, parent: str, asked: str) -> Iterator[str]:
        before, after = self._around[parent]
        members: list[GraphQLNamedType] = [kind] if is_composite_type(kind) else []
        if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
            members += SCHEMA.get_possible_types(kind)
        for member in members:
            if not isinstance(member, GraphQLUnionType) and member.name not in self._around:
                on = f" ... on {member.name} {{" if member is not kind else ""
                self._around[member.name] = (
                    f"{before} {asked} {{{on}",
                    f"{'}' if on else ''}}} {after}",
                )
                yield member.name

    def about(self, coordinate: str) -> str | None:
        type_name, _, name = coordinate.partition("(")[0].partition(".")
        if type_name not in self._around:
            return None
        kind = SCHEMA.type_map[type_name]
        assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        field, argument = kind.fields[name], coordinate.partition("(")[2].rstrip(":)")
        below = " { __typename }" if is_composite_type(get_named_type(field.type)) else ""
        before, after = self._around[type_name]
        return f"{before} {name}{arguments(field, argument)}{below} {after}"


def arguments(field: GraphQLField, also: str = "") -> str:
    """Return what a field has to be told, and one argument more."""
    told = [
        f"{name}: {value_of(argument.type)}"
        for name, argument in field.args.items()
        if is_required_argument(argument) or name == also
    ]
    return f"({', '.join(told)})" if told else ""


def value_of(kind: GraphQLInputType) -> str:
    named = get_named_type(kind)
    values = {"Int": "1", "Float": "1.0", "Boolean": "true", "DateTime": '"2026-01-01T00:00:00Z"'}
    if isinstance(named, GraphQLEnumType):
        return str(next(iter(named.values)))
    if isinstance(named, GraphQLInputObjectType):
        needed = ((n, f) for n, f in named.fields.items() if is_required_argument(f))
        return "{" + ", ".join(f"{n}: {value_of(f.type)}" for n, f in needed) + "}"
    return values.get(named.name, '"891f1d48177ffff"')


ANYTHING = Questions(CELLS.keys())


def answered(document: str, role: Role) -> str | list[str]:
    """Return ``prepared``, or what may not be asked for."""
    try:
        prepared(Settings(), Question(document, {}), Viewer(role, "tester"))
    except Refused as refusal:
        (found,) = refusal.problems
        assert found["extensions"]["code"] == "PERMISSION_DENIED", (document, found["message"])
        return str(found["message"]).partition("for ")[2].split(", ")
    return "prepared"


def test_the_page_names_every_field() -> None:
    """So that no cell is left out below."""
    fields = {
        f"{name}.{field}"
        for name, kind in SCHEMA.type_map.items()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__")
        for field in kind.fields
    }
    assert {name for name in CELLS if "(" not in name} == fields


@pytest.mark.parametrize("role", ROLES)
def test_every_cell_of_a_role(role: Role) -> None:
    allowed = {coordinate for coordinate, cells in CELLS.items() if cells[role]}
    open_to_role = Questions(allowed)
    wrong = []
    for coordinate, cells in CELLS.items():
        document = open_to_role.about(coordinate) or ANYTHING.about(coordinate)
        assert document, f"no way leads to {coordinate}"
        found = answered(document, role)
        is_reached = open_to_role.about(coordinate) is not None
        if cells[role] and is_reached and found != "prepared":
            wrong.append((coordinate, found))
        if not cells[role] and coordinate not in found:
            wrong.append((coordinate, found))
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_introspection_shows_a_role_what_it_may_ask_for_and_nothing_else(
    nowhere: Service, role: Role
) -> None:
    """Read back as a client does, from the standard introspection document."""
    shown = build_client_schema(nowhere.data(get_introspection_query(), role=role))
    coordinates = set()
    for name, kind in shown.type_map.items():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__"):
            coordinates |= {f"{name}.{field}" for field in kind.fields}
            for field_name, field in kind.fields.items():
                found = {f"{name}.{field_name}({argument}:)" for argument in field.args}
                coordinates |= found & CELLS.keys()
    forbidden = {coordinate for coordinate in coordinates if not CELLS[coordinate][role]}
    assert forbidden == set()
    reached = Questions({name for name, cells in CELLS.items() if cells[role]})
    assert {
        name for name, cells in CELLS.items() if cells[role] and reached.about(name)
    } == coordinates


@pytest.mark.parametrize("owner", ["caller", "operator", "crowd", "person"])
def test_a_partner_gets_nothing_of_any_owner_but_what_is_consented(owner: str) -> None:
    """Page information tells of nothing but a list's size; tests/api/test_consented.py the rest.

    Counts of crowds are audited: tests/api/test_crowd.py. Where somebody is hangs on consent, too:
    tests/api/test_location.py.
    """
    allowed = {
        coordinate
        for coordinate, cells in CELLS.items()
        if cells["partner"] and OWNERS[coordinate] == owner and "onsent" not in coordinate
    }
    own = ["Viewer", "Partner", "PartnerUsage", "Statement", "Posting", "UsageRecord", "Dispute"]
    lists = [f"{name}{end}" for name in own[3:] for end in ("Connection", "Edge")]
    of_caller = {name for name in CELLS if name.partition(".")[0] in (*own, *lists)}
    of_caller |= {"Query.viewer", "Mutation.openDispute", "Mutation.replaceOwnKeys"}
    of_caller |= {"Mutation.deliver", "Delivered.deliveredAt"}
    names = "hasNextPage hasPreviousPage startCursor endCursor"
    of_lists = {f"PageInfo.{name}" for name in names.split()}
    of_crowds = {"Query.subscribersAggregate"}
    told = ("density", "subscribers", "margin", "groups")
    of_crowds |= {f"SubscribersAggregate.{name}" for name in told}
    properties = ("status", "segment", "plan", "gender", "area", "subscribers")
    of_crowds |= {f"SubscriberGroup.{name}" for name in properties}
    of_apps = ("AppInsight", "AppPeriod", "AppCohort", "AppRetention", "AppPart", "AppMove")
    of_crowds |= {name for name in CELLS if name.startswith((*of_apps, "Estimate."))}
    of_crowds.add("Query.appInsight")
    of_crowds |= {"Query.audience", "Mutation.startDelivery"}
    of_crowds |= {f"Audience.{name}" for name in ("density", "subscribers", "reachable")}
    of_crowds |= {f"Delivery.{name}" for name in ("density", "tokens", "expiresAt")}
    of_people = {
        f"SubscriberLocation.{name}" for name in ["h3", "latDeg", "lonDeg", "radiusM", "at"]
    }
    of_people |= {"GeofenceCrossing.crossing", "GeofenceCrossing.at", "Subscription.geofence"}
    of_people |= {"Query.subscriberLocation", "Subscription.subscriberLocation"}
    expected = {
        "caller": of_caller,
        "operator": of_lists,
        "crowd": of_crowds,
        "person": of_people,
    }
    assert allowed == expected[owner]


def test_an_error_suggests_only_what_the_role_may_ask_for(nowhere: Service) -> None:
    (of_partner,) = nowhere.errors("{ subscriberz { totalCount } }", role="partner")
    assert "subscriber" not in of_partner[1].replace("subscriberz", "")
    (of_analyst,) = nowhere.errors("{ subscriberz { totalCount } }", role="analyst")
    assert "Did you mean 'subscriber' or 'subscribers'?" in of_analyst[1]
