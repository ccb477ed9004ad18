"""What resolvers can reach: the services of the process and the state of one request."""

from dataclasses import dataclass, field
from functools import cached_property

from graphql import GraphQLResolveInfo
from structlog.typing import FilteringBoundLogger

from api.admission import Admission
from api.dataloaders import Dataloaders
from api.issuer import Issuer, issuer_of
from api.log import open_log
from api.reading import RequestReader
from api.tokens import Viewer
from graph.database.session import Database
from graph.identity import IdentityKey
from graph.ledger import Ledger
from graph.openness import Openness
from graph.settings import Settings


@dataclass(frozen=True)
class Services:
    """What the process has once, whoever asks.

    Attributes
    ----------
    openness : Openness, optional
        Where it is there, analysts need no token as long as all data is public.
    """

    settings: Settings
    database: Database
    ledger: Ledger
    key: IdentityKey
    log: FilteringBoundLogger = field(default_factory=open_log)
    openness: Openness | None = None

    @cached_property
    def issuer(self) -> Issuer:
        """Whose tokens are believed."""
        return issuer_of(self.settings)

    @cached_property
    def admission(self) -> Admission:
        """How many requests of whom are let in."""
        return Admission(self.settings.request_rates, self.settings.requests_at_once)


@dataclass(frozen=True)
class RequestContext:
    """One request: who asks, and what has been read for it."""

    services: Services
    viewer: Viewer
    correlator: str
    reader: RequestReader
    dataloaders: Dataloaders

    @property
    def settings(self) -> Settings:
        """The settings."""
        return self.services.settings


def context_of(info: GraphQLResolveInfo) -> RequestContext:
    """Return the request that a resolver works for, with its type."""
    context: RequestContext = info.context
    return context
