"""What cannot work ends soon, with one message; nothing half-installed stays, and an earlier release serves on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from ci.progress import run
from tests.harness.access import Access
from tests.harness.release import InstallError, Release
from tests.harness.state import assert_inventory, inventory, pods

pytestmark = pytest.mark.cluster

QUICK = 40.0
"""Seconds within which the preflight job finds out, its start included."""
PULL_SECONDS = 90.0
DEADLINE = 20
"""`preflight.timeoutSeconds` where the job cannot start at all."""
NOWHERE = {"name": "registry.invalid/no/such/image", "tag": "1"}
IMAGE_TIMEOUT = {"preflight": {"timeoutSeconds": DEADLINE}}
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


@pytest.fixture(scope="module")
def empty(new_release: Callable[[str], Release]) -> Release:
    """A namespace with no release: what fails here must leave it as it was."""
    return new_release("refuses")


def refused(release: Release, values: dict[str, Any], *, within: float, says: tuple[str, ...]) -> str:
    """Install `values`, which must fail and leave the namespace as it was; return what the person saw."""
    before = inventory(release.kube, release.namespace)
    serving = pods(release)
    with pytest.raises(InstallError) as caught:
        release.install(values)
    output = caught.value.output
    print(f"after {caught.value.seconds:.0f} s the person reads:\n{output}")
    assert [words for words in says if words not in output] == [], output
    assert "Traceback" not in output
    assert caught.value.seconds <= within, f"{caught.value.seconds:.0f} s: {output}"
    assert_inventory(release, before)
    assert pods(release) == serving
    if serving:
        assert httpx.get(f"{release.url()}/hub/health", timeout=10).status_code == httpx.codes.OK
    return output


def assert_event(release: Release, words: str) -> None:
    """Assert that the namespace's events, which outlast the job that could not start, say why."""
    said = [str(event.get("message")) for event in release.kube.list("Event", release.namespace)]
    assert [each for each in said if words in each], said


UNKNOWN_AUTHENTICATOR = {"hub": {"config": {"JupyterHub": {"authenticator_class": "githbu"}}}}


@pytest.mark.parametrize("which", ["empty", "default"])
def test_unknown_authenticator(which: str, request: pytest.FixtureRequest) -> None:
    says = ("hub.config.JupyterHub.authenticator_class", "githbu", "Did you mean github?")
    refused(request.getfixturevalue(which), UNKNOWN_AUTHENTICATOR, within=QUICK, says=says)


def test_user_image_that_cannot_be_pulled(default: Release) -> None:
    (node,) = default.kube.list("Node")
    says = (f"node {node['metadata']['name']} cannot pull registry.invalid/no/such/image:1",)
    refused(default, {"singleuser": {"image": NOWHERE}}, within=PULL_SECONDS, says=says)


def test_hub_image_that_cannot_be_pulled(empty: Release) -> None:
    values = {"hub": {"image": NOWHERE}, **IMAGE_TIMEOUT}
    refused(empty, values, within=DEADLINE + QUICK, says=(f"Job/{empty.namespace}/hub-preflight",))
    assert_event(empty, "registry.invalid/no/such/image:1")


def test_privileges_in_a_restricted_namespace(default: Release) -> None:
    values = {"hub": {"containerSecurityContext": {"allowPrivilegeEscalation": True, "runAsUser": 0}}}
    says = (default.namespace, "does not admit the pod hub", "allowPrivilegeEscalation")
    refused(default, values, within=QUICK, says=says)


def test_user_privileges_in_a_restricted_namespace(empty: Release) -> None:
    values = {"singleuser": {"allowPrivilegeEscalation": True}}
    says = (empty.namespace, "does not admit", "user", "allowPrivilegeEscalation")
    refused(empty, values, within=QUICK, says=says)


def test_quota_that_allows_no_pods(new_release: Callable[[str], Release]) -> None:
    release = new_release("quota")
    metadata = {"name": "no-pods", "namespace": release.namespace}
    spec = {"hard": {"pods": "0"}}
    release.kube.create({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": spec})
    says = (f"Job/{release.namespace}/hub-preflight",)
    refused(release, dict(IMAGE_TIMEOUT), within=DEADLINE + QUICK, says=says)
    assert_event(release, "exceeded quota: no-pods")


@pytest.mark.alone
def test_no_default_storage_class(empty: Release) -> None:
    with _no_default_storage_class(empty.access):
        says = ("hub.db.pvc.storageClassName", "singleuser.storage.dynamic.storageClass", "no default StorageClass")
        # Some value, because Helm takes those of the failed install before when there is none.
        refused(empty, {"cull": {"enabled": True}}, within=QUICK, says=says)


@contextmanager
def _no_default_storage_class(access: Access) -> Iterator[None]:
    """Take the cluster's default storage class its title away for a moment."""
    found = [each["metadata"] for each in access.kube.list("StorageClass")]
    names = [each["name"] for each in found if each.get("annotations", {}).get(DEFAULT_CLASS) == "true"]
    try:
        for name in names:
            access.kube.patch("StorageClass", name, {"metadata": {"annotations": {DEFAULT_CLASS: "false"}}})
        yield
    finally:
        for name in names:
            access.kube.patch("StorageClass", name, {"metadata": {"annotations": {DEFAULT_CLASS: "true"}}})


@pytest.fixture(scope="module")
def old_image(access: Access) -> dict[str, str]:
    """A hub image that says it is of an older version than the chart."""
    hub = access.images["hub"]
    reference = f"{hub}-older"
    file = "/opt/hub/lib/python3*/site-packages/hub_config/__init__.py"
    change = f"sed -i 's/^__version__ = .*/__version__ = \"0.0.1\"/' {file}"
    dockerfile = f"FROM {hub}\nUSER root\nRUN {change}\nUSER 1000\n"
    run(["docker", "build", "--tag", reference, "-"], timeout=120, stdin=dockerfile)
    access.cluster.load_images([reference])
    name, _, tag = reference.rpartition(":")
    return {"name": name, "tag": tag}


def test_hub_image_older_than_the_chart(default: Release, old_image: dict[str, str]) -> None:
    says = ("hub.image", "0.0.1", "The image is behind")
    refused(default, {"hub": {"image": old_image}}, within=QUICK, says=says)


def test_node_port_of_another_service(default: Release, empty: Release) -> None:
    taken = int(default.url().rpartition(":")[2])
    values = {"proxy": {"service": {"type": "NodePort", "nodePorts": {"http": taken}}}}
    says = ("proxy-public", str(taken), "already allocated")
    refused(empty, values, within=QUICK, says=says)
