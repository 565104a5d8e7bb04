"""The channels that a workspace has, by its settings."""

from pathlib import Path

from core.settings import Channels
from delivery.channels import Channel
from delivery.folder_channel import FolderChannel
from delivery.smtp_channel import SmtpChannel


def channels_of(settings: Channels, folder: Path) -> tuple[Channel, ...]:
    """Return the channels in order of preference: e-mail where it is set up, then the folder, always there."""
    mail: tuple[Channel, ...] = () if settings.smtp is None else (SmtpChannel(settings.smtp),)
    return (*mail, FolderChannel(folder))
