"""Make the cluster's certificate authorities, certificates and kubeconfigs with the `openssl` command.

Python 3.13 verifies strictly, so each authority states its key usage, and each certificate carries subject and
authority key identifiers. Names and groups follow Kubernetes' "PKI certificates and requirements".
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path

from ci.cluster.embedded.settings import Settings
from ci.progress import run

DAYS = "3650"
OPENSSL_TIMEOUT = 30.0
_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Leaf:
    """A certificate to make: its file name, subject, who uses it, and the authority that signs it."""

    name: str
    common_name: str
    organization: str = ""
    server_names: tuple[str, ...] = ()
    """`DNS:...` and `IP:...` entries; with any, the certificate is good for a server, else for a client."""
    authority: str = "ca"


def make_certificates(settings: Settings) -> None:
    """Make everything below `settings.certificates`, and the administrator's kubeconfig."""
    folder = settings.certificates
    folder.mkdir(parents=True, mode=0o700)
    _authority(folder, "ca", "jupyterhub-chart-ca")
    _authority(folder, "front-proxy-ca", "jupyterhub-chart-front-proxy-ca")
    for leaf in _leaves(settings):
        _leaf(folder, leaf)
    _service_account_keys(folder)
    for name in ("controller-manager", "scheduler", "kubelet", "kube-proxy", "cilium"):
        _kubeconfig(settings, name, folder / f"{name}.kubeconfig")
    _kubeconfig(settings, "admin", settings.kubeconfig)


def _leaves(settings: Settings) -> tuple[Leaf, ...]:
    services = ("kubernetes", "kubernetes.default", "kubernetes.default.svc")
    names = ("localhost", *services, f"kubernetes.default.svc.{settings.cluster_domain}")
    addresses = ("127.0.0.1", settings.node_address, settings.bridge_address, settings.api_service)
    api_names = (*(f"DNS:{name}" for name in names), *(f"IP:{address}" for address in addresses))
    node_names = (f"DNS:{settings.name}", f"IP:{settings.node_address}", "IP:127.0.0.1")
    return (
        Leaf("apiserver", "kube-apiserver", server_names=api_names),
        Leaf("kubelet-server", f"system:node:{settings.name}", "system:nodes", server_names=node_names),
        Leaf("apiserver-kubelet-client", "kube-apiserver-kubelet-client", "system:masters"),
        Leaf("front-proxy-client", "front-proxy-client", authority="front-proxy-ca"),
        Leaf("admin", "kubernetes-admin", "system:masters"),
        Leaf("controller-manager", "system:kube-controller-manager"),
        Leaf("scheduler", "system:kube-scheduler"),
        Leaf("kubelet", f"system:node:{settings.name}", "system:nodes"),
        Leaf("kube-proxy", "system:kube-proxy"),
        # An administrator's: which custom resources the agent writes is its own affair.
        Leaf("cilium", "cilium", "system:masters"),
    )


def _authority(folder: Path, name: str, common_name: str) -> None:
    extensions = (
        "basicConstraints=critical,CA:TRUE",
        "keyUsage=critical,keyCertSign,cRLSign",
        "subjectKeyIdentifier=hash",
    )
    _openssl_request(folder, name, f"/CN={common_name}", extensions, ())


def _leaf(folder: Path, leaf: Leaf) -> None:
    extensions = (
        "basicConstraints=critical,CA:FALSE",
        "keyUsage=critical,digitalSignature",
        f"extendedKeyUsage={'serverAuth' if leaf.server_names else 'clientAuth'}",
        "subjectKeyIdentifier=hash",
        "authorityKeyIdentifier=keyid",
        *((f"subjectAltName={','.join(leaf.server_names)}",) if leaf.server_names else ()),
    )
    subject = (f"/O={leaf.organization}" if leaf.organization else "") + f"/CN={leaf.common_name}"
    signer = ("-CA", str(folder / f"{leaf.authority}.crt"), "-CAkey", str(folder / f"{leaf.authority}.key"))
    _openssl_request(folder, leaf.name, subject, extensions, signer)


def _openssl_request(
    folder: Path, name: str, subject: str, extensions: tuple[str, ...], signer: tuple[str, ...]
) -> None:
    # A configuration of our own: the distribution's adds extensions that would then be there twice.
    config = folder / "openssl.cnf"
    lines = ("[req]", "distinguished_name=dn", "x509_extensions=ext", "prompt=no", "[dn]", "[ext]", *extensions, "")
    config.write_text("\n".join(lines), encoding="utf-8")
    files = ("-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.crt"))
    request = ("openssl", "req", "-x509", "-config", str(config), "-subj", subject, "-days", DAYS)
    run([*request, *_KEY, *signer, *files], timeout=OPENSSL_TIMEOUT)
    (folder / f"{name}.key").chmod(0o600)


def _service_account_keys(folder: Path) -> None:
    key = folder / "service-account.key"
    generate = ("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", str(key))
    run(generate, timeout=OPENSSL_TIMEOUT)
    key.chmod(0o600)
    public = ("openssl", "pkey", "-in", str(key), "-pubout", "-out", str(folder / "service-account.pub"))
    run(public, timeout=OPENSSL_TIMEOUT)


def _kubeconfig(settings: Settings, name: str, target: Path) -> None:
    """Write a kubeconfig with everything inside, as JSON, which is YAML too."""

    def inline(file: str) -> str:
        return base64.b64encode((settings.certificates / file).read_bytes()).decode("ascii")

    cluster = {"server": settings.api_url, "certificate-authority-data": inline("ca.crt")}
    user = {"client-certificate-data": inline(f"{name}.crt"), "client-key-data": inline(f"{name}.key")}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": settings.name, "cluster": cluster}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": settings.name, "context": {"cluster": settings.name, "user": name}}],
        "current-context": settings.name,
    }
    target.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    target.chmod(0o600)
