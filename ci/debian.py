"""Install Debian packages by apt-get, without a question and without getting in another program's way."""

from __future__ import annotations

from collections.abc import Sequence

from ci.progress import CommandError, run, step

_ENVIRONMENT = {"DEBIAN_FRONTEND": "noninteractive"}


def apt_install(packages: Sequence[str], *, timeout: float) -> None:
    """Install `packages` as root; each apt-get command has `timeout` seconds. Raises `CommandError`.

    Whether this machine has apt-get, and what else a person can do, is for the caller to know and to say.
    """
    install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends"]
    # Another program may be installing right now: wait for it instead of failing.
    install += ["--option", f"DPkg::Lock::Timeout={timeout / 2:.0f}", *packages]
    with step(f"Installing Debian packages: {' '.join(packages)}"):
        try:
            run(install, timeout=timeout, env=_ENVIRONMENT)
        except CommandError:
            # A fresh machine has no package lists, or old ones that name versions which are gone.
            run(["apt-get", "update", "--quiet"], timeout=timeout, env=_ENVIRONMENT)
            run(install, timeout=timeout, env=_ENVIRONMENT)
