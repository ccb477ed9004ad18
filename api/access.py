"""Who may ask for what: one table, and whatever it leaves out is refused.

A document is judged before it is run: by the fields that its operation selects, wherever they
stand, and by arguments that need more than their field does. A new field needs its name in
``_FIELDS`` or ``_QUERY``, and a place in ``api.owner`` unless it tells of one person, which is what
is taken of a field that says nothing.
"""

from collections.abc import Mapping

from graph.settings import Role

Roles = frozenset[Role]

EVERYBODY: Roles = frozenset({"analyst", "retention", "care", "partner", "admin"})
READERS: Roles = frozenset({"analyst", "retention", "care", "admin"})
PARTNERS: Roles = frozenset({"partner"})
IDENTIFIERS: Roles = frozenset({"care", "admin"})
OPERATORS: Roles = frozenset({"analyst", "care", "admin"})
ADMINS: Roles = frozenset({"admin"})
PAYERS: Roles = frozenset({"partner", "admin"})
MENDERS: Roles = frozenset({"care", "admin"})
APPRAISERS: Roles = frozenset({"analyst", "partner", "admin"})
DELIVERERS: Roles = frozenset({"partner", "care", "admin"})
RETAINERS: Roles = frozenset({"retention", "admin"})

_LIST = "edges nodes pageInfo totalCount"
_SCORE = "cei least coverage margin confidence samples scored services kqis"
_USE = "sessions durationS volumeUpBytes volumeDownBytes firstAt lastAt"

# A partner gets itself, and of others what `api.consented` lets through.
_FIELDS: Mapping[str, tuple[Roles, str]] = {
    "Viewer": (EVERYBODY, "role subject expiresAt"),
    "Partner": (
        PAYERS,
        "key name state plan agreement callsADay callsAMonth keyNames signedUpAt usage statements "
        "disputes",
    ),
    "PartnerUsage": (PAYERS, "operation records units"),
    "PartnerConnection": (ADMINS, _LIST),
    "PartnerEdge": (ADMINS, "cursor node"),
    "Statement": (
        PAYERS,
        "number month party currency owedMinor dueMinor balanceMinor issuedAt postings records",
    ),
    "StatementConnection": (PAYERS, _LIST),
    "StatementEdge": (PAYERS, "cursor node"),
    "Posting": (
        PAYERS,
        "kind side usageMonth operation payer records units amountMinor dispute",
    ),
    "UsageRecord": (PAYERS, "key at operation units amountMinor"),
    "UsageRecordConnection": (PAYERS, _LIST),
    "UsageRecordEdge": (PAYERS, "cursor node"),
    "Dispute": (
        PAYERS,
        "key record partner reason openedAt state settledAt note correctedMinor",
    ),
    "DisputeConnection": (PAYERS, _LIST),
    "DisputeEdge": (PAYERS, "cursor node"),
    "PageInfo": (EVERYBODY, "hasNextPage hasPreviousPage startCursor endCursor"),
    "Node": (READERS, "id"),
    "Subscriber": (
        READERS,
        "id key namespace status joinedOn tenureMonths segment plan demographics traffic contacts "
        "friends places home work packages payments devices usage apps services touchpoints "
        "surveys behaviour experience influence communities churn preferences "
        "habits",
    ),
    "SubscriberConnection": (READERS, _LIST),
    "SubscriberEdge": (READERS, "cursor node"),
    "Demographics": (READERS, "gender birthYear isSenior hasPartner hasDependents"),
    "Traffic": (
        READERS,
        "events contacts callsOut callsIn missedOut missedIn durationOutS durationInS messagesOut "
        "messagesIn activeDays firstAt lastAt locatedEvents unlocatedEvents",
    ),
    "Behaviour": (
        READERS,
        "asOf isCurrent timeZone periods activeDays numberOfContacts numberOfInteractions "
        "numberOfInteractionsIn numberOfInteractionsOut callDurationS intereventTimeS "
        "percentNocturnal percentInitiatedInteractions percentInitiatedConversations "
        "responseRateText responseDelayTextS entropyOfContacts balanceOfContacts "
        "interactionsPerContact percentParetoInteractions percentParetoDurations "
        "numberOfAntennas entropyOfAntennas percentAtHome radiusOfGyrationKm frequentAntennas "
        "churnRate recharges network",
    ),
    "Habits": (READERS, "asOf timeZone calls messages sessions days weekendShare hours parts"),
    "HabitHour": (READERS, "weekday hour calls messages sessions days"),
    "HabitPart": (READERS, "part share events days places"),
    "HabitPlace": (READERS, "h3 share events days"),
    "BehaviourSpread": (READERS, "mean std"),
    "BehaviourDistribution": (READERS, "mean std median skewness kurtosis min max"),
    "BehaviourRecharges": (
        READERS,
        "currency numberOfRecharges amountRechargesMinor intereventTimeRechargesS "
        "percentParetoRecharges averageBalanceRechargesMinor",
    ),
    "BehaviourNetwork": (
        READERS,
        "mutualContacts clusteringCoefficientUnweighted clusteringCoefficientWeighted "
        "assortativityAttributes assortativityIndicators",
    ),
    "BehaviourLikeness": (READERS, "name value contacts"),
    "Experience": (READERS, f"modelVersion asOf trend stages windows {_SCORE}"),
    "ExperienceStage": (READERS, f"stage contribution {_SCORE}"),
    "SegmentExperience": (READERS, "segment experience"),
    "ExperienceWindow": (READERS, f"since until {_SCORE}"),
    "ExperienceService": (READERS, "service cei samples coverage confidence contribution kqis"),
    "ExperienceKqi": (READERS, "name service score weight contribution coverage confidence kpis"),
    "ExperienceKpi": (
        READERS,
        "name measure unit value score weight contribution samples coverage confidence domain "
        "source",
    ),
    "ExperienceFall": (READERS, "subscriber before now drop margin rank value influence"),
    "ExperienceModel": (READERS, "version title isScored sources services calibrations"),
    "ExperienceCalibration": (
        READERS,
        "service basedOn opinion people samples leftOut windowDays uncalibrated calibrated "
        "randomForest folds",
    ),
    "ExperienceFit": (READERS, "pearson meanAbsoluteError"),
    "ExperienceFold": (READERS, "people samples pearson meanAbsoluteError"),
    "ExperienceModelSource": (READERS, "key citation"),
    "ExperienceModelService": (READERS, "name title records selects importance stage kqis"),
    "ExperienceModelKqi": (READERS, "name weight vetoBelow vetoCap kpis"),
    "ExperienceModelKpi": (READERS, "name measure unit better weight mapping source domain"),
    "ExperienceMapping": (READERS, "kind worst best rate points"),
    "ExperiencePoint": (READERS, "value score"),
    "Influence": (
        READERS,
        "pagerank rank percentile kShell weightedKShell betweenness betweennessError "
        "betweennessRank role evidence asOf",
    ),
    "RoleEvidence": (READERS, "contacts withinZ participation constraint clustering"),
    "Churn": (READERS, "risk rank base reasons exposure model asOf"),
    "ChurnReason": (READERS, "feature group title unit value text part"),
    "ChurnExposure": (READERS, "contacts left named"),
    "LeftContact": (READERS, "key events"),
    "ChurnModel": (
        READERS,
        "version asOf definition horizonDays judgedFrom scoredFrom withNetwork withoutNetwork "
        "bySilence byVote byLinks gain contagion",
    ),
    "ChurnContagion": (READERS, "strength leavers becauseOfOthers clustering share lastsDays"),
    "ContagionRange": (READERS, "value low high"),
    "ChurnEvaluation": (READERS, "subscribers leavers auc lift empc"),
    "ChurnRange": (READERS, "value low high"),
    "ChurnPropagation": (READERS, "seeds subscribers steps reached"),
    "ChurnStep": (READERS, "step energy reached"),
    "ChurnReach": (READERS, "subscriber energy givers"),
    "ChurnReached": (READERS, "subscriber energy path"),
    "ChurnEnergy": (READERS, "subscriber energy"),
    "RetentionTargets": (
        READERS,
        "currency horizonDays model contagion isContagionMeasured eligible spent atStake averted "
        "most certificate targets",
    ),
    "RetentionEstimate": (READERS, "value low high"),
    "RetentionTargetConnection": (READERS, _LIST),
    "RetentionTargetEdge": (READERS, "cursor node rank cost risk value averts reason"),
    "RetentionReason": (READERS, "leaves ownLoss takenLoss taken"),
    "RetentionTaken": (READERS, "subscriber probability loss"),
    "Campaign": (
        READERS,
        "key name startedAt startedBy controlShare size called known uplift qini profit members",
    ),
    "CampaignUplift": (READERS, "called control uplift low high"),
    "CampaignQini": (READERS, "coefficient points"),
    "QiniPoint": (READERS, "subscribers more"),
    "CampaignProfit": (READERS, "profit share"),
    "CampaignMemberConnection": (READERS, _LIST),
    "CampaignMemberEdge": (READERS, "cursor node rank isCalled stayed recordedAt"),
    "CampaignConnection": (READERS, _LIST),
    "CampaignEdge": (READERS, "cursor node"),
    "InfluencerConnection": (READERS, _LIST),
    "InfluencerEdge": (READERS, "cursor node rank"),
    "Community": (
        READERS,
        "id key level size pairs density innerShare churnRate meanCei interests homes partOf parts "
        "members asOf",
    ),
    "CommunityInterest": (READERS, "category members"),
    "CommunityHome": (READERS, "place members"),
    "CommunityConnection": (READERS, _LIST),
    "CommunityEdge": (READERS, "cursor node"),
    "CommunityMemberConnection": (READERS, _LIST),
    "CommunityMemberEdge": (READERS, "cursor node"),
    "Tie": (READERS, "events calls missed messages durationS activeDays firstAt lastAt"),
    "ContactConnection": (READERS, _LIST),
    "ContactEdge": (READERS, "cursor node outgoing incoming events isFriend relation"),
    "ContactRelation": (READERS, "outgoing incoming overlap hints"),
    "TieStrength": (READERS, "strength frequency duration regularity reciprocity recency"),
    "RelationHint": (READERS, "kind place share isStated"),
    "FriendConnection": (READERS, _LIST),
    "FriendEdge": (READERS, "cursor node sources kinds"),
    "ContactsAggregate": (
        READERS,
        "directedPairs mutualPairs reciprocity subscribers events calls missed messages durationS",
    ),
    "FriendshipsAggregate": (READERS, "pairs toOneself subscribers"),
    "SubscribersAggregate": (EVERYBODY, "density subscribers margin groups"),
    "SubscriberGroup": (EVERYBODY, "status segment plan gender area subscribers"),
    "SubscriberMeans": (
        READERS,
        "contacts events sessions volumeDownBytes tenureMonths birthYear churnRisk",
    ),
    "Audience": (PARTNERS, "density subscribers reachable"),
    "Delivery": (PARTNERS, "density tokens expiresAt"),
    "Delivered": (DELIVERERS, "deliveredAt"),
    "Recipient": (IDENTIFIERS, "key partner purpose message expiresAt"),
    "Place": (
        READERS,
        "id h3 resolution latDeg lonDeg parent children visitors subscribers coveredBy experience",
    ),
    "PlaceConnection": (READERS, _LIST),
    "PlaceEdge": (READERS, "cursor node"),
    "VisitConnection": (READERS, _LIST),
    "VisitEdge": (READERS, "cursor node events visits dwellS firstAt lastAt"),
    "VisitorConnection": (READERS, _LIST),
    "VisitorEdge": (READERS, "cursor node events visits dwellS firstAt lastAt"),
    "UsualPlace": (READERS, "place days activeDays share records candidates"),
    "Cell": (
        READERS,
        "id key namespace latDeg lonDeg azimuthDeg beamDeg rangeM technology coverage validFrom "
        "validTo site places experience",
    ),
    "CellConnection": (READERS, _LIST),
    "CellEdge": (READERS, "cursor node"),
    "CoveringConnection": (READERS, _LIST),
    "CoveringEdge": (READERS, "cursor node share"),
    "Site": (READERS, "id key namespace name latDeg lonDeg cells"),
    "CoverageConnection": (READERS, _LIST),
    "CoverageEdge": (READERS, "cursor node share"),
    "Package": (
        READERS,
        "id key namespace name kind priceMinor currency allowanceBytes allowanceS "
        "allowanceMessages subscribers",
    ),
    "PackageConnection": (READERS, _LIST),
    "PackageEdge": (READERS, "cursor node"),
    "SubscriptionConnection": (READERS, _LIST),
    "SubscriptionEdge": (READERS, "cursor node since until monthlyChargeMinor currency"),
    "Payment": (READERS, "id key amountMinor currency paidAt channel kind"),
    "PaymentConnection": (READERS, _LIST),
    "PaymentEdge": (READERS, "cursor node"),
    "Device": (
        READERS,
        "id key namespace maker model operatingSystem kind subscribers experience",
    ),
    "DeviceConnection": (READERS, _LIST),
    "DeviceEdge": (READERS, "cursor node"),
    "OwnershipConnection": (READERS, _LIST),
    "OwnershipEdge": (READERS, "cursor node since until"),
    "App": (READERS, "id key namespace name category maker subscribers experience"),
    "AppConnection": (READERS, _LIST),
    "AppEdge": (READERS, "cursor node"),
    "AppUseConnection": (READERS, _LIST),
    "AppUseEdge": (READERS, f"cursor node {_USE}"),
    "Service": (READERS, "id key subscribers experience"),
    "ServiceConnection": (READERS, _LIST),
    "ServiceEdge": (READERS, "cursor node"),
    "ServiceUseConnection": (READERS, _LIST),
    "ServiceUseEdge": (READERS, f"cursor node {_USE}"),
    "Usage": (READERS, _USE),
    "Touchpoint": (READERS, "id key stage at channel topic outcome durationS"),
    "TouchpointConnection": (READERS, _LIST),
    "TouchpointEdge": (READERS, "cursor node"),
    "Survey": (READERS, "id key kind score answeredAt service app"),
    "SurveyConnection": (READERS, _LIST),
    "SurveyEdge": (READERS, "cursor node"),
    "Interest": (READERS, "key name partOf"),
    "Preference": (READERS, "interest score confidence evidence sessions lastAt sources asOf"),
    "PreferenceEvidence": (READERS, "source evidence times lastAt"),
    "AppInsight": (
        APPRAISERS,
        "key asOf days weeks months cohorts genders birthDecades areas moves",
    ),
    "AppPeriod": (
        APPRAISERS,
        "since until isWhole density users sessionsPerDay sessionS stickiness growth churn",
    ),
    "AppCohort": (APPRAISERS, "since users retained"),
    "AppRetention": (APPRAISERS, "weeks users share"),
    "AppPart": (APPRAISERS, "value users share"),
    "AppMove": (APPRAISERS, "since app users share"),
    "Estimate": (APPRAISERS, "value low high"),
    "Consent": (
        IDENTIFIERS,
        "key partner purpose scope validFrom validUntil evidence state revokedAt history",
    ),
    "ErasureRequest": (
        IDENTIFIERS,
        "key subject requestedAt requestedBy dueAt evidence erasedAt erasure",
    ),
    "ErasureRequestConnection": (IDENTIFIERS, _LIST),
    "ErasureRequestEdge": (IDENTIFIERS, "cursor node"),
    "ConsentEntry": (IDENTIFIERS, "number act at by"),
    "SubscriberLocation": (EVERYBODY, "h3 latDeg lonDeg radiusM at"),
    "GeofenceCrossing": (EVERYBODY, "crossing at"),
    "ConsentedSubscriber": (PARTNERS, "key opened demographics habits interests apps contacts"),
    "ConsentedSubscriberConnection": (PARTNERS, _LIST),
    "ConsentedSubscriberEdge": (PARTNERS, "cursor node"),
    "ConsentedDemographics": (PARTNERS, "gender birthYear isSenior hasPartner hasDependents"),
    "ConsentedInterest": (PARTNERS, "key name partOf score confidence"),
    "ConsentedHabits": (PARTNERS, "home work times"),
    "ConsentedHour": (PARTNERS, "weekday hour share"),
    "ConsentedApp": (PARTNERS, "key name category maker"),
    "ConsentedAppConnection": (PARTNERS, _LIST),
    "ConsentedAppEdge": (PARTNERS, "cursor node sessions durationS lastOn"),
    "ConsentedContactConnection": (PARTNERS, _LIST),
    "ConsentedContactEdge": (PARTNERS, "cursor node events"),
    "Problem": (
        READERS,
        "id key state domain isSupported department severity kind target affects openedAt dueAt "
        "isOverdue beganOn lastSeenOn fall samples chance isByHours firstHour lastHour kpis "
        "assignee verifiedAt reopened revision history affectedCount recoveredCount awaitedCount",
    ),
    "AffectedConnection": (READERS, _LIST),
    "AffectedEdge": (READERS, "cursor node samples fall state"),
    "MetConnection": (READERS, _LIST),
    "MetEdge": (READERS, "cursor node samples fall state"),
    "ProblemKpi": (READERS, "name worth expectedWorth fall points"),
    "ProblemEvent": (READERS, "at by action fromState toState note"),
    "ProblemConnection": (READERS, _LIST),
    "ProblemEdge": (READERS, "cursor node"),
    "ProblemChange": (READERS, "problem event missed"),
    "Load": (
        OPERATORS,
        "loadId source state startedAt endedAt rowsRead rowsRejected rowsSuppressed "
        "recordsLoaded recordsDuplicate recordsKnown files records rejections quality error",
    ),
    "LoadConnection": (OPERATORS, _LIST),
    "LoadEdge": (OPERATORS, "cursor node"),
    "LoadFile": (OPERATORS, "file table sha256 sizeBytes rowsRead rowsRejected rowsSuppressed"),
    "LoadRecords": (OPERATORS, "kind made loaded duplicate known"),
    "LoadRejection": (OPERATORS, "file field reason rows"),
    "LoadQuality": (OPERATORS, "checks days rejectedShare reasons"),
    "LoadCheck": (OPERATORS, "kind name column value at unit meaning"),
    "LoadDay": (OPERATORS, "kind day records"),
    "LoadReason": (OPERATORS, "reason rows"),
}

_QUERY: Mapping[str, Roles] = {
    "Query.viewer": EVERYBODY,
    "Query.node": READERS,
    "Query.subscriber": READERS,
    "Query.subscriber(identity:)": IDENTIFIERS,
    "Query.subscribers": READERS,
    "Query.subscribersAggregate": EVERYBODY,
    "SubscribersAggregate.means": READERS,
    "SubscriberGroup.means": READERS,
    "Problem.affectedSubscribers": MENDERS,
    "Subscriber.problems": MENDERS,
    "Query.contactsAggregate": READERS,
    "Query.friendshipsAggregate": READERS,
    "Query.churnModel": READERS,
    "Query.churnPropagation": READERS,
    "Query.retentionTargets": READERS,
    "Query.campaign": READERS,
    "Query.campaigns": READERS,
    "Query.influencers": READERS,
    "Query.community": READERS,
    "Query.communities": READERS,
    "Query.place": READERS,
    "Query.places": READERS,
    "Query.cell": READERS,
    "Query.cells": READERS,
    "Query.package": READERS,
    "Query.packages": READERS,
    "Query.device": READERS,
    "Query.devices": READERS,
    "Query.app": READERS,
    "Query.apps": READERS,
    "Query.service": READERS,
    "Query.services": READERS,
    "Query.experienceAt": READERS,
    "Query.experienceBySegment": READERS,
    "Query.experienceModel": READERS,
    "Query.experienceModels": READERS,
    "Query.proactiveCare": READERS,
    "Query.problem": READERS,
    "Query.problems": READERS,
    "Query.loads": OPERATORS,
    "Subscriber.consents": IDENTIFIERS,
    "Mutation.giveConsent": IDENTIFIERS,
    "Mutation.narrowConsent": IDENTIFIERS,
    "Mutation.revokeConsent": IDENTIFIERS,
    "Query.erasureRequests": IDENTIFIERS,
    "Mutation.requestErasure": IDENTIFIERS,
    "Query.appInsight": APPRAISERS,
    "Query.consentedSubscriber": PARTNERS,
    "Query.subscriberLocation": EVERYBODY,
    "Subscription.subscriberLocation": EVERYBODY,
    "Subscription.geofence": EVERYBODY,
    "Query.consentingSubscribers": PARTNERS,
    "Query.audience": PARTNERS,
    "Query.recipient": IDENTIFIERS,
    "Mutation.startDelivery": PARTNERS,
    "Mutation.deliver": DELIVERERS,
    "Viewer.partner": PAYERS,
    "Query.partner": ADMINS,
    "Query.partners": ADMINS,
    "Query.statement": ADMINS,
    "Query.statements": ADMINS,
    "Query.disputes": ADMINS,
    "Mutation.approvePartner": ADMINS,
    "Mutation.suspendPartner": ADMINS,
    "Mutation.replaceOwnKeys": PARTNERS,
    "Mutation.closeMonth": ADMINS,
    "Mutation.openDispute": PAYERS,
    "Mutation.acceptDispute": ADMINS,
    "Mutation.refuseDispute": ADMINS,
    "Subscription.problem": READERS,
    "Subscription.placeExperience": READERS,
    "Mutation.acknowledgeProblem": MENDERS,
    "Mutation.assignProblem": MENDERS,
    "Mutation.commentProblem": MENDERS,
    "Mutation.resolveProblem": MENDERS,
    "Mutation.dismissProblem": MENDERS,
    "Mutation.startCampaign": RETAINERS,
    "Mutation.recordOutcomes": RETAINERS,
}

RULES: Mapping[str, Roles] = {
    **{
        f"{type_name}.{field}": roles
        for type_name, (roles, fields) in _FIELDS.items()
        for field in fields.split()
    },
    **_QUERY,
}

IDENTITY = "Query.subscriber(identity:)"


def denied(role: Role, wanted: frozenset[str]) -> list[str]:
    """Return what a role may not ask for, sorted.

    Examples
    --------
    >>> denied("analyst", frozenset({"Query.viewer", "Query.subscriber(identity:)"}))
    ['Query.subscriber(identity:)']
    """
    return sorted(name for name in wanted if role not in RULES.get(name, frozenset()))
