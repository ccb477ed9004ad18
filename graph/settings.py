"""Settings, read once from the environment (prefix ``TIEGRAPH_``) and passed on explicitly."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

import orjson
from pydantic import (
    AnyHttpUrl,
    AnyUrl,
    BeforeValidator,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Role = Literal["analyst", "retention", "care", "partner", "admin"]


def _from_json(value: object) -> object:
    return orjson.loads(value) if isinstance(value, str) else value


_ORIGIN = r"^https?://[^/*?#@\s]+$"

# NoDecode leaves reading to us, so that text which is no JSON is named like any other bad value.
_Json = (NoDecode, BeforeValidator(_from_json))
_JavaOption = Annotated[str, Field(pattern=r"^-[DX]\S+$")]


class Settings(BaseSettings):
    """What an operator can set; every field's description is its documentation.

    Examples
    --------
    >>> Settings(home_dir=Path("lab")).jars_folder
    PosixPath('lab/jars')
    """

    model_config = SettingsConfigDict(env_prefix="TIEGRAPH_", env_ignore_empty=True, frozen=True)

    home_dir: Path = Field(
        default=Path(".tiegraph"),
        description="Folder of the database, the record store and the keys.",
    )
    identity_key_file: Path | None = Field(
        default=None,
        description="File with the 32 bytes behind all pseudonyms; unset: one is made in `keys` "
        "in the home folder.",
    )
    jars_dir: Path | None = Field(
        default=None, description="Folder of Neo4j's jars; unset: `jars` in the home folder."
    )
    maven_repository_url: str | None = Field(
        default=None,
        description="Where the jars are downloaded from; unset: the first mirror of Maven's own "
        "settings file, else Maven Central.",
    )

    neo4j_uri: AnyUrl | None = Field(
        default=None,
        description="Bolt address of a Neo4j to use; unset: the embedded server is managed.",
    )
    neo4j_user: str = Field(default="neo4j", description="User for `TIEGRAPH_NEO4J_URI`.")
    neo4j_password: SecretStr | None = Field(
        default=None,
        description="Password for `TIEGRAPH_NEO4J_URI`; the embedded server makes its own.",
    )
    neo4j_database: str = Field(default="neo4j", description="Name of the database on the server.")
    bolt_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="Port of the embedded server; 0: a free one, then kept.",
    )
    heap_mb: int | None = Field(
        default=None,
        ge=256,
        description="Java heap of the embedded server in MiB; unset: by memory.",
    )
    page_cache_mb: int | None = Field(
        default=None,
        ge=64,
        description="Page cache of the embedded server in MiB; unset: by memory.",
    )
    java_options: Annotated[tuple[_JavaOption, ...], *_Json] = Field(
        default=(),
        description="More options of Java for the embedded server and the importer, as a JSON "
        'list, such as `["-XX:TieredStopAtLevel=1"]`, with which what lives for minutes takes '
        "less.",
    )

    engine: Literal["duckdb", "spark"] = Field(
        default="duckdb", description="Engine of the transforms; `spark` needs pyspark."
    )
    spark_master: str = Field(
        default="local[*]",
        description="Spark's master: of this machine, or the URL of a cluster's.",
    )
    batch_rows: int = Field(
        default=5_000, ge=1, le=100_000, description="Rows that a load writes in one transaction."
    )
    experience_windows: tuple[Literal["hour", "day", "week", "month"], ...] = Field(
        default=("hour", "day", "week", "month"),
        min_length=1,
        description="Windows of which the newest has its scores in the graph, as a JSON list; "
        "hours are of cells and places alone.",
    )
    local_time_zone: str = Field(
        default="UTC",
        description="IANA's name of the time zone that people live by: when their days, weeks and "
        "nights begin, for behaviour, home and work.",
    )

    bulk_rows: int = Field(
        default=200_000,
        ge=0,
        description="From so many rows on, an empty embedded graph is built by Neo4j's importer.",
    )

    statement_timeout_s: float = Field(
        default=10.0, gt=0, description="Longest time that a read may take before it is cancelled."
    )
    patience_s: float = Field(
        default=1.0,
        gt=0,
        description="Time after which a silent database is asked for a sign of life; without "
        "one, requests fail with DATABASE_UNAVAILABLE.",
    )
    max_page_size: int = Field(
        default=100, ge=1, le=1_000, description="Largest `first` or `last`."
    )
    cost_budgets: Annotated[dict[Role, Annotated[int, Field(ge=1)]], *_Json] = Field(
        default={},
        description="Most fields that an answer may have, by role, as JSON: "
        '`{"analyst": 200000}`; a role that is not named keeps its own (docs/graphql.md).',
    )
    request_rates: Annotated[dict[Role, Annotated[float, Field(gt=0)]], *_Json] = Field(
        default={},
        description="Requests a second of one asker, by role, as JSON; of a partner 20, of others "
        "without a limit, where not named.",
    )
    requests_at_once: Annotated[dict[Role, Annotated[int, Field(ge=1)]], *_Json] = Field(
        default={},
        description="Requests of one asker that run at the same time, by role, as JSON; 8 of a "
        "partner, 64 of others, where not named.",
    )
    trusted_dir: Path | None = Field(
        default=None,
        description="Folder of the trusted documents; unset: `trusted` in the home folder.",
    )
    trusted_only: Annotated[tuple[Role, ...], *_Json] = Field(
        default=(),
        description="Roles that may run trusted documents only, as a JSON list, such as "
        '`["partner"]`; unset: none.',
    )
    drain_s: int = Field(
        default=20,
        ge=0,
        description="Longest time that a service that goes down waits for answers under way.",
    )
    live_interval_s: float = Field(
        default=1.0, gt=0, description="How often subscriptions look for what is new."
    )
    token_ttl_s: int = Field(
        default=3_600, ge=1, description="Life of a token from `tiegraph token`."
    )
    token_issuer_url: AnyHttpUrl | None = Field(
        default=None,
        description="OAuth 2.0 issuer whose access tokens are believed, as their `iss` has it; "
        "unset: tokens are made and signed here.",
    )
    token_jwks_url: AnyHttpUrl | None = Field(
        default=None,
        description="Where the issuer's public keys are; unset: where its "
        "`/.well-known/openid-configuration` says.",
    )
    token_audience: str = Field(
        default="tiegraph/graphql", description="What `aud` of a token must have."
    )
    token_algorithm: Literal[
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"
    ] = Field(default="RS256", description="The one algorithm that the issuer signs by.")
    token_role_claim: str = Field(
        default="scope",
        description="Claim with the role: words or a list, one of which is `tiegraph:analyst` or "
        "of another role.",
    )
    cors_origins: Annotated[tuple[Annotated[str, Field(pattern=_ORIGIN)], ...], *_Json] = Field(
        default=(),
        description="Origins whose pages may ask from a browser, as a JSON list, such as "
        '`["https://console.example"]`; unset: none but our own.',
    )
    tls_certificate_file: Path | None = Field(
        default=None, description="PEM file with the certificate chain; unset: plain HTTP."
    )
    tls_key_file: Path | None = Field(
        default=None, description="PEM file with the certificate's private key."
    )
    pairwise_epochs: Annotated[dict[str, Annotated[int, Field(ge=1)]], *_Json] = Field(
        default={},
        description="By partner, as JSON, which pseudonyms it gets: raised from 1, new ones, and "
        "the former ones are nobody's any more.",
    )
    consent_capture_url: AnyHttpUrl | None = Field(
        default=None,
        description="Where people log in and consent, for `captureUrl` of CAMARA's consent-info; "
        "unset: partners get no such address.",
    )
    anonymous_role: Role | None = Field(
        default=None, description="Role of a request without a token; unset: it is refused."
    )
    webhook_url: AnyHttpUrl | None = Field(
        default=None,
        description="Where `tiegraph serve` posts what happens to problems; unset: nowhere.",
    )
    webhook_pause_s: float = Field(
        default=1.0, gt=0, description="Pause before a message is posted again; it grows to 8 s."
    )
    sink_networks: Annotated[list[IPv4Network | IPv6Network], *_Json] = Field(
        default=[],
        description="Networks that are not public and may hold sinks of partners all the same, as "
        'a JSON list, such as `["192.0.2.0/24"]`; unset: sinks are public.',
    )
    sink_ca_file: Path | None = Field(
        default=None,
        description="PEM file with the certificates that sinks of partners are believed by; unset: "
        "those of certifi.",
    )

    audit_days: int = Field(
        default=400, ge=1, description="For how many days the audit log keeps who read whom."
    )

    crowd_budget: float = Field(
        default=2.0,
        gt=0,
        description="Most epsilon that counts with noise may cost a partner in a calendar month "
        "(docs/aggregates.md).",
    )

    @field_validator("local_time_zone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("not one of IANA's time zones, such as Europe/Zurich") from error
        return name

    @model_validator(mode="after")
    def _has_both_or_neither(self) -> Self:
        if (self.tls_certificate_file is None) != (self.tls_key_file is None):
            raise ValueError("TIEGRAPH_TLS_CERTIFICATE_FILE and TIEGRAPH_TLS_KEY_FILE go together")
        if self.token_jwks_url and not self.token_issuer_url:
            raise ValueError("TIEGRAPH_TOKEN_JWKS_URL needs TIEGRAPH_TOKEN_ISSUER_URL")
        return self

    @model_validator(mode="after")
    def _stays_in_the_lab(self) -> Self:
        leads_out = self.neo4j_uri, self.identity_key_file, self.token_issuer_url, self.webhook_url
        if self.is_lab and any(leads_out):
            raise ValueError(
                "the home folder is a lab, which has a database, a key and an issuer of its own, "
                "and tells nobody: unset TIEGRAPH_NEO4J_URI, TIEGRAPH_IDENTITY_KEY_FILE, "
                "TIEGRAPH_TOKEN_ISSUER_URL and TIEGRAPH_WEBHOOK_URL"
            )
        return self

    @property
    def lab_file(self) -> Path:
        """File that makes the home folder a lab (``graph.lab``)."""
        return self.home_dir / "lab"

    @property
    def is_lab(self) -> bool:
        """Whether the home folder is a lab, where nothing is real."""
        return self.lab_file.is_file()

    @property
    def jars_folder(self) -> Path:
        """Folder of Neo4j's jars."""
        return self.jars_dir or self.home_dir / "jars"

    @property
    def trusted_folder(self) -> Path:
        """Folder of the documents that clients may name."""
        return self.trusted_dir or self.home_dir / "trusted"

    @property
    def keys_folder(self) -> Path:
        """Folder of secrets, readable by the owner only."""
        return self.home_dir / "keys"

    @property
    def clients_file(self) -> Path:
        """SQLite file with the programs that fetch their own tokens."""
        return self.keys_folder / "clients.sqlite"

    @property
    def partners_file(self) -> Path:
        """SQLite file with the partners and their public keys."""
        return self.keys_folder / "partners.sqlite"

    @property
    def terms_file(self) -> Path:
        """Plans and agreements of one's own."""
        return self.home_dir / "terms.yaml"

    @property
    def usage_file(self) -> Path:
        """SQLite file of what partners used, and of what they owe and are owed for it."""
        return self.home_dir / "usage" / "usage.sqlite"

    @property
    def records_folder(self) -> Path:
        """Folder of the record store's Delta tables."""
        return self.home_dir / "records"

    @property
    def behaviour_folder(self) -> Path:
        """Folder of what is computed about behaviour."""
        return self.home_dir / "derived" / "behaviour"

    @property
    def experience_folder(self) -> Path:
        """Folder of what is computed about experience, by version of the model."""
        return self.home_dir / "derived" / "experience"

    @property
    def social_folder(self) -> Path:
        """Folder of the ties by day, and of what is computed of the whole social graph."""
        return self.home_dir / "derived" / "social"

    @property
    def churn_report_file(self) -> Path:
        """What the last analysis of churn learned, and how well it did."""
        return self.home_dir / "derived" / "churn" / "report.json"

    @property
    def insight_file(self) -> Path:
        """What is told of apps: numbers of many people, and of nobody."""
        return self.home_dir / "derived" / "insight" / "apps.json"

    @property
    def density_folder(self) -> Path:
        """Folder of who was where in each hour."""
        return self.home_dir / "derived" / "density"

    @property
    def models_folder(self) -> Path:
        """Folder of the experience models that `tiegraph calibrate` made, or that are one's own."""
        return self.home_dir / "models"

    @property
    def ledger_file(self) -> Path:
        """SQLite file in which loads are written down."""
        return self.home_dir / "ledger.sqlite"

    @property
    def consents_file(self) -> Path:
        """SQLite file with the book of consents."""
        return self.home_dir / "consents.sqlite"

    @property
    def campaigns_file(self) -> Path:
        """SQLite file with the retention campaigns and their outcomes."""
        return self.home_dir / "campaigns" / "campaigns.sqlite"

    @property
    def deliveries_file(self) -> Path:
        """SQLite file of whom the delivery tokens of partners reach."""
        return self.home_dir / "deliveries" / "deliveries.sqlite"

    @property
    def consent_requests_file(self) -> Path:
        """SQLite file of whom partners lately had asked for their consent."""
        return self.home_dir / "consent_requests" / "requests.sqlite"

    @property
    def erasure_requests_file(self) -> Path:
        """SQLite file of who asked to be erased."""
        return self.home_dir / "rights" / "erasures.sqlite"

    @property
    def sinks_file(self) -> Path:
        """SQLite file of geofences, and of what waits to be told to partners' sinks."""
        return self.home_dir / "sinks" / "sinks.sqlite"

    @property
    def crowd_file(self) -> Path:
        """SQLite file in which it is written down what partners were told of crowds."""
        return self.home_dir / "crowd.sqlite"

    @property
    def audit_folder(self) -> Path:
        """Folder of the audit log: who read what of whom."""
        return self.home_dir / "audit"

    @property
    def suppression_file(self) -> Path:
        """Sealed list of those who were erased and must not come back."""
        return self.home_dir / "suppressed.sealed"
