"""The channels that a workspace has, by its settings."""

from pathlib import Path
from urllib.parse import urlsplit

from core.errors import DeliveryError
from core.findings import Finding, Place
from core.settings import FILE_NAME, Channels, SmsGateway, Webhook
from delivery.channels import Channel
from delivery.codes import DeliveryCode
from delivery.folder_channel import FolderChannel
from delivery.http_calls import Endpoint
from delivery.signing import Signer
from delivery.sms_channel import SmsChannel
from delivery.smtp_channel import SmtpChannel
from delivery.webhook_channel import WebhookChannel

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def channels_of(settings: Channels, folder: Path) -> tuple[Channel, ...]:
    """Return the channels that are set up, and the folder, always there.

    Fails: DeliveryError where one would call a machine that is not allowed, in the clear, or without a secret.
    """
    findings = [
        finding
        for name, each in (("sms", settings.sms), ("webhook", settings.webhook))
        if each is not None
        for finding in _faults(name, each, settings.hosts)
    ]
    if findings:
        raise DeliveryError(findings)
    found: list[Channel] = []
    if settings.smtp is not None:
        found.append(SmtpChannel(settings.smtp))
    if settings.sms is not None:
        found.append(SmsChannel(settings.sms, _endpoint(settings.sms)))
    if settings.webhook is not None:
        found.append(WebhookChannel(_endpoint(settings.webhook)))
    return (*found, FolderChannel(folder))


def _endpoint(settings: SmsGateway | Webhook) -> Endpoint:
    return Endpoint(settings.url, signer_of(settings))


def signer_of(settings: SmsGateway | Webhook) -> Signer:
    """Return the key under which both sides sign."""
    assert settings.secret is not None, "a channel without a secret is refused when it is set up"
    return Signer(settings.key_id, settings.secret.get_secret_value())


def callback_signers(settings: Channels) -> dict[str, Signer]:
    """Return by channel the key under which its provider signs receipts; a channel without a secret for it takes none."""
    sms = settings.sms
    if sms is None or sms.callback_secret is None:
        return {}
    return {"sms": Signer(sms.key_id, sms.callback_secret.get_secret_value())}


def _faults(name: str, settings: SmsGateway | Webhook, hosts: tuple[str, ...]) -> list[Finding]:
    place = Place(FILE_NAME)
    parts = urlsplit(settings.url)
    faults = []
    if parts.hostname not in hosts:
        message = f"`channels.{name}` would call `{parts.hostname}`, which is not among `channels.hosts`"
        remedy = "name the machine there, so that no other can be called by mistake"
        faults.append(Finding(DeliveryCode.CHANNEL_SETTING, place, message, remedy))
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        message = f"`channels.{name}` would send phones and names in the clear"
        faults.append(Finding(DeliveryCode.CHANNEL_SETTING, place, message, "write `https://`"))
    if settings.secret is None:
        message = f"`channels.{name}` has no secret to sign with"
        remedy = f"give it in the environment: MIANSHEN_CHANNELS__{name.upper()}__SECRET"
        faults.append(Finding(DeliveryCode.CHANNEL_SETTING, place, message, remedy))
    return faults
