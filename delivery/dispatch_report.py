"""What one dispatch did, and what somebody has to look at."""

from collections import Counter
from dataclasses import dataclass, field

from core.findings import Finding, Place, Severity, sort_findings
from delivery.attempts import AGE_MAX, ATTEMPTS_MAX, Verdict
from delivery.channels import Outcome, Sent
from delivery.codes import DeliveryCode
from store.states.notices import NoticeState

TECHNICAL_MAX = 3  # failures in a row after which a channel is left alone until the next dispatch

_CODES = {
    Outcome.PERMANENT: DeliveryCode.REFUSED_FOR_GOOD,
    Outcome.TEMPORARY: DeliveryCode.REFUSED_FOR_NOW,
    Outcome.TECHNICAL: DeliveryCode.CHANNEL_DOWN,
    Outcome.UNKNOWN: DeliveryCode.IN_DOUBT,
}

_WORDS = {
    DeliveryCode.NO_CONTACT: (
        "without an address on any channel; left to the recipient's own page",
        "deliver a resource that has a column of role `email` or `phone`",
    ),
    DeliveryCode.REFUSED_FOR_GOOD: (
        "refused for good",
        "have the address corrected where it comes from",
    ),
    DeliveryCode.REFUSED_FOR_NOW: (
        "refused for now; tried again later",
        "nothing to do while the number falls",
    ),
    DeliveryCode.CHANNEL_DOWN: (
        "not handed over, for the channel does not work",
        "look at the channel's host, port and login; nothing is lost, the messages wait",
    ),
    DeliveryCode.IN_DOUBT: (
        "in doubt: sent, perhaps, but no answer was kept",
        "ask whoever runs the channel, then `mianshen notices resolve`; they are not sent again by themselves",
    ),
    DeliveryCode.GIVEN_UP: (
        f"given up after {ATTEMPTS_MAX} attempts or {AGE_MAX.days * 24} hours",
        "reach these people another way, or put the messages back with `mianshen notices replay`",
    ),
    DeliveryCode.DECLINED: (
        "not sent, for their recipients declined such notices",
        "nothing to do; what they declined they can see in `mianshen notices preferences`",
    ),
    DeliveryCode.BAD_CONTACT: (
        "not sent to addresses that were refused for good before",
        "have the department deliver another address",
    ),
    DeliveryCode.UNCONFIRMED: (
        "taken by the channel 72 hours ago, and no receipt came",
        "nothing to do for one; of many, ask the channel for its receipts",
    ),
    DeliveryCode.CHANNEL_MISSING: (
        "left waiting for a channel that is not set up",
        "set it up in `workspace.toml`, or leave it out of `[notices.channels]` for what comes",
    ),
}


@dataclass(slots=True)
class DispatchReport:
    """Messages by the state they entered, and why some did not get through."""

    counts: Counter[NoticeState] = field(default_factory=Counter)
    causes: Counter[tuple[DeliveryCode, str]] = field(default_factory=Counter)
    unwritten: list[Finding] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)  # in a row, by who carries

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return one warning for each cause, and one error for each message that could not be written."""
        warnings = [_warning(code, why, count) for (code, why), count in self.causes.items()]
        return sort_findings([*warnings, *self.unwritten])

    def is_up(self, *carriers: str) -> bool:
        """Say whether one of some carriers has not failed too often in a row."""
        return any(self.failures[carrier] < TECHNICAL_MAX for carrier in carriers)

    def note(self, code: DeliveryCode, why: str = "", *, count: int = 1) -> None:
        """Count messages under a cause."""
        if count:
            self.causes[code, why] += count

    def learn(self, carrier: str, sent: Sent, verdict: Verdict, *, count: int) -> None:
        """Count one try to send so many notices in one message."""
        self.counts[verdict.state] += count
        self.failures[carrier] = self.failures[carrier] + 1 if sent.outcome is Outcome.TECHNICAL else 0
        if sent.outcome is Outcome.ACCEPTED:
            return
        is_given_up = verdict.state is NoticeState.DEAD and sent.outcome is not Outcome.PERMANENT
        code = DeliveryCode.GIVEN_UP if is_given_up else _CODES[sent.outcome]
        self.note(code, f"{carrier}: {sent.because}", count=count)


def _warning(code: DeliveryCode, why: str, count: int) -> Finding:
    what, remedy = _WORDS[code]
    messages = "1 message" if count == 1 else f"{count} messages"
    because = f" (`{why}`)" if why else ""
    return Finding(code, Place("outbox"), f"{messages} {what}{because}", remedy, Severity.WARNING, count)
