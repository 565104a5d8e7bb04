"""What this product calls itself where a result has to name what computed it."""

from typing import Final

ENGINE_VERSION: Final = "0.1.0"  # as in `pyproject.toml`; an editable install's metadata may be older than its code
"""The version of the engine: part of every manifest and of every plan's fingerprint."""
