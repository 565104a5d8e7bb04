"""Over which channels each kind of subject is told; a notice has one row in the outbox for each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from core.settings import Channels, Settings
from store.outbox import INBOX

FOLDER = "folder"
_WITH_PAGES = frozenset({"enterprise"})  # the kinds of subjects that have a page of their own, and so an inbox
_PRIVATE = frozenset({"person", "household"})  # the kinds that are told by text message


@dataclass(frozen=True, slots=True)
class Routes:
    """The channels of each kind of subject, as an operator set them; for other kinds those that are set up."""

    chosen: Mapping[str, Sequence[str]]
    channels: Channels

    def of(self, kind: str) -> tuple[str, ...]:
        """Return the channels over which a kind of subject is told, each once; the folder where there is no other."""
        if kind in self.chosen:
            return tuple(dict.fromkeys(self.chosen[kind])) or (FOLDER,)
        found = {
            "sms": self.channels.sms is not None and kind in _PRIVATE,
            "email": self.channels.smtp is not None,
            "webhook": self.channels.webhook is not None,
        }
        outside = tuple(name for name, is_there in found.items() if is_there) or (FOLDER,)
        return (*outside, INBOX) if kind in _WITH_PAGES else outside

    def frame(self, kinds: pl.Series) -> pl.DataFrame:
        """Return them for some kinds as rows: `subject_kind`, `channel`."""
        rows = [(kind, channel) for kind in kinds.unique().sort() for channel in self.of(kind)]
        return pl.DataFrame(rows, schema={"subject_kind": pl.String, "channel": pl.String}, orient="row")


def routes_of(settings: Settings) -> Routes:
    """Return the routes of a workspace."""
    return Routes(settings.notices.channels, settings.channels)
