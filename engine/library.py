"""The vocabulary, the policies and the rounds that come with the product, as a workspace's own to begin with."""

import shutil
from pathlib import Path

from core.workspace import Workspace
from rules.version import __file__ as _beside

SHIPPED = Path(_beside).parent / "library"


def copy_library(workspace: Workspace) -> list[Path]:
    """Copy what a workspace does not have yet, and return the copies; what is there is never changed."""
    copies = []
    parts = {"catalogue": workspace.catalogue, "policies": workspace.policies, "rounds": workspace.rounds}
    parts |= {"supervision": workspace.supervision}
    for part, target in parts.items():
        for source in sorted((SHIPPED / part).rglob("*.yaml")):
            copy = target / source.relative_to(SHIPPED / part)
            if not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, copy)
                copies.append(copy)
    return copies
