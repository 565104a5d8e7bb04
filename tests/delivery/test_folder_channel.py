import datetime as dt
from pathlib import Path

from core.settings import Channels, Smtp
from delivery.channel_settings import channels_of
from delivery.channels import Envelope, Outcome, Sent
from delivery.folder_channel import FolderChannel
from delivery.messages import Message
from tests.delivery.samples import contact

ENVELOPE = Envelope(
    "n_1", "m_1", "z@example.org", Message("t@1", "主题", "正文\n"), dt.datetime(2025, 8, 1, tzinfo=dt.UTC)
)


def test_one_file_per_message(tmp_path: Path) -> None:
    """The same message again is the same file."""
    channel = FolderChannel(tmp_path / "outbox")

    assert [channel.send(ENVELOPE), channel.send(ENVELOPE)] == [Sent(Outcome.ACCEPTED)] * 2

    (path,) = (tmp_path / "outbox").iterdir()
    assert path.name == "n_1.txt"
    assert path.read_text("utf-8") == "收件：z@example.org\n主题：主题\n\n正文\n"


def test_a_folder_that_cannot_be_written_is_the_channels_fault(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file where the folder should be", "utf-8")

    assert FolderChannel(tmp_path / "outbox").send(ENVELOPE).outcome is Outcome.TECHNICAL


def test_it_takes_any_address() -> None:
    channel = FolderChannel(Path("outbox"))

    assert channel.address(contact()) == "zhang@example.org"
    assert channel.address(contact(email=None, phone="13812345678")) == "13812345678"
    assert channel.address(contact(email=None)) is None


def test_mail_comes_before_the_folder(tmp_path: Path) -> None:
    smtp = Smtp.model_validate({"host": "mail", "from": "a@b.example"})

    assert [each.name for each in channels_of(Channels(), tmp_path)] == ["folder"]
    assert [each.name for each in channels_of(Channels(smtp=smtp), tmp_path)] == ["email", "folder"]
