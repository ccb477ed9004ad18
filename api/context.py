"""What resolvers can reach: the services of the process and the state of one request."""

import asyncio
from dataclasses import dataclass, field
from functools import cached_property

from graphql import GraphQLResolveInfo
from structlog.typing import FilteringBoundLogger

from api.admission import Admission
from api.audit import Auditor
from api.dataloaders import Dataloaders
from api.gathering import Gatherer
from api.issuer import Issuer, issuer_of
from api.live import Live
from api.log import open_log
from api.metrics import Metrics
from api.plain import Plans
from api.reading import RequestReader
from api.tokens import Viewer
from api.tracing import Tracing
from api.trusted import Trusted
from graph.audience.delivery import Deliveries
from graph.audit import AuditLog
from graph.consent.book import ConsentBook
from graph.consent.capture import Requests
from graph.consent.view import View
from graph.crowd.budget import PrivacyBudget
from graph.crowd.record import CrowdRecord
from graph.database.projection import Projections
from graph.database.session import Database
from graph.density.order import Orders
from graph.errors import NotAllowed
from graph.geofence.store import Geofences
from graph.identity import IdentityKey
from graph.ledger import Ledger
from graph.metering.meter import Meter
from graph.openness import Openness
from graph.partner.registry import Partners
from graph.retention.campaigns import Campaigns
from graph.retention.outlook import Outlooks
from graph.revenue.book import Book
from graph.revenue.dispute import Disputes
from graph.rights.requests import ErasureRequests
from graph.settings import Settings
from graph.sink.outbox import Outbox


@dataclass(frozen=True)
class Services:
    """What the process has once, whoever asks.

    Attributes
    ----------
    openness : Openness, optional
        Where it is there, analysts need no token as long as all data is public.
    closing : asyncio.Event
        Set when the service goes down, for all that would go on without end.
    """

    settings: Settings
    database: Database
    ledger: Ledger
    key: IdentityKey
    log: FilteringBoundLogger = field(default_factory=open_log)
    openness: Openness | None = None
    metrics: Metrics = field(default_factory=Metrics)
    tracing: Tracing = field(default_factory=Tracing)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    @cached_property
    def gatherer(self) -> Gatherer:
        """What reads for all requests together."""
        return Gatherer(self.database)

    @cached_property
    def projections(self) -> Projections:
        """The ties of the graph as arrays."""
        return Projections(self.settings, self.ledger)

    @cached_property
    def outlooks(self) -> Outlooks:
        """What is at stake by churn."""
        return Outlooks(self.settings, self.projections)

    @cached_property
    def campaigns(self) -> Campaigns:
        """Whom retention calls, and what became of them."""
        return Campaigns(self.settings.campaigns_file)

    @cached_property
    def consents(self) -> ConsentBook:
        """What subscribers opened to partners."""
        return ConsentBook(self.settings.consents_file)

    def view(self, viewer: Viewer) -> View:
        """Return what a partner may see, for the purpose of its token.

        Raises
        ------
        NotAllowed
            The token has no purpose.
        """
        if viewer.purpose is None:
            raise NotAllowed("a partner must say what for: ask for a token with a dpv: purpose")
        partner = viewer.subject
        epoch = self.settings.pairwise_epochs.get(partner, 1)
        return View(self.consents, self.key, partner, epoch, viewer.purpose)

    @cached_property
    def crowd(self) -> CrowdRecord:
        """What partners were told of crowds."""
        return CrowdRecord(self.settings.crowd_file)

    @cached_property
    def privacy_budget(self) -> PrivacyBudget:
        """What counts with noise have cost partners."""
        return PrivacyBudget(self.settings.crowd_file, self.settings.crowd_budget)

    @cached_property
    def deliveries(self) -> Deliveries:
        """The tokens by which partners reach people."""
        return Deliveries(self.settings.deliveries_file, self.consents)

    @cached_property
    def consent_requests(self) -> Requests:
        """Whom partners lately had asked for their consent."""
        return Requests.at(self.settings.consent_requests_file)

    @cached_property
    def erasures(self) -> ErasureRequests:
        """Who asked to be erased."""
        return ErasureRequests.at(self.settings.erasure_requests_file)

    @cached_property
    def outbox(self) -> Outbox:
        """What waits to be told to partners' sinks."""
        return Outbox(self.settings.sinks_file, self.key)

    @cached_property
    def geofences(self) -> Geofences:
        """Of whom partners are told when they enter or leave an area."""
        return Geofences(self.settings.sinks_file, self.key)

    @cached_property
    def density_orders(self) -> Orders:
        """Densities that partners get later."""
        return Orders.at(self.settings.sinks_file, self.key)

    @cached_property
    def live(self) -> Live:
        """What subscriptions are told."""
        return Live(self.database, self.settings, self.metrics.dropped)

    @cached_property
    def issuer(self) -> Issuer:
        """Whose tokens are believed."""
        return issuer_of(self.settings)

    @cached_property
    def admission(self) -> Admission:
        """How many requests of whom are let in."""
        return Admission(self.settings.request_rates, self.settings.requests_at_once)

    @cached_property
    def trusted(self) -> Trusted:
        """What documents clients may name."""
        return Trusted(self.settings, self.log)

    @cached_property
    def audit(self) -> Auditor:
        """What writes down who read what of whom."""
        return Auditor(AuditLog.of(self.settings))

    @cached_property
    def meter(self) -> Meter:
        """What writes down what partners were answered."""
        return Meter.of(self.settings)

    @cached_property
    def partners(self) -> Partners:
        """The third parties that ask by an agreement."""
        return Partners.of(self.settings)

    @cached_property
    def book(self) -> Book:
        """What partners owe, and what others are due of it."""
        return Book.of(self.settings, self.meter)

    @cached_property
    def disputes(self) -> Disputes:
        """What partners object to."""
        return Disputes.of(self.settings, self.book)


@dataclass(frozen=True)
class RequestContext:
    """One request: who asks, what has been read for it, and how its fields are executed."""

    services: Services
    viewer: Viewer
    correlator: str
    reader: RequestReader
    dataloaders: Dataloaders
    plans: Plans = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """The settings."""
        return self.services.settings

    @cached_property
    def view(self) -> View:
        """What the partner who asks may see.

        Raises
        ------
        NotAllowed
            It does not say what for.
        """
        return self.services.view(self.viewer)


def context_of(info: GraphQLResolveInfo) -> RequestContext:
    """Return the request that a resolver works for, with its type."""
    context: RequestContext = info.context
    return context
