"""Make sure that the Docker engine has the base image the Dockerfiles name: pulled, or made from the same packages.

The stand-in is for machines that reach a Debian mirror but no container registry. It has the content of the public
image (Debian's minimal system, without documentation and translations), and the settings with which this machine
reaches its package sources (a certificate bundle, apt's own settings), so that the Dockerfiles need none of them.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from ci.cache import cache_folder, locked
from ci.engine import install_packages
from ci.progress import CiError, run, say, step

REGISTRY_SECONDS = 10
PULL_SECONDS = 600
BOOTSTRAP_SECONDS = 900
IMPORT_SECONDS = 300

# What the public slim image leaves out (Debian's debuerreotype, `.slimify-excludes`).
SLIM = [
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
    "path-exclude=/usr/share/info/*",
    "path-exclude=/usr/share/lintian/*",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/man/*",
]
# Settings of this machine's apt that decide whether it reaches, and believes, its package sources.
APT_SETTINGS = re.compile(
    r'^Acquire::(Check-Valid-Until|Check-Date|https?::Proxy|https::CAInfo) "(.+)";$', re.MULTILINE
)
# Settings that point this machine's clients at a certificate bundle, and that the build stages need likewise.
CERTIFICATE_VARIABLES = ("PIP_CERT", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
CERTIFICATES_INSIDE = "/etc/ssl/host-certificates.crt"


def ensure_base_image(reference: str) -> None:
    """Return once the engine has an image called `reference`, such as `debian:trixie-20261005-slim`.

    Tries the registry first (at most `REGISTRY_SECONDS` until it answers), then makes the stand-in. Raises `CiError`.
    """
    if image_exists(reference):
        return
    folder = cache_folder("base")
    with locked(folder / "lock", what="the base image", timeout=BOOTSTRAP_SECONDS + PULL_SECONDS):
        if image_exists(reference):
            return
        with step(f"getting {reference}"):
            refusal = _pull(reference)
            if refusal:
                say(f"{reference} cannot be pulled ({refusal.splitlines()[-1]}); making it from Debian's packages")
                _make(reference, folder)


def image_exists(reference: str) -> bool:
    """Return whether the engine has `reference` locally."""
    return run(["docker", "image", "inspect", reference], timeout=30, check=False).returncode == 0


def _pull(reference: str) -> str:
    """Pull `reference`; return "" on success, else why not. The registry's first word must come quickly."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            ["docker", "pull", reference], stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        begin = time.monotonic()
        while process.poll() is None:
            waited = time.monotonic() - begin
            # The first line appears as soon as the registry has answered with the image's manifest.
            silent = os.fstat(output.fileno()).st_size == 0
            if waited > PULL_SECONDS or (silent and waited > REGISTRY_SECONDS):
                process.kill()
                process.wait()
                return f"no answer within {waited:.0f} s"
            time.sleep(0.1)
        output.seek(0)
        said = output.read().strip()
    return "" if process.returncode == 0 else said or f"exit code {process.returncode}"


def _make(reference: str, folder: Path) -> None:
    """Import the stand-in for `reference`, made anew unless `folder` has one that was made with the same settings."""
    suite = _suite(reference)
    certificates = _certificates()
    options = _bootstrap_options(certificates)
    made_from = "\n".join([suite, *options, _digest(certificates)])
    archive = folder / f"{suite}-{hashlib.sha256(made_from.encode()).hexdigest()[:12]}.tar"
    if not archive.exists():
        _bootstrap(suite, options, archive)
    changes = ['CMD ["bash"]']
    if certificates:
        changes += [f"ENV {name}={CERTIFICATES_INSIDE}" for name in CERTIFICATE_VARIABLES]
    words = [word for change in changes for word in ("--change", change)]
    run(["docker", "import", *words, archive, reference], timeout=IMPORT_SECONDS)


def _bootstrap(suite: str, options: list[str], archive: Path) -> None:
    if shutil.which("mmdebstrap") is None:
        install_packages("mmdebstrap")
    partial = archive.with_suffix(".partial.tar")
    run(["mmdebstrap", *options, suite, partial], timeout=BOOTSTRAP_SECONDS, log=archive.with_suffix(".log"))
    partial.rename(archive)
    for old in set(archive.parent.glob(f"{suite}-*.tar")) - {archive}:
        old.unlink()


def _bootstrap_options(certificates: Path | None) -> list[str]:
    settings = run(["apt-config", "dump", "Acquire"], timeout=30, check=False).stdout
    options = ["--variant=minbase", *(f"--dpkgopt={line}" for line in SLIM)]
    options += [f"--aptopt={match[0]}" for match in APT_SETTINGS.finditer(settings)]
    if certificates:
        options += [
            '--customize-hook=mkdir -p "$1/etc/ssl"',
            f"--customize-hook=upload {certificates} {CERTIFICATES_INSIDE}",
        ]
    return options


def _certificates() -> Path | None:
    """Return the bundle that this machine's clients are told to use, if they are told any."""
    named = (os.environ.get(name) for name in CERTIFICATE_VARIABLES)
    return next((Path(name) for name in named if name and Path(name).is_file()), None)


def _digest(file: Path | None) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file else ""


def _suite(reference: str) -> str:
    match = re.fullmatch(r"debian:([a-z]+)-\d{8}-slim", reference)
    if match is None:
        raise CiError(f"{reference} cannot be pulled, and a stand-in is only made for debian:<suite>-<YYYYMMDD>-slim")
    return match[1]
