"""The control plane: etcd, API server, controller manager and scheduler, as processes of this machine."""

from __future__ import annotations

from ci.cluster.embedded.build import folder
from ci.cluster.embedded.pins import ETCD, Kubernetes
from ci.cluster.embedded.processes import Service
from ci.cluster.embedded.settings import Settings


def _flags(**values: str | int) -> tuple[str, ...]:
    """Return `--some-name=value` for each `some_name=value`."""
    return tuple(f"--{name.replace('_', '-')}={value}" for name, value in values.items())


def etcd(settings: Settings) -> Service:
    """The API server's database. It never syncs to disk: its data ends with the cluster."""
    client = f"http://127.0.0.1:{settings.ports.etcd}"
    peer = f"http://127.0.0.1:{settings.ports.etcd_peer}"
    flags = _flags(
        name="node",
        data_dir=str(settings.state / "etcd"),
        listen_client_urls=client,
        advertise_client_urls=client,
        listen_peer_urls=peer,
        initial_advertise_peer_urls=peer,
        initial_cluster=f"node={peer}",
        log_level="warn",
    )
    return Service("etcd", (str(folder(ETCD) / "etcd"), *flags, "--unsafe-no-fsync"))


def api_server(settings: Settings, kubernetes: Kubernetes) -> Service:
    """The API server, at 127.0.0.1 and at the node's address. Pod Security admission is on by default."""
    pki = settings.certificates
    flags = _flags(
        advertise_address=settings.node_address,
        secure_port=settings.ports.api_server,
        etcd_servers=f"http://127.0.0.1:{settings.ports.etcd}",
        service_cluster_ip_range=settings.service_range,
        authorization_mode="Node,RBAC",
        enable_admission_plugins="NodeRestriction",
        allow_privileged="true",
        profiling="false",
        client_ca_file=f"{pki}/ca.crt",
        tls_cert_file=f"{pki}/apiserver.crt",
        tls_private_key_file=f"{pki}/apiserver.key",
        service_account_issuer=f"https://kubernetes.default.svc.{settings.cluster_domain}",
        service_account_key_file=f"{pki}/service-account.pub",
        service_account_signing_key_file=f"{pki}/service-account.key",
        # Otherwise `kubectl logs` looks the node's name up in the machine's DNS.
        kubelet_preferred_address_types="InternalIP",
        kubelet_certificate_authority=f"{pki}/ca.crt",
        kubelet_client_certificate=f"{pki}/apiserver-kubelet-client.crt",
        kubelet_client_key=f"{pki}/apiserver-kubelet-client.key",
        proxy_client_cert_file=f"{pki}/front-proxy-client.crt",
        proxy_client_key_file=f"{pki}/front-proxy-client.key",
        requestheader_client_ca_file=f"{pki}/front-proxy-ca.crt",
        requestheader_allowed_names="front-proxy-client",
        requestheader_extra_headers_prefix="X-Remote-Extra-",
        requestheader_group_headers="X-Remote-Group",
        requestheader_username_headers="X-Remote-User",
    )
    return Service("kube-apiserver", (str(folder(kubernetes.bundle) / "kube-apiserver"), *flags))


def controller_manager(settings: Settings, kubernetes: Kubernetes) -> Service:
    """The controllers. They elect no leader: there is one of each, and an election would delay the start."""
    pki = settings.certificates
    flags = _flags(
        **_kubeconfigs(settings, "controller-manager"),
        bind_address="127.0.0.1",
        secure_port=settings.ports.controller_manager,
        leader_elect="false",
        # The node's range is all of the pods': Cilium waits until the node has one.
        allocate_node_cidrs="true",
        cluster_cidr=settings.pod_range,
        node_cidr_mask_size=settings.pod_range.partition("/")[2],
        # Each controller asks for a token of its own first: by the default limit of 20 a second that takes seconds.
        kube_api_qps=200,
        kube_api_burst=400,
        use_service_account_credentials="true",
        service_account_private_key_file=f"{pki}/service-account.key",
        root_ca_file=f"{pki}/ca.crt",
        cluster_signing_cert_file=f"{pki}/ca.crt",
        cluster_signing_key_file=f"{pki}/ca.key",
    )
    binary = folder(kubernetes.bundle) / "kube-controller-manager"
    return Service("kube-controller-manager", (str(binary), *flags))


def scheduler(settings: Settings, kubernetes: Kubernetes) -> Service:
    """The scheduler."""
    flags = _flags(
        **_kubeconfigs(settings, "scheduler"),
        bind_address="127.0.0.1",
        secure_port=settings.ports.scheduler,
        leader_elect="false",
    )
    return Service("kube-scheduler", (str(folder(kubernetes.bundle) / "kube-scheduler"), *flags))


def _kubeconfigs(settings: Settings, name: str) -> dict[str, str]:
    path = str(settings.certificates / f"{name}.kubeconfig")
    return {"kubeconfig": path, "authentication_kubeconfig": path, "authorization_kubeconfig": path}
