"""What a user gets is what the values say: resources, identity, volumes, labels, files, profiles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.hub import Hub
from tests.harness.release import Release
from tests.harness.server import Kernel

pytestmark = pytest.mark.cluster

MEBI = 1024**2


@pytest.fixture(scope="module")
def pod(full: Release, full_hub: Hub) -> Iterator[dict[str, Any]]:
    """The pod of a user's server in `full`."""
    full_hub.spawn("pat")
    yield full.user_pod("pat")
    full_hub.stop("pat")


@pytest.fixture(scope="module")
def kernel(pod: dict[str, Any], full_hub: Hub) -> Kernel:
    """A kernel in that pod."""
    assert pod
    return full_hub.server("pat").kernel()


def test_guarantees_and_limits(pod: dict[str, Any]) -> None:
    (container,) = pod["spec"]["containers"]
    assert container["resources"]["requests"] == {"cpu": "50m", "memory": str(160 * MEBI)}
    assert container["resources"]["limits"] == {"cpu": "1500m", "memory": str(320 * MEBI)}


def test_identity(pod: dict[str, Any], kernel: Kernel) -> None:
    (container,) = pod["spec"]["containers"]
    context, pod_context = container["securityContext"], pod["spec"]["securityContext"]
    assert context["runAsUser"] == 1234
    assert context["allowPrivilegeEscalation"] is False
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod_context["fsGroup"] == 4321
    assert pod["spec"].get("automountServiceAccountToken") is False
    assert kernel.run("import os; print(os.getuid(), 4321 in os.getgroups())").split() == ["1234", "True"]


def test_volumes(full: Release, pod: dict[str, Any], kernel: Kernel) -> None:
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    assert volumes["scratch"]["emptyDir"] == {"sizeLimit": "7Mi"}
    (home,) = (volume for volume in volumes.values() if "persistentVolumeClaim" in volume)
    claim = full.kube.get("PersistentVolumeClaim", home["persistentVolumeClaim"]["claimName"], full.namespace)
    assert claim is not None
    assert claim["spec"]["resources"]["requests"]["storage"] == "123Mi"
    assert claim["metadata"]["labels"]["example.org/kind"] == "home"
    writable = "writable"  # the folders of the read-only root that may be written to
    assert volumes.keys() == {"scratch", "files", home["name"], writable}
    mounts = {mount["mountPath"]: mount["name"] for mount in pod["spec"]["containers"][0]["volumeMounts"]}
    asked = {"/home/jovyan": home["name"], "/scratch": "scratch", "/etc/greeting.json": "files"}
    assert mounts == asked | dict.fromkeys(("/tmp", "/var/tmp", "/run"), writable)
    assert kernel.run("open('/scratch/x', 'w').write('1'); print(open('/scratch/x').read())").strip() == "1"


def test_labels(full: Release, pod: dict[str, Any]) -> None:
    labels = pod["metadata"]["labels"]
    wanted = {
        "app": "jupyterhub",
        "component": "singleuser-server",
        "release": full.name,
        "hub.jupyter.org/username": "pat",
        "hub.jupyter.org/servername": "",
        "hub.jupyter.org/network-access-hub": "true",
        "example.org/team": "science",
        "app.kubernetes.io/name": "jupyterhub",
        "app.kubernetes.io/instance": full.name,
        "app.kubernetes.io/component": "singleuser-server",
        "app.kubernetes.io/managed-by": "kubespawner",
    }
    assert {key: labels.get(key) for key in wanted} == wanted


def test_environment_and_files(kernel: Kernel) -> None:
    assert kernel.run("import os; print(os.environ['FROM_VALUES'])").strip() == "user"
    assert kernel.run("import json; print(json.load(open('/etc/greeting.json'))['hello'])").strip() == "world"


def test_a_users_pod_has_no_key_to_kubernetes(kernel: Kernel) -> None:
    folder = "/var/run/secrets/kubernetes.io"
    assert kernel.run(f"import os; print(os.path.exists({folder!r}))").strip() == "False"


def test_a_profile_brings_its_resources(full: Release, full_hub: Hub) -> None:
    full_hub.spawn("lara", {"profile": "large"})
    (container,) = full.user_pod("lara")["spec"]["containers"]
    assert container["resources"]["requests"] == {"cpu": "50m", "memory": str(192 * MEBI)}
    assert container["resources"]["limits"] == {"cpu": "1250m", "memory": str(448 * MEBI)}
    full_hub.stop("lara")


def test_a_memory_hog_is_killed_and_its_neighbour_lives(full: Release, full_hub: Hub) -> None:
    hog = full_hub.spawn("hog").kernel()
    neighbour = full_hub.spawn("neighbour").kernel()
    neighbour.run("kept = 41")
    pod = full.user_pod("neighbour")["metadata"]["uid"]
    with pytest.raises(AssertionError, match="kernel of hog"):
        hog.run("taken = b'x' * (2 * 1024**3)")
    assert _killed_for_memory(full, full_hub), f"{full.user_pod('hog')['status']}"
    assert neighbour.run("print(kept + 1)").strip() == "42"
    assert full.user_pod("neighbour")["metadata"]["uid"] == pod
    full_hub.stop("hog")
    full_hub.stop("neighbour")


def _killed_for_memory(full: Release, full_hub: Hub) -> bool:
    """Tell whether the kernel's OOM killer was at work in the hog's container.

    With cgroup v2 it ends the whole container, and Kubernetes says so; with v1 only the process, and the cgroup counts.
    """
    (status,) = full.user_pod("hog")["status"]["containerStatuses"]
    ended = [state.get("terminated", {}).get("reason") for state in (status["state"], status.get("lastState", {}))]
    if "OOMKilled" in ended:
        return True
    counters = ("/sys/fs/cgroup/memory/memory.oom_control", "/sys/fs/cgroup/memory.events")
    read = f"import os\nfor f in {counters}:\n  if os.path.exists(f): print(open(f).read())"
    lines = [line.split() for line in full_hub.server("hog").kernel().run(read).splitlines()]
    return any(int(line[1]) > 0 for line in lines if line[:1] == ["oom_kill"])
