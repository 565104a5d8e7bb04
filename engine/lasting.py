"""Facts that go on as they are recorded, for those who look ahead: nobody knows yet what will not be delivered."""

from profiles.catalogue import Catalogue

_NEVER_STALE = 100_000  # days; longer than anybody looks ahead


def never_stale(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue with facts that go on until something is known to end them."""
    lasting = {
        code: resource.model_copy(update={"fresh_days": _NEVER_STALE}) for code, resource in catalogue.resources.items()
    }
    return catalogue.model_copy(update={"resources": lasting})
