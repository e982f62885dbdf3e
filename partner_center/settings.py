"""Everything that differs between two installations, read from the environment once."""

import os
import secrets
import tempfile
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from kit import pool, valkey

_Yuan = Annotated[Decimal, Field(gt=0, decimal_places=2)]


def _secret_key(given: dict[str, Any]) -> SecretStr:
    """Made up only where no second machine could need the same one."""
    if given["database_url"] and not given["sandbox"]:
        raise ValueError("SECRET_KEY must be set when DATABASE_URL is; no key is safe to assume")
    return SecretStr(_kept_secret(given["data_dir"] / "secret_key"))


def _mail_from(given: dict[str, Any]) -> str:
    if given["smtp_url"]:
        raise ValueError("MAIL_FROM must be set when SMTP_URL is; nobody answers a made-up address")
    return "Partner Center <no-reply@localhost>"


def _operations_mailbox(given: dict[str, Any]) -> str:
    if given["smtp_url"]:
        raise ValueError("OPERATIONS_MAILBOX must be set when SMTP_URL is; somebody has to read it")
    return "operations@localhost"


class Settings(BaseSettings):
    """One field a variable: `database_url` is DATABASE_URL. An empty variable counts as unset."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        hide_input_in_errors=True,  # an error message is no place for a password
        use_attribute_docstrings=True,
    )

    database_url: str | None = Field(default=None, repr=False)
    """PostgreSQL 18: `postgresql://user:password@host/database`, `?sslmode=verify-full` for TLS
    that is held to the root certificate in the file PGSSLROOTCERT. Unset: an embedded server."""
    export_database_url: str | None = Field(default=None, repr=False)
    """A streaming standby of DATABASE_URL's server, which exports then read. One that lags, or
    doesn't answer, does no harm: they read the primary. Unset: they always do."""
    redis_url: str | None = Field(default=None, repr=False)
    """Valkey or Redis: `redis://host:6379/0`, or its Sentinels and the name that they know it by:
    `redis+sentinel://user:password@host:26379,host:26379/name/0`. Unset: an embedded server."""
    data_dir: Path = Path(".data")
    """Where the embedded servers, the generated key and unsent mails live."""
    sandbox: bool = False
    """Demo data, and a clock that can be moved forward. Never in production."""
    secret_key: SecretStr = Field(default_factory=_secret_key, min_length=32)
    """Signs access tokens and links; at least 32 characters, the same for every process."""

    host: str = "127.0.0.1"
    """The address that the API listens on."""
    port: int = Field(default=8000, ge=1, le=65535)
    """The port that the API listens on."""
    public_url: str = Field(default_factory=lambda given: f"http://127.0.0.1:{given['port']}")
    """How the outside world reaches the API; links to files and certificates begin with it."""
    front_end_url: str | None = None
    """Your own front end, which then has the pages that links in mails lead to:
    `/invitations/member#token`. Unset: PUBLIC_URL, where a plain page answers."""
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Web origins that may call the API from a browser, separated by commas."""
    max_body_bytes: PositiveInt = 262_144
    """A request body longer than this is refused."""
    rate_per_second: NonNegativeInt = Field(
        default_factory=lambda given: 0 if given["sandbox"] else 1_000
    )
    """Cost points that each person and API key gets back a second, all of one partner together
    five times as many; 0: nobody counts. Unset: 1,000, and 0 in a sandbox."""
    rate_burst: int = Field(default=20_000, ge=5_000)
    """Cost points that each may spend at once; all of one partner together five times as many."""
    read_timeout_seconds: PositiveFloat = 10
    """A read that takes longer is stopped in the database."""
    documents: Path | None = None
    """A folder of manifests: documents that clients may ask for by `documentId`."""
    documents_only: bool = False
    """Execute no other documents than those of DOCUMENTS."""

    object_store: str | None = None
    """`s3://bucket/prefix` for uploads and exports; credentials, region and endpoint by the usual
    `AWS_…` variables. Unset: the folder DATA_DIR/objects, which all processes must share."""

    smtp_url: str | None = Field(default=None, repr=False)
    """`smtp://user:password@host:port`. Unset: mails become `.eml` files in DATA_DIR/outbox."""
    mail_from: str = Field(default_factory=_mail_from)
    """The sender of every mail."""
    operations_mailbox: str = Field(default_factory=_operations_mailbox)
    """Where the platform reads what no one in particular looks after, such as special commercial
    applications of partners without a direct-sales account."""

    webhooks_to_loopback: bool = Field(default_factory=lambda given: given["sandbox"])
    """Whether webhooks may go to this machine, and by plain http. Unset: in a sandbox only. Into
    private networks they never go."""

    oidc_issuer: str | None = None
    """Who else may sign people in: the `iss` of their tokens."""
    oidc_jwks_url: str | None = None
    """Where that issuer publishes its keys."""
    oidc_audience: str | None = None
    """The `aud` that a token must have to be meant for us."""

    association_answer_days: PositiveInt | None = None
    """Days in which the other side has to decide on a switch or an end of an association. Unset: it
    has all the time in the world."""
    vouchers_for_referrals: bool = False
    """Whether partners may issue vouchers to referral customers, too, and take them back."""
    voucher_least_value: _Yuan | None = None
    """The least face value in CNY of what partners issue. Unset: a cent."""
    voucher_most_value: _Yuan | None = None
    """The greatest face value in CNY of what partners issue. Unset: as much as their quota has."""
    vouchers_per_customer: PositiveInt | None = None
    """How many live coupons of a kind a customer may have of its partner. Unset: any number."""
    voucher_value_per_customer: _Yuan | None = None
    """What these may be worth in CNY, by their face values. Unset: anything."""

    days_off: Annotated[tuple[date, ...], NoDecode] = ()
    """Days on which nobody works, whatever the calendar says that came with this version, separated
    by commas: `2027-01-01,2027-02-05`. Deadlines that are set already stay as they are."""
    days_worked: Annotated[tuple[date, ...], NoDecode] = ()
    """Days that are worked nevertheless, such as Saturdays that make up for a holiday."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The least severe message that is logged."""
    log_json: bool = False
    """One JSON object a line, for machines; else lines for people."""
    metrics_port: int | None = Field(default=None, ge=1, le=65534)
    """Prometheus finds `/metrics` on this port of HOST, for whoever reaches it: don't publish it.
    Each process needs its own; of `run`, the worker takes the next one. Unset: nothing listens."""
    otel_exporter_otlp_endpoint: str | None = None
    """Spans go there by OTLP over HTTP: `http://collector:4318`. Unset: none are made."""

    timer_lease_seconds: PositiveInt = 60
    """How long a claimed timer stays with its worker before another may claim it."""
    worker_max_jobs: PositiveInt = 50
    """Jobs that one worker runs at a time."""
    worker_max_exports: NonNegativeInt = 2
    """Exports that one worker makes at a time; 0 for one that makes none."""
    worker_poll_delay: PositiveFloat = 0.1
    """Seconds between two looks at the queue."""
    db_pool_min: PositiveInt = 2
    """Connections that a pool keeps open."""
    db_pool_max: PositiveInt = 10
    """Connections that a pool opens at most."""

    @field_validator("cors_origins", "days_off", "days_worked", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(each.strip() for each in value.split(",") if each.strip())
        return value

    @field_validator("database_url", "export_database_url")
    @classmethod
    def _that_can_be_connected_to(cls, value: str | None) -> str | None:
        return None if value is None else pool.checked(value)  # raises ValueError

    @field_validator("redis_url")
    @classmethod
    def _of_a_form_that_is_known(cls, value: str | None) -> str | None:
        if value is not None:
            valkey.watched_by(value)  # raises ValueError
        return value

    @model_validator(mode="after")
    def _agree(self) -> Self:
        oidc = (self.oidc_issuer, self.oidc_jwks_url, self.oidc_audience)
        if any(oidc) and not all(oidc):
            # Without an audience, a token for any other application would open ours.
            raise ValueError("set OIDC_ISSUER, OIDC_JWKS_URL and OIDC_AUDIENCE together")
        if self.documents_only and self.documents is None:
            raise ValueError("set DOCUMENTS, or nothing at all is executed with DOCUMENTS_ONLY")
        if both := set(self.days_off) & set(self.days_worked):
            raise ValueError(
                f"{min(both)} is in DAYS_OFF and in DAYS_WORKED; it can be one of them"
            )
        if self.db_pool_min > self.db_pool_max:
            raise ValueError("DB_POOL_MIN is greater than DB_POOL_MAX")
        return self


@cache
def get_settings() -> Settings:
    """The settings of this process. Tests make their own `Settings(…)` instead."""
    return Settings()


def _kept_secret(place: Path) -> str:
    """The key in this file; written on the first call, once, however many processes call."""
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=place.parent, prefix="secret_key.")  # mode 0600
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(draft, place)  # whole or not at all, and never over another's
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
    return place.read_text().strip()
