"""`kubectl`, as an administrator types it, with bytes in and out."""

from __future__ import annotations

import os
import subprocess

from tests.harness.release import Release

KUBECTL_SECONDS = 120


def kubectl(release: Release, *words: str, content: bytes | None = None) -> bytes:
    """Run `kubectl WORDS` in the namespace of `release`, `content` on its standard input; return what it prints."""
    command = [str(release.access.kubectl), "--namespace", release.namespace, *words]
    given = {"stdin": subprocess.DEVNULL} if content is None else {"input": content}
    done = subprocess.run(
        command,
        capture_output=True,
        timeout=KUBECTL_SECONDS,
        env={**os.environ, **release.access.environment},
        check=False,
        **given,
    )
    assert done.returncode == 0, f"{' '.join(words)}: {done.returncode}: {done.stderr.decode()[-2000:]}"
    return done.stdout


def hub_config(release: Release, *words: str, content: bytes | None = None) -> bytes:
    """Run `hub-config WORDS` in the hub's pod."""
    stdin = [] if content is None else ["--stdin"]
    return kubectl(release, "exec", *stdin, "deploy/hub", "--", "hub-config", *words, content=content)


def rolled_out(release: Release) -> None:
    """Wait until the hub that was asked for last is there, as administrators wait for it."""
    kubectl(release, "rollout", "status", "deployment/hub", f"--timeout={KUBECTL_SECONDS - 10}s")
