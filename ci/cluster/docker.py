"""What this package asks the Docker engine."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence

from ci.progress import CiError

TIMEOUT = 60.0


def image_ids(references: Sequence[str]) -> dict[str, str]:
    """Return the id of each local image. Raises `CiError` naming those that the engine does not have."""
    found: dict[str, str] = {}
    missing: list[str] = []
    for reference in dict.fromkeys(references):
        command = ["docker", "image", "inspect", "--format", "{{json .Id}}", reference]
        # Not by `run`: the output must be without what the client warns about.
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
        if done.returncode == 0:
            found[reference] = json.loads(done.stdout)
        elif "no such image" in done.stderr.lower():
            missing.append(reference)
        else:
            raise CiError(f"docker image inspect {reference}: {done.stderr.strip()}")
    if missing:
        raise CiError(f"the Docker engine has no image {', '.join(missing)}: build it first")
    return found


def full_name(reference: str) -> str:
    """Return an image reference with registry, namespace and tag, as Docker's "familiar names" mean it.

    >>> full_name("busybox")
    'docker.io/library/busybox:latest'
    """
    first, slash, _ = reference.partition("/")
    if not slash:
        reference = f"docker.io/library/{reference}"
    elif not ("." in first or ":" in first or first == "localhost"):
        reference = f"docker.io/{reference}"
    last = reference.rpartition("/")[2]
    return reference if ":" in last or "@" in last else f"{reference}:latest"
