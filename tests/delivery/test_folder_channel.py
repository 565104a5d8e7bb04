from pathlib import Path

from core.settings import Channels, Smtp
from delivery.channel_settings import channels_of
from delivery.channels import Outcome, Sent
from delivery.folder_channel import FolderChannel
from tests.delivery.samples import contact, envelope

ENVELOPE = envelope(subject="主题", body="正文\n", address="z@example.org")


def test_one_file_per_message(tmp_path: Path) -> None:
    """The same message again is the same file."""
    channel = FolderChannel(tmp_path / "outbox")

    assert channel.send([ENVELOPE]) + channel.send([ENVELOPE]) == [Sent(Outcome.ACCEPTED)] * 2

    (path,) = (tmp_path / "outbox").iterdir()
    assert path.name == "n_1.txt"
    assert path.read_text("utf-8") == "收件：z@example.org\n主题：主题\n\n正文\n"


def test_a_folder_that_cannot_be_written_is_the_channels_fault(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file where the folder should be", "utf-8")

    (sent,) = FolderChannel(tmp_path / "outbox").send([ENVELOPE])

    assert sent.outcome is Outcome.TECHNICAL


def test_many_messages_are_many_files_for_their_owner_alone(tmp_path: Path) -> None:
    """More than may be open at once; nothing else is left in the folder."""
    letters = [envelope(f"n_{number:03}") for number in range(250)]

    sent = FolderChannel(tmp_path / "outbox").send(letters)

    written = sorted((tmp_path / "outbox").iterdir())
    assert sent == [Sent(Outcome.ACCEPTED)] * 250
    assert [path.name for path in written] == [f"{each.message_id}.txt" for each in letters]
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}
    assert (tmp_path / "outbox").stat().st_mode & 0o777 == 0o700


def test_one_message_that_cannot_be_written_does_not_keep_back_the_others(tmp_path: Path) -> None:
    (tmp_path / "n_1.txt").mkdir()
    letters = [envelope(f"n_{number}") for number in range(3)]

    sent = FolderChannel(tmp_path).send(letters)

    assert [each.outcome for each in sent] == [Outcome.ACCEPTED, Outcome.TECHNICAL, Outcome.ACCEPTED]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["n_0.txt", "n_1.txt", "n_2.txt"]


def test_it_takes_any_address() -> None:
    channel = FolderChannel(Path("outbox"))

    assert channel.address(contact()) == "zhang@example.org"
    assert channel.address(contact(email=None, phone="13812345678")) == "13812345678"
    assert channel.address(contact(email=None)) is None


def test_mail_comes_before_the_folder(tmp_path: Path) -> None:
    smtp = Smtp.model_validate({"host": "mail", "from": "a@b.example"})

    assert [each.name for each in channels_of(Channels(), tmp_path)] == ["folder"]
    assert [each.name for each in channels_of(Channels(smtp=smtp), tmp_path)] == ["email", "folder"]
