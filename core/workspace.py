"""A workspace: the folder of one deployment, and where everything in it stands."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from core.errors import RefusedError, RunError
from core.findings import Finding, Place
from core.keys import Keys, create_keys, read_keys
from core.settings import FILE_NAME, Settings, SettingsCode
from core.settings_reading import parse_settings, read_settings

SQLITE_PREFIX = "sqlite:///"
RUNS = "runs"  # below a workspace
LEDGER_COPIES = f"{RUNS}/ledger"
FOLDERS = ("catalogue/resources", "catalogue/attributes", "policies", "inbox", "snapshots", "runs", "payouts", "outbox")
PRIVATE_FOLDERS = ("inbox", "snapshots", "runs", "payouts", "outbox")  # only the owner may enter


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder and its settings; the one place that knows paths."""

    root: Path
    settings: Settings

    @property
    def catalogue(self) -> Path:
        """Return where resources and attributes are declared."""
        return self.root / "catalogue"

    @property
    def policies(self) -> Path:
        """Return where rule versions stand."""
        return self.root / "policies"

    @property
    def rounds(self) -> Path:
        """Return where rounds are declared, and what was opened and decided."""
        return self.root / "rounds"

    @property
    def holidays(self) -> Path:
        """Return the city's own table of holidays, where it has one: `delivery.working_days`."""
        return self.root / "holidays.yaml"

    @property
    def inbox(self) -> Path:
        """Return where departments deliver."""
        return self.root / "inbox"

    @property
    def snapshots(self) -> Path:
        """Return where loads stand."""
        return self.root / "snapshots"

    @property
    def runs(self) -> Path:
        """Return where nights and plans stand."""
        return self.root / RUNS

    @property
    def ledger_copies(self) -> Path:
        """Return where nights keep the ledger as they read it, for those that follow."""
        return self.root / LEDGER_COPIES

    @property
    def plans(self) -> Path:
        """Return where plans stand that pages made, until nobody may submit them any more."""
        return self.runs / "plans"

    @property
    def payouts(self) -> Path:
        """Return where batch files stand."""
        return self.root / "payouts"

    @property
    def letters(self) -> Path:
        """Return where letters of the workspace's own stand."""
        return self.root / "letters"

    @property
    def outbox(self) -> Path:
        """Return where the folder channel puts notices."""
        return self.root / self.settings.channels.folder

    @property
    def supervision(self) -> Path:
        """Return where the supervision's own tables stand: how long what may wait, and what is compared."""
        return self.root / "supervision"

    @property
    def database_url(self) -> str:
        """Return the URL of the database; a relative SQLite path is taken from the workspace."""
        url = self.settings.database_url
        path = url.removeprefix(SQLITE_PREFIX)
        if path == url or path.startswith((":memory:", "file:")) or not path:
            return url
        return f"{SQLITE_PREFIX}{(self.root / path).resolve()}"

    @property
    def key_file(self) -> Path:
        """Return where the keys stand unless the environment gives them."""
        return self.root / self.settings.crypto.key_file

    def keys(self) -> Keys:
        """Return the keys; as `core.keys.read_keys`."""
        return read_keys(self.key_file, os.environ)


def open_workspace(root: Path) -> Workspace:
    """Return the workspace in a folder.

    Fails: RunError where the folder is none, or where its settings are wrong.
    """
    return Workspace(root.resolve(), read_settings(root / FILE_NAME))


def init_workspace(root: Path, *, name: str = "示例区", region: str = "310118") -> Workspace:
    """Create a workspace, or complete one; what is there is never changed.

    Fails: RefusedError where the folder holds something else; RunError where it cannot be written.
    """
    text = _template(name, region)
    parse_settings(text)
    try:
        _refuse_strangers(root)
        root.mkdir(parents=True, exist_ok=True)
        for folder in FOLDERS:
            (root / folder).mkdir(parents=True, exist_ok=True)
        for folder in PRIVATE_FOLDERS:
            (root / folder).chmod(0o700)
        if not (root / FILE_NAME).exists():
            (root / FILE_NAME).write_text(text, "utf-8")
        workspace = open_workspace(root)
        if not workspace.key_file.exists():
            create_keys(workspace.key_file)
    except OSError as fault:
        raise RunError.one(
            SettingsCode.NO_ACCESS,
            root.name,
            f"the workspace cannot be written: {(fault.strerror or 'unknown reason').lower()}",
            "name a folder that you may write to",
        ) from fault
    return workspace


def _refuse_strangers(root: Path) -> None:
    if (root / FILE_NAME).exists() or not root.exists() or (root.is_dir() and not any(root.iterdir())):
        return
    raise RefusedError(
        [
            Finding(
                SettingsCode.FOLDER_NOT_EMPTY,
                Place(root.name),
                "expected an empty folder or a workspace",
                "name a new folder; nothing was written",
            )
        ]
    )


def _template(name: str, region: str) -> str:
    return f"""# The settings of this workspace. Any of them may be given in the environment instead:
# `suite` in [crypto] is MIANSHEN_CRYPTO__SUITE. Secrets belong there and not here.

name = {json.dumps(name, ensure_ascii=False)}          # shown on pages and in notices
region = {json.dumps(region, ensure_ascii=False)}       # 行政区划代码: the area that this deployment serves
database_url = "sqlite:///mianshen.db"   # or postgresql+psycopg://…
raw = "keep"             # delivered files after loading: keep, encrypt or destroy
run_hour = 2             # the hour, in China, at which `mianshen schedule` starts the night

[crypto]
suite = "aes-256-gcm"    # or sm4-gcm, with HMAC-SM3
key_file = "keys"        # or give the keys in MIANSHEN_KEYS

[channels]
folder = "outbox"        # every notice is written here; further channels below

# [channels.smtp]
# host = "mail.example.gov.cn"
# port = 465
# from = "noreply@example.gov.cn"
# tls = "implicit"       # none, starttls or implicit
# user = "noreply"       # the password: MIANSHEN_CHANNELS__SMTP__PASSWORD

# [channels.sms]         # a gateway with approved texts; a webhook, and what else can be set: docs/channels.md
# url = "https://sms.example.gov.cn/v1/send"
# key_id = "mianshen"    # the key: MIANSHEN_CHANNELS__SMS__SECRET
# signature = "示例区"   # shown as 【示例区】

# [notices]
# mandatory = ["decision"]            # told at any hour, and not to be declined: benefit, advice, payment, decision
# [notices.channels]                  # over which channels each kind of subject is told: folder, email, sms, webhook, inbox
# person = ["email"]
# enterprise = ["email", "inbox"]

[retention]              # days; a line left out means for ever
# loads = 3650
# runs = 3650
# raw_files = 30
# notices = 1095

[access]
roles = "open"           # a trial: any name may do anything. required: as `mianshen roles grant` says, in one's own name

[payouts]
# How many people approve a batch, by its yuan; an approval counts for so many working days.
approvals = [{{up_to = 100000, people = 1}}, {{people = 2}}]
approval_days = 3
profile = "agent-bank-bar"    # how payment files are written

# [suspicions]
# What is looked for before payments are frozen; which of account, name and group wait until somebody has looked.
# holders_most = 2          # who receive on one account
# days = 30                 # in which the same name and sum stand out
# named = ["enterprise"]    # whose names are compared
# hold = []

[web]
host = "127.0.0.1"
port = 8000
address = "http://127.0.0.1:8000"   # what stands in notices
# database_role = "mianshen_pages"     # PostgreSQL: subjects' pages see their own rows alone; docs/deploy.md
# metrics = true                       # counts for Prometheus at /metrics, for this machine alone
# local_accounts = false               # names and passwords kept here are for a trial

# [web.oidc]                           # the identity provider; it leads back to <address>/login/callback
# issuer = "https://login.example.gov.cn"
# client_id = "mianshen"               # the secret: MIANSHEN_WEB__OIDC__CLIENT_SECRET
# subjects = {{enterprise = "uscc"}}     # the claim with a number, or a list of them; person = "id_number" likewise
# officer = "login"                    # the claim with an officer's login name
"""
