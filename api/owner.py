"""Whom a field tells of: the caller, the operator's things, a crowd, or a person."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

Owner = Literal["caller", "operator", "crowd", "person"]

# Whom a field tells of; a coordinate says more than its type, and what is not here is a person.
_OWNERS: Mapping[Owner, str] = {
    "caller": (
        "Viewer Query.viewer Partner PartnerUsage Statement StatementConnection StatementEdge "
        "Posting UsageRecord UsageRecordConnection UsageRecordEdge Dispute DisputeConnection "
        "DisputeEdge Mutation.replaceOwnKeys Mutation.openDispute Delivered Mutation.deliver"
    ),
    "operator": (
        "PageInfo Package PackageConnection PackageEdge Device DeviceConnection DeviceEdge App "
        "AppConnection AppEdge Service ServiceConnection ServiceEdge Cell CellConnection CellEdge "
        "CoveringConnection CoveringEdge Site CoverageConnection CoverageEdge Place "
        "PlaceConnection PlaceEdge ExperienceModel ExperienceModelSource ExperienceModelService "
        "ExperienceModelKqi ExperienceModelKpi ExperienceMapping ExperiencePoint "
        "ExperienceCalibration ExperienceFit ExperienceFold Load "
        "LoadConnection LoadEdge LoadFile LoadRecords LoadRejection LoadQuality LoadCheck LoadDay "
        "LoadReason Query.package Query.packages Query.device Query.devices Query.app Query.apps "
        "Query.service Query.services Query.cell Query.cells Query.place Query.places "
        "Query.experienceModel Query.experienceModels Query.loads "
        "PartnerConnection PartnerEdge Query.partner Query.partners Query.statement "
        "Query.statements Query.disputes "
        "Mutation.approvePartner Mutation.suspendPartner Mutation.closeMonth "
        "Mutation.acceptDispute Mutation.refuseDispute Interest"
    ),
    "crowd": (
        "SubscribersAggregate SubscriberGroup SubscriberMeans Query.subscribersAggregate "
        "ContactsAggregate FriendshipsAggregate Query.contactsAggregate "
        "Query.friendshipsAggregate Query.experienceAt Query.experienceBySegment "
        "SegmentExperience SubscriberConnection.totalCount "
        "VisitorConnection.totalCount Package.subscribers Device.subscribers Device.experience "
        "App.subscribers App.experience Service.subscribers Service.experience Cell.experience "
        "Place.subscribers Place.experience ChurnModel ChurnEvaluation ChurnRange ChurnContagion "
        "ContagionRange Query.churnModel Query.appInsight AppInsight AppPeriod AppCohort "
        "AppRetention AppPart AppMove Estimate "
        "Audience Query.audience Delivery Mutation.startDelivery"
    ),
    "person": "Place.visitors",
}

_OWNER_OF: Mapping[str, Owner] = {
    name: owner for owner, names in _OWNERS.items() for name in names.split()
}

_ROOTS = ("Query", "Mutation", "Subscription")


def owner_of(coordinate: str) -> Owner:
    """Return whom a field tells of: the caller, the operator's things, a crowd, or a person.

    Examples
    --------
    >>> owner_of("Cell.rangeM"), owner_of("Cell.experience"), owner_of("Anything.unheardOf")
    ('operator', 'crowd', 'person')
    """
    field = coordinate.partition("(")[0]
    of_type = _OWNER_OF.get(field.partition(".")[0], "person")
    return _OWNER_OF.get(field, of_type)


@lru_cache(256)
def billed_fields(wanted: frozenset[str]) -> tuple[str, ...]:
    """Return the root fields of a document that tell of anybody else than its asker, sorted.

    Examples
    --------
    >>> billed_fields(frozenset({"Query.viewer", "Query.cells", "Cell.rangeM"}))
    ('cells',)
    """
    roots = {name for name in wanted if name.partition(".")[0] in _ROOTS and "(" not in name}
    return tuple(sorted(name.partition(".")[2] for name in roots if owner_of(name) != "caller"))
