"""The hub's database: SQLite, PostgreSQL and MariaDB, each with the tables and rows of a JupyterHub 5 to begin with.

One release goes from one to the next; everything secret is in a Secret of its own, which `hub.existingSecret` names.
"""

from __future__ import annotations

import base64
import gzip
import json
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from tests.harness.hub import Hub, log_in, seconds_until_ok
from tests.harness.measurements import Measurements
from tests.harness.peers import peer_image, start_peer
from tests.harness.release import InstallError, Release
from tests.harness.state import pods

pytestmark = pytest.mark.cluster

PASSWORD = "p/a ss:%@word"
"""Of the databases: with everything that an address must escape."""
USER_PASSWORD = secrets.token_hex(10)
SERVICE_TOKEN = secrets.token_hex(16)
OWN = {
    "hub.db.password": PASSWORD,
    "hub.config.JupyterHub.cookie_secret": secrets.token_hex(32),
    "hub.config.CryptKeeper.keys": secrets.token_hex(32),
    "hub.config.ConfigurableHTTPProxy.auth_token": secrets.token_hex(32),
    "hub.config.SharedPasswordAuthenticator.user_password": USER_PASSWORD,
    "hub.config.SharedPasswordAuthenticator.admin_password": secrets.token_hex(20),
    "hub.services.tests.apiToken": SERVICE_TOKEN,
}
SCOPES = ["admin:users", "admin:servers", "access:servers", "groups", "read:hub", "proxy"]
SQLITE = {"type": "sqlite-pvc", "pvc": {"subPath": "previous"}}
POSTGRES = {"type": "postgres", "url": "postgresql://hub@postgres/hub"}
MARIADB = {"type": "mysql", "url": "mysql+pymysql://hub@mariadb/hub"}
OUTAGE_SECONDS = 60
FILL_SECONDS = 240
"""A JupyterHub 5 starts, makes its tables, is filled: about 10 s each where the machine has nothing else to do."""
Filled = dict[str, Any]


def values(database: dict[str, Any], **hub: Any) -> dict[str, Any]:
    """Return a whole value file: nothing in it is secret."""
    roles = {"tests": {"scopes": SCOPES, "services": ["tests"]}}
    own = {"existingSecret": "own", "services": {"tests": {}}, "loadRoles": roles, "db": database, **hub}
    return {"hub": own, "prePuller": {"hook": {"enabled": False}, "continuous": {"enabled": False}}}


@pytest.fixture(scope="module")
def release(new_release: Callable[[str], Release]) -> Release:
    """A namespace with the Secret, one that lacks the database's password, and volumes for PostgreSQL and SQLite."""
    release = new_release("databases")
    for name, data in (("own", OWN), ("poor", {"unrelated": "x"})):
        metadata = {"name": name, "namespace": release.namespace}
        release.kube.create({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": data})
    # Helm takes over what is marked as the release's own: so the file is there before the hub is.
    helm = {"meta.helm.sh/release-name": release.name, "meta.helm.sh/release-namespace": release.namespace}
    for name, marks in (("postgres", {}), ("hub-db-dir", helm)):
        labels = {"app.kubernetes.io/managed-by": "Helm"} if marks else {}
        metadata = {"name": name, "namespace": release.namespace, "annotations": marks, "labels": labels}
        spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        release.kube.create({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec})
    return release


@pytest.fixture(scope="module")
def filled(release: Release) -> dict[str, Filled]:
    """What a JupyterHub 5 made in each of the three databases."""
    start_postgres(release)
    start_peer(release, "mariadb", port=3306, environment={"PASSWORD": PASSWORD})
    image = peer_image(release.access, "jupyterhub5")
    secret = quote(PASSWORD, safe="")
    addresses = {
        "sqlite": "sqlite:////data/previous/jupyterhub.sqlite",
        "postgres": f"postgresql+psycopg2://hub:{secret}@postgres/hub",
        "mariadb": f"mysql+pymysql://hub:{secret}@mariadb/hub",
    }

    def fill(kind: str) -> Filled:
        environment = {"DATABASE": addresses[kind], "NAMESPACE": release.namespace, "TOKEN": secrets.token_hex(16)}
        claim = "hub-db-dir" if kind == "sqlite" else None
        name = f"filler-{kind}"
        start_peer(release, name, port=8000, environment=environment, image=image, claim=claim, timeout=FILL_SECONDS)
        lines = release.kube.logs(name, release.namespace, lines=1000).splitlines()
        release.kube.delete("Pod", name, release.namespace)
        return dict(json.loads(next(line for line in lines if line.startswith('{"version": "5.'))))

    with ThreadPoolExecutor() as pool:
        return dict(zip(addresses, pool.map(fill, addresses), strict=True))


def start_postgres(release: Release) -> None:
    start_peer(release, "postgres", port=5432, environment={"PASSWORD": PASSWORD}, claim="postgres")


def assert_kept(release: Release, before: Filled) -> None:
    """Assert that the hub knows what JupyterHub 5 wrote, and lets people in by their old tokens."""
    for name, token in before["tokens"].items():
        assert Hub(release.url(), token).call("GET", "user").json()["name"] == name
    boss = Hub(release.url(), before["tokens"]["boss"])
    for name, old in before["users"].items():
        new = boss.call("GET", f"users/{name}", params={"include_stopped_servers": "1"}).json()
        assert (new["admin"], new["groups"]) == (old["admin"], old["groups"])
        # To the second: MariaDB's DATETIME has no fractions.
        assert new["created"][:19] == old["created"][:19]
        for server, each in old["servers"].items():
            assert new["servers"][server]["user_options"] == each["user_options"] == {"profile": "large"}
    assert before["users"]["ada"]["servers"], "the JupyterHub 5 had no server that ran"
    physics = boss.call("GET", "groups/physics").json()
    assert sorted(physics["users"]) == ["ada", "grace"]
    assert physics["properties"] == {"room": "12"}
    assert boss.servers("ada") == {}, "the server whose pod is gone still counts as running"


def assert_used(release: Release, user: str) -> Hub:
    """Log in, start a server, restart the hub, and find everything as it was; return the API, the server running."""
    browser = log_in(release.url(), user, USER_PASSWORD)
    hub = Hub(release.url(), SERVICE_TOKEN)
    server = hub.spawn(user)
    server.write("kept.txt", "before")
    pod = release.wait_ready("hub")
    release.kube.delete("Pod", pod["metadata"]["name"], release.namespace)
    release.wait_ready("hub", other_than=pod["metadata"]["uid"])
    hub.wait_reachable()
    assert hub.servers(user)[""]["ready"]
    assert server.read("kept.txt") == "before"
    assert browser.get("/hub/home").status_code == 200, "the login's cookie is not valid any more"
    return hub


def test_sqlite_of_the_previous_major_is_copied_and_upgraded(release: Release, filled: dict[str, Filled]) -> None:
    release.install(values(SQLITE))
    assert_kept(release, filled["sqlite"])
    log = release.kube.logs(release.wait_ready("hub")["metadata"]["name"], release.namespace, lines=500)
    assert "Backing up jupyterhub.sqlite => jupyterhub.sqlite." in log


def test_a_hub_uses_the_existing_secret_and_nothing_else(release: Release, filled: dict[str, Filled]) -> None:
    assert release.kube.get("Secret", "hub-credentials", release.namespace) is None
    log_in(release.url(), "admin", OWN["hub.config.SharedPasswordAuthenticator.admin_password"])
    assert Hub(release.url(), SERVICE_TOKEN).call("GET", "proxy").json(), "the hub does not know the proxy's token"
    for secret in release.kube.list("Secret", release.namespace):
        if secret["metadata"]["name"] != "own":
            text = "\n".join(readable(each) for each in (secret.get("data") or {}).values())
            assert [key for key, value in OWN.items() if value in text] == [], secret["metadata"]["name"]


def readable(data: str) -> str:
    """Return a value of a Secret as text, Helm's records unpacked."""
    content = base64.b64decode(data)
    if content.startswith(b"H4sI"):
        content = gzip.decompress(base64.b64decode(content))
    return content.decode()


@pytest.mark.parametrize(
    ("hub", "said"),
    [
        ({"existingSecret": "poor"}, ["hub.db.password: the database asks for a password", "key hub.db.password"]),
        ({}, ["hub.db.upgrade: the database's tables are of an older JupyterHub", "write hub.db.upgrade: true"]),
    ],
    ids=["no password", "old tables"],
)
def test_a_database_that_cannot_be_used_is_told_before_anything_changes(
    release: Release, filled: dict[str, Filled], hub: dict[str, Any], said: list[str]
) -> None:
    before = release.wait_ready("hub")["metadata"]["uid"]
    with pytest.raises(InstallError) as caught:
        release.install(values({**POSTGRES, "upgrade": False}, **hub))
    assert [each for each in said if each not in " ".join(caught.value.output.split())] == []
    assert "Traceback" not in caught.value.output
    assert release.wait_ready("hub")["metadata"]["uid"] == before


def test_postgres(release: Release, filled: dict[str, Filled], measurements: Measurements) -> None:
    release.install(values({**POSTGRES, "upgrade": True}))
    assert_kept(release, filled["postgres"])
    hub = assert_used(release, "grace")
    seconds = outage(release, hub, "grace")
    measurements.record("a database is back until the hub answers from it", [seconds], "s")
    hub.stop("grace")


def outage(release: Release, hub: Hub, user: str) -> float:
    """Take PostgreSQL away and bring it back; return the seconds that the hub then needed. Nothing may restart."""
    server = hub.server(user)
    assert server.read("kept.txt") == "before"
    before = pods(release)
    release.kube.delete("Pod", "postgres", release.namespace)
    release.kube.wait_gone("Pod", release.namespace, "peer=postgres", timeout=OUTAGE_SECONDS)
    # JupyterHub says 403 while it cannot look a token up.
    assert hub.client.get("users").is_error, "a hub without its database answers all the same"
    assert server.read("kept.txt") == "before", "a user's server needs the hub's database"
    start_postgres(release)
    headers = {"Authorization": f"token {SERVICE_TOKEN}"}
    seconds = seconds_until_ok(f"{release.url()}/hub/api/users", timeout=OUTAGE_SECONDS, headers=headers)
    assert hub.servers(user)[""]["ready"]
    assert pods(release) == before
    return seconds


def test_mariadb(release: Release, filled: dict[str, Filled]) -> None:
    release.install(values({**MARIADB, "upgrade": True}))
    assert_kept(release, filled["mariadb"])
    assert_used(release, "grace").stop("grace")
