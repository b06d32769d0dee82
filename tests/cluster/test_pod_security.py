"""Users' pods and what they can write to, on a real kernel; secrets that stay secret; guessing that ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kubernetes import client
from kubernetes.client.exceptions import ApiException

from hub_config.pod_security.standards import Level, violations
from tests.harness.hub import Hub, LoginRefusedError, log_in
from tests.harness.kube import Kubernetes, Object
from tests.harness.release import InstallError, Release
from tests.harness.server import Kernel
from tests.pod_security import writable_roots
from tests.pod_specs import FINE, POD_SPECS

pytestmark = pytest.mark.cluster

USER_PASSWORD_KEY = "hub.config.SharedPasswordAuthenticator.user_password"
ADMIN_PASSWORD_KEY = "hub.config.SharedPasswordAuthenticator.admin_password"
FORBIDDEN = 403
AWKWARD = "first line\nsecond 'line' with \"quotes\", $HOME, {{ braces }} and a \\ at the end\\\n"
"""A secret as people's password managers make them."""
REFERRED = "a-secret-that-pods-refer-to-and-nobody-sees"
AWKWARD_FOR_USERS = AWKWARD.replace("{{ braces }}", "")
"""KubeSpawner fills in what stands in braces."""
TRIALS = 3
STRICTER = {("unmasked proc", "baseline")}
"""What newer versions of Kubernetes admit because host users are off, and our rules, which know no version, do not."""
VALUES: dict[str, Any] = {
    "hub": {
        "services": {"tests": {}},
        "loadRoles": {"tests": {"scopes": ["admin:users", "admin:servers", "access:servers"], "services": ["tests"]}},
        "extraEnv": {"AWKWARD": AWKWARD, "REFERRED": REFERRED},
        # A hub that read something else does not start.
        "extraConfig": {"check": f"import os\nassert os.environ['AWKWARD'] == {AWKWARD!r}"},
        "loginLimit": {"perUserAndAddress": TRIALS},
    },
    "singleuser": {
        "memory": {"guarantee": "160M"},
        "security": {"level": "restricted", "seLinuxOptions": {"level": "s0:c123,c456"}},
        "supplementalGids": [7777],
        "extraEnv": {"AWKWARD": AWKWARD_FOR_USERS},
    },
}
WRITE = """
import os, pathlib, subprocess, sys, tempfile, zipfile
home = pathlib.Path.home()
for folder in ("/tmp", "/var/tmp", "/run", home, home / ".cache"):
    pathlib.Path(folder).mkdir(exist_ok=True)
    (pathlib.Path(folder) / "probe").write_text("here")
read_only = []
for folder in ("/", "/etc", "/usr/local", "/opt/notebook", "/var/log", "/home"):
    try:
        (pathlib.Path(folder) / "probe").write_text("there")
    except OSError as error:
        read_only.append(error.strerror)
assert set(read_only) == {"Read-only file system"} and len(read_only) == 6, read_only
wheel = "/tmp/tiny-1-py3-none-any.whl"
with zipfile.ZipFile(wheel, "w") as file:
    file.writestr("tiny.py", "answer = 42")
    file.writestr("tiny-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n")
    tags = "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    file.writestr("tiny-1.dist-info/WHEEL", tags)
    file.writestr("tiny-1.dist-info/RECORD", "")
done = subprocess.run([sys.executable, "-m", "pip", "install", "--no-index", wheel], capture_output=True, text=True)
assert done.returncode == 0, done.stderr
ask = [sys.executable, "-c", "import tiny; print(tiny.__file__, tiny.answer)"]
found = subprocess.run(ask, capture_output=True, text=True)
print(found.stdout.strip() or found.stderr)
print(os.getuid(), sorted(os.getgroups()), oct(os.stat("/tmp").st_mode & 0o777))
"""


# ---- our rules are Kubernetes' rules


@pytest.fixture(scope="module")
def namespaces(new_release: Callable[[str], Release]) -> dict[Level, Release]:
    """An empty namespace for each level that enforces something."""
    found: dict[Level, Release] = {"restricted": new_release("restricted"), "baseline": new_release("baseline")}
    _enforce(found["baseline"], "baseline")
    return found


def _enforce(release: Release, level: str) -> None:
    labels = {"pod-security.kubernetes.io/enforce": level}
    release.kube.patch("Namespace", release.namespace, {"metadata": {"labels": labels}})


def _admits(kube: Kubernetes, namespace: str, spec: dict[str, Any]) -> bool:
    """Ask the API by a dry run whether a namespace admits a pod."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "try-"}, "spec": spec}
    try:
        kube.core.create_namespaced_pod(namespace, pod, dry_run="All")
    except ApiException as error:
        if error.status == FORBIDDEN and "violates PodSecurity" in str(error.body):
            return False
        raise AssertionError(f"{error.body}") from error
    return True


def test_kubernetes_refuses_what_our_rules_refuse(namespaces: dict[Level, Release]) -> None:
    kube = namespaces["baseline"].kube
    minor = int(client.VersionApi(kube.api).get_code().minor.rstrip("+"))
    asked = {
        (name, level): (_admits(kube, release.namespace, spec), not violations(spec, level))
        for name, (_, spec, since) in POD_SPECS.items()
        for level, release in namespaces.items()
        if since <= minor
    }
    assert len(asked) >= 80
    assert {case for case, (theirs, ours) in asked.items() if theirs != ours} <= STRICTER
    assert not any(ours for case, (_, ours) in asked.items() if case in STRICTER)


def test_an_install_asks_the_namespace_for_the_users_rights(namespaces: dict[Level, Release]) -> None:
    release = namespaces["baseline"]
    user = {"security": {"level": "privileged"}, "privileged": True, "allowPrivilegeEscalation": True}
    with pytest.raises(InstallError) as caught:
        release.install({"singleuser": user})
    assert f"namespace {release.namespace} does not admit the pod user" in caught.value.output
    assert "privileged (container" in caught.value.output
    assert _admits(release.kube, release.namespace, {**FINE, "securityContext": {"runAsUser": 0}})


# ---- a user's pod as it is


@pytest.fixture(scope="module")
def secure(new_release: Callable[[str], Release]) -> Release:
    """A release with a level that is enforced, awkward secrets, and a node without SELinux."""
    release = new_release("secure")
    release.install(VALUES)
    return release


@pytest.fixture(scope="module")
def hub(secure: Release) -> Hub:
    return Hub(secure.url(), secure.credentials()["hub.services.tests.apiToken"])


@pytest.fixture(scope="module")
def kernel(hub: Hub) -> Iterator[Kernel]:
    """A kernel of a user whose pod has SELinux options, which a node without SELinux ignores."""
    server = hub.spawn("ada")
    kernel = server.kernel()
    yield kernel
    kernel.close()


def test_every_pod_is_restricted_and_read_only(secure: Release, kernel: Kernel) -> None:
    pods = {pod["metadata"]["labels"]["component"]: pod["spec"] for pod in secure.pods()}
    assert {"hub", "proxy", "continuous-image-puller", "singleuser-server"} <= pods.keys()
    assert {name: violations(spec) for name, spec in pods.items()} == {name: [] for name in pods}
    assert {name: writable_roots(spec) for name, spec in pods.items()} == {name: [] for name in pods}
    assert {name for name, spec in pods.items() if spec.get("automountServiceAccountToken", True)} == {"hub"}


def test_users_write_where_they_need_to_and_nowhere_else(kernel: Kernel) -> None:
    tiny, ids = kernel.run(WRITE, timeout=90).splitlines()
    assert tiny.startswith("/home/jovyan/.local/lib/"), "pip installs into the home, which lasts"
    assert tiny.endswith(" 42")
    assert ids == "1000 [100, 7777] 0o777"


def test_terminals_open(hub: Hub, kernel: Kernel) -> None:
    name = kernel.server.call("POST", "terminals").json()["name"]
    kernel.server.call("DELETE", f"terminals/{name}")


def test_awkward_secrets_arrive_as_they_are(kernel: Kernel) -> None:
    assert kernel.run(f"import os; print(os.environ['AWKWARD'] == {AWKWARD_FOR_USERS!r})").strip() == "True"


def test_guessing_ends_and_nobody_else_is_held_up(secure: Release) -> None:
    """An address that the visitor makes up does not help: the proxy's own entry counts."""
    for _ in range(TRIALS):
        with pytest.raises(LoginRefusedError, match="Invalid username or password"):
            log_in(secure.url(), "admin", "not-the-password-but-long-enough-to-be-one")
    credentials = secure.credentials()
    with pytest.raises(LoginRefusedError, match=r"429: Too many failed logins\. Try again in \d+ (seconds|minutes)\."):
        log_in(secure.url(), "admin", credentials[ADMIN_PASSWORD_KEY], headers={"X-Forwarded-For": "192.0.2.7"})
    log_in(secure.url(), "somebody", credentials[USER_PASSWORD_KEY])
    log = secure.kube.logs(secure.wait_ready("hub")["metadata"]["name"], secure.namespace, lines=200)
    assert "is not known" not in log, "the proxy's pod was found, so its X-Forwarded-For was believed"


# ---- secrets stay in Secrets


@pytest.mark.parametrize("which", ["default", "full", "secure"])
def test_no_secret_is_to_be_read_outside_a_secret(which: str, request: pytest.FixtureRequest) -> None:
    release: Release = request.getfixturevalue(which)
    texts = dict(_texts(release))
    assert len(texts) > 8
    hidden = release.credentials() | ({"REFERRED": REFERRED} if which == "secure" else {})
    assert min(map(len, hidden.values())) >= 12
    found = [f"{key} in {where}" for where, text in texts.items() for key, secret in hidden.items() if secret in text]
    assert found == []


def _texts(release: Release) -> Iterator[tuple[str, str]]:
    """Yield everything that people without access to Secrets may read: objects, events and logs."""
    kube, namespace = release.kube, release.namespace
    kinds = ("ConfigMap", "Pod", "Event", "apps/v1/Deployment", "apps/v1/DaemonSet", "apps/v1/ReplicaSet", "Service")
    for kind in kinds:
        for item in kube.list(kind, namespace):
            yield f"{kind} {item['metadata']['name']}", json.dumps(item)
    for pod in kube.list("Pod", namespace):
        for container in _containers(pod):
            name = pod["metadata"]["name"]
            yield f"log of {name}/{container}", kube.logs(name, namespace, container, lines=10_000)


def _containers(pod: Object) -> list[str]:
    return [each["name"] for each in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]]
