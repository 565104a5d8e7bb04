from pathlib import Path

import pytest

from core.errors import RunError
from core.settings import Settings
from core.settings_reading import parse_settings, read_settings

LEAST = 'name = "青浦区"\nregion = "310118"\n'


def faults(text: str) -> list[str]:
    """Return the findings about a text."""
    with pytest.raises(RunError) as error:
        parse_settings(text)
    return [str(finding) for finding in error.value.findings]


def test_the_least() -> None:
    """Everything else has a default with which a trial runs."""
    settings = parse_settings(LEAST)

    assert (settings.name, settings.region) == ("青浦区", "310118")
    assert settings.database_url == "sqlite:///mianshen.db"
    assert (settings.raw, settings.crypto.suite, settings.crypto.key_file) == ("keep", "aes-256-gcm", "keys")
    assert settings.channels.smtp is None
    assert settings.retention.loads is None


def test_everything() -> None:
    """Each setting that the template offers."""
    settings = parse_settings(
        LEAST
        + """
database_url = "postgresql+psycopg://localhost/mianshen"
raw = "encrypt"
run_hour = 0
[crypto]
suite = "sm4-gcm"
key_file = "secret/keys"
[channels]
folder = "out"
[channels.smtp]
host = "mail"
from = "a@b.cn"
port = 465
tls = "implicit"
user = "u"
[retention]
loads = 3650
[web]
port = 0
"""
    )

    smtp = settings.channels.smtp
    assert smtp is not None
    assert (smtp.sender, smtp.port, smtp.tls, smtp.password) == ("a@b.cn", 465, "implicit", None)
    assert (settings.channels.folder, settings.web.port, settings.retention.loads) == ("out", 0, 3650)


def test_the_environment_stands_above_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """One setting of a table changes that one; secrets come only this way and do not show themselves."""
    monkeypatch.setenv("MIANSHEN_RUN_HOUR", "23")
    monkeypatch.setenv("MIANSHEN_CRYPTO__SUITE", "sm4-gcm")
    monkeypatch.setenv("MIANSHEN_CHANNELS__SMTP__PASSWORD", "verysecret")
    settings = parse_settings(
        LEAST + 'run_hour = 1\n[crypto]\nkey_file = "k"\n[channels.smtp]\nhost = "m"\nfrom = "a@b.cn"\n'
    )

    assert settings.run_hour == 23
    assert (settings.crypto.suite, settings.crypto.key_file) == ("sm4-gcm", "k")
    smtp = settings.channels.smtp
    assert smtp is not None
    assert smtp.password is not None
    assert smtp.password.get_secret_value() == "verysecret"
    assert smtp.host == "m"
    assert "verysecret" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name = \n", "workspace.toml:1: error[E002]: not valid TOML: invalid value"),
        ('region = "310118"\n', "workspace.toml: error[E004]: the setting `name` is missing"),
        (LEAST + "hour = 1\n", "workspace.toml:3: error[E003]: unknown setting `hour`"),
        (
            LEAST + "run_hour = 24\n",
            "workspace.toml:3: error[E005]: `run_hour`: input should be less than or equal to 23",
        ),
        (LEAST + 'run_hour = "two"\n', "workspace.toml:3: error[E005]: `run_hour`: input should be a valid integer"),
        (LEAST.replace("310118", "31"), "workspace.toml:2: error[E005]: `region`"),
        (LEAST + "[crypto]\n\nsuite = 'rot13'\n", "workspace.toml:5: error[E005]: `crypto.suite`: input should be"),
        (
            LEAST + "[channels.smtp]\nhost='m'\n",
            "workspace.toml:3: error[E004]: the setting `channels.smtp.from` is missing",
        ),
        (
            LEAST + "[web]\nprot = 1 # x\n",
            "workspace.toml:4: error[E003]: unknown setting `web.prot`\n  help: the nearest setting is `port`",
        ),
        (LEAST + "retention.loads = 0\n", "workspace.toml:3: error[E005]: `retention.loads`"),
        (LEAST + "crypto = 1\n", "workspace.toml:3: error[E005]: `crypto`"),
    ],
)
def test_faults(text: str, expected: str) -> None:
    """Each with its line."""
    assert faults(text)[0].startswith(expected)


def test_faults_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong or unknown variable is told by its name; all faults come at once."""
    monkeypatch.setenv("MIANSHEN_RUN_HUOR", "1")
    monkeypatch.setenv("MIANSHEN_WEB__PORT", "70000")
    monkeypatch.setenv("MIANSHEN_KEYS", "read elsewhere")

    found = faults(LEAST + "x = 1\n")
    assert [line.splitlines()[0] for line in found] == [
        "MIANSHEN_WEB__PORT: error[E005]: `web.port`: input should be less than or equal to 65535",
        "environment: error[E003]: unknown variable `MIANSHEN_RUN_HUOR`",
        "workspace.toml:3: error[E003]: unknown setting `x`",
    ]
    assert found[1].endswith("the nearest variable is `MIANSHEN_RUN_HOUR`")
    monkeypatch.delenv("MIANSHEN_WEB__PORT")
    assert len(faults(LEAST)) == 1


def test_a_table_in_the_environment_is_not_read_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are given by their parts."""
    monkeypatch.setenv("MIANSHEN_CRYPTO", "sm4")

    assert faults(LEAST)[0].startswith("environment: error[E005]")


def test_a_file(tmp_path: Path) -> None:
    """That is there, is UTF-8, and can be read."""
    path = tmp_path / "workspace.toml"
    with pytest.raises(RunError, match=r"workspace.toml: error\[E001\]: this folder is not a workspace"):
        read_settings(path)
    path.write_bytes(LEAST.encode("gb18030"))
    with pytest.raises(RunError, match=r"error\[E007\]: the file cannot be read: it is not UTF-8"):
        read_settings(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(RunError, match=r"error\[E007\]: the file cannot be read: Is a directory"):
        read_settings(path)
    path.rmdir()
    path.write_text(LEAST, "utf-8")
    assert isinstance(read_settings(path), Settings)
