"""Internal TLS in the manifests: who mounts which certificates, and what goes by https then."""

from __future__ import annotations

from typing import Any

import pytest

from tests.render.chart import Rendered, merged, render

pytestmark = pytest.mark.render

ON = {"internalTls": {"enabled": True}}
PLACE = "/etc/jupyterhub/internal-tls"


def spec(rendered: Rendered, name: str) -> dict[str, Any]:
    found: dict[str, Any] = rendered.get("Deployment", name)["spec"]["template"]["spec"]
    return found


def job_args(rendered: Rendered) -> list[str]:
    job: dict[str, Any] = rendered.get("Job", "hub-credentials")["spec"]["template"]["spec"]
    return list(job["containers"][0]["args"])


def mounted(rendered: Rendered, name: str) -> set[str]:
    """Return the Secrets that a Deployment's first container mounts with certificates."""
    pod = spec(rendered, name)
    volumes = {each["name"]: each.get("secret", {}).get("secretName", "") for each in pod.get("volumes", ())}
    mounts = pod["containers"][0].get("volumeMounts", ())
    return {volumes[each["name"]] for each in mounts if each["mountPath"] == PLACE}


@pytest.mark.parametrize("prefix", ["", "lab"])
def test_hub_and_proxy_mount_certificates_of_their_own(prefix: str) -> None:
    rendered = render(merged(ON, {"fullnameOverride": prefix}))
    begin = f"{prefix}-" if prefix else ""
    assert mounted(rendered, f"{begin}hub") == {f"{begin}hub-internal-tls"}
    assert mounted(rendered, f"{begin}proxy") == {f"{begin}proxy-internal-tls"}
    args = spec(rendered, f"{begin}proxy")["containers"][0]["args"]
    assert f"--default-target=https://{begin}hub:8081" in args
    assert f"--error-target=https://{begin}hub:8081/hub/error" in args


def test_each_side_of_the_proxy_has_a_pair_and_asks_for_one() -> None:
    args = spec(render(ON), "proxy")["containers"][0]["args"]
    for side in ("api", "client"):
        assert f"--{side}-ssl-key={PLACE}/proxy-{side}.key" in args
        assert f"--{side}-ssl-cert={PLACE}/proxy-{side}.crt" in args
        assert f"--{side}-ssl-ca={PLACE}/proxy-{side}-trust.crt" in args
        assert {f"--{side}-ssl-request-cert", f"--{side}-ssl-reject-unauthorized"} <= set(args)


def test_the_kubelet_needs_no_certificate() -> None:
    container = spec(render(ON), "hub")["containers"][0]
    for probe in (container["livenessProbe"], container["readinessProbe"]):
        assert probe["tcpSocket"] == {"port": "http"}
        assert "httpGet" not in probe


def test_the_job_makes_them_with_rights_on_these_secrets_only() -> None:
    rendered = render(ON)
    assert job_args(rendered)[-4:] == ["--internal-tls", "hub-internal-tls", "proxy-internal-tls", "proxy-api"]
    rules = rendered.get("Role", "hub-credentials")["rules"]
    named = [rule for rule in rules if "resourceNames" in rule]
    assert [rule["resourceNames"] for rule in named] == [["hub-credentials", "hub-internal-tls", "proxy-internal-tls"]]


def test_nothing_of_it_is_there_without(default: Rendered) -> None:
    assert mounted(default, "hub") == mounted(default, "proxy") == set()
    assert "--internal-tls" not in job_args(default)
