"""Rules about who reaches the login, and who gets in."""

from __future__ import annotations

from collections.abc import Iterator

from hub_config.chart.proxy_pod import ProxyService
from hub_config.commands.broken import Broken
from hub_config.values import Values


def open_login(values: Values) -> Iterator[Broken]:
    """Yield a login that lets everybody in where people reach the hub from outside, unless that is allowed."""
    opened, ways = _who_gets_in(values), _ways_in(values)
    if values.hub.allow_open_login or not opened or not ways:
        return
    yield Broken(
        "hub.config.JupyterHub.authenticator_class",
        f"{opened}, and {ways[0]} leads here from outside the cluster: choose another authenticator (shared-password "
        "asks for a password that is made in the cluster), or write hub.allowOpenLogin: true if everybody may come in",
        ("hub.allowOpenLogin", *ways),
    )


def _who_gets_in(values: Values) -> str:
    """Return what lets everybody in, nothing when nothing does."""
    name = str(values.hub.config.get("JupyterHub", {}).get("authenticator_class", ""))
    native = values.hub.config.get("NativeAuthenticator", {})
    if name in ("dummy", "jupyterhub.auth.DummyAuthenticator"):
        return f"{name} lets everybody in as anybody, as administrators too"
    if name in ("tmp", "tmpauthenticator.TmpAuthenticator"):
        return f"{name} lets everybody in without a login"
    is_native = name in ("native", "nativeauthenticator.NativeAuthenticator")
    if is_native and native.get("open_signup"):
        return f"{name} with open_signup lets everybody in who signs up"
    return ""


def _ways_in(values: Values) -> tuple[str, ...]:
    """Return the keys that let people reach the hub from outside the cluster."""
    public = values.proxy.service
    ways = {
        "proxy.service.type": _public_type(public) != "ClusterIP",
        "proxy.service.externalIPs": bool(public.external_ips),
        "hub.service.type": values.hub.service.type != "ClusterIP",
        "ingress.enabled": values.ingress.enabled,
        "httpRoute.enabled": values.http_route.enabled,
    }
    return tuple(key for key, leads in ways.items() if leads)


def _public_type(service: ProxyService) -> str:
    """Return the Service's type: as it is written, else the one that its other values ask for."""
    if service.load_balancer_ip or service.load_balancer_source_ranges:
        return service.type or "LoadBalancer"
    return service.type or ("NodePort" if service.node_ports.http else "ClusterIP")


def subdomains(values: Values) -> Iterator[Broken]:
    """Yield certificates that leave out the names of the users' subdomains."""
    host = values.hub.subdomain_host
    if host is None or not values.ingress.enabled or not values.ingress.tls or not host.startswith("https://"):
        return
    wanted = f"*.{host.removeprefix('https://').partition(':')[0]}"
    if wanted not in (name for each in values.ingress.tls for name in each.get("hosts") or []):
        text = f"has no certificate for the users' subdomains: add {wanted} to the hosts of one of them"
        yield Broken("ingress.tls", text, ("hub.subdomainHost",))
