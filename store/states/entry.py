"""Who comes in: by what somebody showed who they are, how a session ends early, and what a portal may do."""

from enum import StrEnum


class LoginWay(StrEnum):
    """By what somebody showed who they are."""

    LOCAL = "local"  # an account of a trial
    OIDC = "oidc"  # the government's identity provider


class SessionEnd(StrEnum):
    """How a session came to its end before its time."""

    LOGGED_OUT = "logged_out"
    RENEWED = "renewed"  # under another token: the person showed again who they are, or acts for another subject
    REVOKED = "revoked"


class PortalScope(StrEnum):
    """What a portal of the city may read of a subject, and do in its name."""

    MATCHES = "matches"  # what it gets and could get, with the reasons
    PAYMENTS = "payments"  # each with its state, and what is claimed back
    NOTICES = "notices"  # its inbox; opening a letter is its receipt
    CONFIRM = "confirm"  # yes, with the account to pay to; no; and being asked once more
    WAIVE = "waive"  # giving it up, and taking that back
    ANSWER = "answer"  # the one question that is open
    OBJECT = "object"  # saying that a fact, an outcome or a claim is wrong, and reading what came of it
    SUBSCRIBE = "subscribe"  # which kinds of notices it wants
