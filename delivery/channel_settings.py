"""The channels that a workspace has, by its settings."""

from pathlib import Path
from urllib.parse import urlsplit

from core.errors import DeliveryError
from core.findings import Finding, Place
from core.settings import FILE_NAME, Channels, SmsProvider, Webhook
from delivery.channels import Channel
from delivery.codes import DeliveryCode
from delivery.failover import FailoverChannel
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
    called = _providers(settings) | ({} if settings.webhook is None else {"webhook": settings.webhook})
    findings = [finding for name, each in called.items() for finding in _faults(name, each, settings.hosts)]
    findings += _faults_together(settings)
    if findings:
        raise DeliveryError(findings)
    found: list[Channel] = []
    if settings.smtp is not None:
        found.append(SmtpChannel(settings.smtp))
    if settings.sms is not None:
        first, *more = (SmsChannel(each, _endpoint(each)) for each in _providers(settings).values())
        found.append(FailoverChannel((first, *more)) if more else first)
    if settings.webhook is not None:
        found.append(WebhookChannel(_endpoint(settings.webhook)))
    return (*found, FolderChannel(folder))


def _providers(settings: Channels) -> dict[str, SmsProvider]:
    """Return who carries text messages, by the name of the setting, in the order in which they are asked."""
    sms = settings.sms
    if sms is None:
        return {}
    return {"sms": sms} if sms.fallback is None else {"sms": sms, "sms.fallback": sms.fallback}


def _endpoint(settings: SmsProvider | Webhook) -> Endpoint:
    return Endpoint(settings.url, signer_of(settings))


def signer_of(settings: SmsProvider | Webhook) -> Signer:
    """Return the key under which both sides sign."""
    assert settings.secret is not None, "a channel without a secret is refused when it is set up"
    return Signer(settings.key_id, settings.secret.get_secret_value())


def callback_signers(settings: Channels) -> dict[str, Signer]:
    """Return the key under which each provider signs receipts; one without a secret for it is not listened to."""
    return {
        name: Signer(each.key_id, each.callback_secret.get_secret_value())
        for name, each in _providers(settings).items()
        if each.callback_secret is not None
    }


def _faults(name: str, settings: SmsProvider | Webhook, hosts: tuple[str, ...]) -> list[Finding]:
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
        remedy = f"give it in the environment: MIANSHEN_CHANNELS__{name.upper().replace('.', '__')}__SECRET"
        faults.append(Finding(DeliveryCode.CHANNEL_SETTING, place, message, remedy))
    return faults


def _faults_together(settings: Channels) -> list[Finding]:
    """Return what is wrong with two providers: on one machine, nobody could tell which of them has a message."""
    machines = [urlsplit(each.url).hostname for each in _providers(settings).values()]
    if len(machines) == len(set(machines)):
        return []
    message = f"`channels.sms` and its fallback both call `{machines[0]}`, so that it could not take over"
    remedy = "name another provider's machine, or leave the fallback out"
    return [Finding(DeliveryCode.CHANNEL_SETTING, Place(FILE_NAME), message, remedy)]
