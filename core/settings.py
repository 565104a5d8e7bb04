"""What an operator decides about a workspace: every setting with its type, its limits and what it is if left out.

`core.settings_reading` reads them. Secrets belong in the environment only.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from core.findings import Code
from core.ledger import NoticeCategory
from core.money import FEN_PER_YUAN

FILE_NAME = "workspace.toml"
PREFIX = "MIANSHEN_"
NESTED = "__"


class SettingsCode(Code):
    """Faults in the settings, the keys and the folder of a workspace; the operator mends them."""

    NOT_A_WORKSPACE = "E001"
    SYNTAX = "E002"
    UNKNOWN_SETTING = "E003"
    MISSING_SETTING = "E004"
    WRONG_SETTING = "E005"
    FOLDER_NOT_EMPTY = "E006"
    NO_ACCESS = "E007"
    KEYS_MISSING = "E008"
    KEYS_UNREADABLE = "E009"
    KEYS_EXPOSED = "E010"
    SELF_TEST = "E011"
    SEAL_BROKEN = "E012"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Crypto(_Table):
    """How names, numbers and accounts are sealed."""

    suite: Literal["aes-256-gcm", "sm4-gcm"] = "aes-256-gcm"
    key_file: str = "keys"


class Smtp(_Table):
    """The mail server that carries notices."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 25
    sender: Annotated[str, Field(alias="from", pattern=r"^[^@\s]+@[^@\s]+$")]
    tls: Literal["none", "starttls", "implicit"] = "starttls"
    user: str | None = None
    password: SecretStr | None = None


_Url = Annotated[str, Field(pattern=r"^https?://[^\s/@]+(/[^\s]*)?$")]
_ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="a time such as `21:00`")]


class SmsProvider(_Table):
    """One that carries text messages; it is given the values of an approved text, never free words.

    `templates` name the provider's text for each of ours, by kind and version: `started@3`. `callback_secret` signs what the
    gateway says later of messages; both secrets belong in the environment.
    """

    url: _Url
    key_id: str
    secret: SecretStr | None = None
    callback_secret: Annotated[SecretStr | None, Field(min_length=32)] = None
    signature: Annotated[str, Field(min_length=2, max_length=12)]  # 【…】, as the provider approved it
    templates: dict[str, str] = {}
    segments_max: Annotated[int, Field(ge=1, le=10)] = 4


class SmsGateway(SmsProvider):
    """The provider of text messages, and perhaps another that takes over while it fails."""

    fallback: SmsProvider | None = None
    links: bool = False


class Webhook(_Table):
    """Another system of the government that tells people, such as its app."""

    url: _Url
    key_id: str
    secret: SecretStr | None = None


class Channels(_Table):
    """Ways to tell someone; a folder of files and the inbox of the pages are always there.

    `hosts` are the machines that may be called over HTTP, and no others.
    """

    folder: str = "outbox"
    smtp: Smtp | None = None
    sms: SmsGateway | None = None
    webhook: Webhook | None = None
    hosts: tuple[str, ...] = ()


class Notices(_Table):
    """Over which channels each kind of subject is told, and when not.

    `mandatory` categories are told whatever the hour, and cannot be declined.
    """

    channels: dict[str, tuple[Literal["folder", "inbox", "email", "sms", "webhook"], ...]] = {}
    mandatory: tuple[NoticeCategory, ...] = (NoticeCategory.DECISION,)
    quiet_from: _ClockTime = "21:00"
    quiet_until: _ClockTime = "08:00"
    quiet: tuple[Literal["email", "sms", "webhook"], ...] = ("sms",)
    digest: tuple[Literal["email", "sms", "webhook"], ...] = ("sms", "email")


class Retention(_Table):
    """For how many days things are kept; left out: for ever. Replay says so where its inputs are gone."""

    loads: Annotated[int | None, Field(ge=1)] = None
    runs: Annotated[int | None, Field(ge=1)] = None
    raw_files: Annotated[int | None, Field(ge=1)] = None
    notices: Annotated[int | None, Field(ge=1)] = None


class Access(_Table):
    """Whether people need a role for what they do; open is for a trial by people who trust each other."""

    roles: Literal["open", "required"] = "open"


class Cases(_Table):
    """How overpayment cases are worked on: working days to object, and from how many yuan two people give up a claim."""

    objection_days: Annotated[int, Field(ge=1, le=120)] = 10
    two_approvers_from: Annotated[int, Field(ge=0)] = 5_000


class ApprovalBand(_Table):
    """How many people approve a batch of at most so many yuan; without a limit: any larger one."""

    people: Annotated[int, Field(ge=1)]
    up_to: Annotated[int | None, Field(ge=1)] = None


class Payouts(_Table):
    """How batches leave: who has to agree, for how many working days that counts, and in which form."""

    approvals: Annotated[tuple[ApprovalBand, ...], Field(min_length=1)] = (
        ApprovalBand(people=1, up_to=100_000),
        ApprovalBand(people=2),
    )
    approval_days: Annotated[int, Field(ge=1, le=250)] = 3
    profile: str = "agent-bank-bar"

    @model_validator(mode="after")
    def _bands_in_order(self) -> "Payouts":
        limits = [band.up_to for band in self.approvals]
        known = [limit for limit in limits[:-1] if limit is not None]
        if limits[-1] is not None or len(known) < len(limits) - 1 or known != sorted(set(known)):
            message = "bands go from the smallest `up_to` to the last one, which has none"
            raise ValueError(message)
        return self

    def people_for(self, total_fen: int) -> int:
        """Return how many people have to approve a batch of an amount."""
        within = (
            band.people for band in self.approvals if band.up_to is None or total_fen <= band.up_to * FEN_PER_YUAN
        )
        return next(within)


class Grievances(_Table):
    """Within how many working days each kind of grievance is decided, and for how long one may go on with it.

    `hotline_secret` signs what a 12345 hotline sends; it belongs in the environment.
    """

    entitlement_days: Annotated[int, Field(ge=1, le=250)] = 15
    claim_days: Annotated[int, Field(ge=1, le=250)] = 15
    report_days: Annotated[int, Field(ge=1, le=250)] = 15
    undone_days: Annotated[int, Field(ge=1, le=250)] = 5
    service_days: Annotated[int, Field(ge=1, le=250)] = 10
    dissatisfied_days: Annotated[int, Field(ge=1, le=250)] = 5
    reappeal_days: Annotated[int, Field(ge=1, le=250)] = 15
    hotline_secret: Annotated[SecretStr | None, Field(min_length=32)] = None


class Suspicions(_Table):
    """What is looked for before payments are frozen, and which of them wait until somebody has looked.

    `named` are the kinds of subjects whose names are compared: of people, thousands are called alike.
    """

    holders_most: Annotated[int, Field(ge=1)] = 2  # receive on one account: a couple
    days: Annotated[int, Field(ge=0, le=3_660)] = 30
    named: tuple[str, ...] = ("enterprise",)
    hold: tuple[Literal["account", "name", "group"], ...] = ()


_ISSUER = r"^(https://[^\s/@?#]+|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?)(/[^\s?#]*)?$"


class Oidc(_Table):
    """The identity provider that says who somebody is, by OpenID Connect: its answers come in an ID token that it signs.

    `subjects` names, for each kind of subject, the claim that holds its number, or a list of them for who may act for
    several; `officer` the claim that holds an officer's login name. The secret belongs in the environment.
    """

    issuer: Annotated[str, Field(pattern=_ISSUER, description="`https://…`, exactly as the provider says it")]
    client_id: str
    client_secret: SecretStr | None = None
    label: Annotated[str, Field(min_length=1, max_length=30)] = "统一身份认证"
    scopes: tuple[str, ...] = ("openid", "profile")
    subjects: dict[str, str] = {"enterprise": "uscc"}
    officer: str | None = None
    algorithms: Annotated[
        tuple[Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"], ...],
        Field(min_length=1),
    ] = ("RS256", "PS256", "ES256")

    @model_validator(mode="after")
    def _is_openid(self) -> "Oidc":
        if "openid" not in self.scopes:
            message = "`scopes` has to name `openid`, or there is no ID token"
            raise ValueError(message)
        return self


class Web(_Table):
    """Where the pages are served, under which address people reach them, and how they log in."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    address: str = "http://127.0.0.1:8000"
    local_accounts: bool = True  # names and passwords that are kept here; off where a provider says who is who
    oidc: Oidc | None = None
    database_role: Annotated[str, Field(pattern="^[a-z_][a-z0-9_]{0,62}$")] | None = (
        None  # of subjects' pages, on PostgreSQL
    )
    metrics: bool = False  # counts for Prometheus at /metrics, for this machine alone


class Portals(_Table):
    """For how many days a portal's Idempotency-Key stands for what it had done."""

    keys_days: Annotated[int, Field(ge=1, le=366)] = 30


class Settings(BaseSettings):
    """Everything an operator decides about a workspace."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=NESTED,
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
        case_sensitive=False,
    )

    name: str
    region: Annotated[
        str, Field(pattern=r"^[0-9]{6}([0-9]{3}){0,2}$", description="a code of GB/T 2260, such as `310118`")
    ]
    database_url: str = "sqlite:///mianshen.db"
    raw: Literal["keep", "destroy", "encrypt"] = "keep"
    run_hour: Annotated[int, Field(ge=0, le=23)] = 2
    crypto: Crypto = Crypto()
    channels: Channels = Channels()
    notices: Notices = Notices()
    retention: Retention = Retention()
    cases: Cases = Cases()
    payouts: Payouts = Payouts()
    grievances: Grievances = Grievances()
    suspicions: Suspicions = Suspicions()
    web: Web = Web()
    portals: Portals = Portals()
    access: Access = Access()

    @classmethod
    def settings_customise_sources(  # pydantic-settings calls it so
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # pydantic-settings names it
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # pydantic-settings names it
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # pydantic-settings names it
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment stand above the file."""
        return env_settings, init_settings
