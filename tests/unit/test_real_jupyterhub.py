"""A JupyterHub process reads the mounted files as the hub's pod does, sets itself up, and has nothing to object."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub_config.generate import default_values
from tests.unit.composed import merged, mount
from tests.unit.conftest import NOWHERE

pytestmark = [pytest.mark.unit, pytest.mark.process]

EVERYTHING: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "everything.yaml").read_text(encoding="utf-8"))
HERE = {
    "hub": {
        "db": {"type": "sqlite-memory", "url": None, "password": None},
    },
    "cull": {"enabled": True},
    "internalTls": {"enabled": False},
}
"""What lets a full value file do without its database and certificates, and adds the culler's role."""
CREDENTIALS = {
    "hub.config.JupyterHub.cookie_secret": "61" * 32,
    "hub.config.CryptKeeper.keys": "62" * 32,
    "hub.config.SharedPasswordAuthenticator.user_password": "sixteen-letters-",
    "hub.config.SharedPasswordAuthenticator.admin_password": "at-least-thirty-two-letters-long-",
}
CONFIG_FILE = """
from pathlib import Path
from hub_config.load import load_jupyterhub_config
load_jupyterhub_config(get_config(), Path("mounted"), Path("snippets"))
"""
SCRIPT = """
import asyncio, json
from jupyterhub.app import JupyterHub

async def set_up():
    app = JupyterHub()
    await app.initialize(["--config", "jupyterhub_config.py"])
    spawner = app.spawner_class(_mock=True, parent=app)
    print(json.dumps({
        "authenticator": type(app.authenticator).__name__,
        "spawner": type(spawner).__name__,
        "services": sorted(app._service_map),
        "base_url": app.base_url,
    }))

asyncio.run(set_up())
"""


def set_up(folder: Path, own: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return what JupyterHub made of the values `own`, and all that it printed besides."""
    root = mount(folder / "mounted", merged(default_values(), own))
    for name, text in CREDENTIALS.items():
        (root / "credentials" / name).write_text(text, encoding="utf-8")
    (folder / "jupyterhub_config.py").write_text(CONFIG_FILE, encoding="utf-8")
    (folder / "kubeconfig").write_text(json.dumps(NOWHERE), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "CONFIGPROXY_AUTH_TOKEN": "as-the-deployment-sets-it",
            "KUBECONFIG": str(folder / "kubeconfig"),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *_, answer = done.stdout.splitlines()
    return json.loads(answer), done.stderr


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (
            {},
            {
                "authenticator": "SharedPasswordAuthenticator",
                "spawner": "PromptKubeSpawner",
                "services": ["database-backup", "jupyterhub-idle-culler"],
                "base_url": "/",
            },
        ),
        (
            merged(EVERYTHING, HERE),
            {
                "authenticator": "DummyAuthenticator",
                "spawner": "PromptKubeSpawner",
                "services": ["grader", "jupyterhub-idle-culler"],
                "base_url": "/lab/",
            },
        ),
    ],
    ids=["defaults", "everything"],
)
def test_jupyterhub_sets_itself_up(tmp_path: Path, own: dict[str, Any], expected: dict[str, Any]) -> None:
    made, printed = set_up(tmp_path, own)
    assert made == expected
    assert re.findall(r"Config option `(\w+)` not recognized", printed) == []
    assert "Traceback" not in printed
    assert "deprecated" not in printed.lower()
