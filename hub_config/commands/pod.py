"""The pod and the volume claim that KubeSpawner would make for a user, without a hub and without a cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from traitlets.config import Config

from hub_config.base import ConfigurationError
from hub_config.compose import configure
from hub_config.facts import Facts
from hub_config.pod_security.hardening import Hardening, hardened
from hub_config.profile_access import NotOfferedError, OfferedProfiles
from hub_config.values import Values

MADE_AT_START = "(made at each start)"


@dataclass(frozen=True)
class Visitor:
    """Who starts which server, and what was chosen: the profile's slug, and its options by name."""

    name: str
    groups: tuple[str, ...] = ()
    server: str = ""
    profile: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    admin: bool = False

    @property
    def user_options(self) -> dict[str, str]:
        """What JupyterHub hands to KubeSpawner (KubeSpawner `load_user_options`)."""
        return ({"profile": self.profile} if self.profile else {}) | dict(self.options)


@dataclass(frozen=True)
class Objects:
    """Kubernetes objects as the API gets them; `claim` is None where KubeSpawner makes none."""

    pod: dict[str, Any]
    claim: dict[str, Any] | None


def objects(values: Values, facts: Facts, visitor: Visitor) -> Objects:
    """Return what KubeSpawner makes for `visitor`.

    Raises `ConfigurationError` when KubeSpawner is not installed or the visitor's choices do not exist. Code in
    `hub.extraConfig` is not run.
    """
    try:
        import kubespawner.spawner as library  # noqa: PLC0415 - optional
        from kubernetes_asyncio import client  # noqa: PLC0415 - comes with it

        # Not by a statement: beside the chart's folder `jupyterhub/`, tools take that for the package.
        orm = import_module("jupyterhub.orm")
    except ImportError:
        raise ConfigurationError(
            "this needs KubeSpawner, as in the hub's image: pip install jupyterhub jupyterhub-kubespawner"
        ) from None

    async def make() -> Objects:
        # In the order of a start: what groups get, then what was chosen (JupyterHub `User.spawn`).
        kind = type("ExplainedSpawner", (OfferedProfiles, library.KubeSpawner), {})
        spawner = _spawner(kind, orm, values, facts, visitor)
        await spawner.apply_group_overrides()
        try:
            await spawner.load_user_options()
        except NotOfferedError as error:
            raise ConfigurationError(str(error)) from None
        pod = await spawner.get_pod_manifest()
        claim = spawner.get_pvc_manifest() if spawner.storage_pvc_ensure else None
        async with client.ApiClient() as api:
            sanitize = api.sanitize_for_serialization
            how = _hardening(spawner)
            return Objects(hardened(sanitize(pod), how), None if claim is None else sanitize(claim))

    with _without_cluster(library):
        return asyncio.run(make())


def is_admin(config: Config, visitor: Visitor) -> bool:
    """Tell whether `config` makes the visitor an administrator, by any authenticator's `admin_users` or groups."""
    classes = [traits for traits in config.values() if isinstance(traits, dict)]
    users = {name for traits in classes for name in traits.get("admin_users", ())}
    groups = {name for traits in classes for name in traits.get("admin_groups", ())}
    return visitor.name in users or not groups.isdisjoint(visitor.groups)


def _hardening(spawner: Any) -> Hardening:
    """Return how the hub's spawner will harden the pod; a profile or group may have set its traits on this one."""
    ours = {**spawner.config.SecuredKubeSpawner, **vars(spawner)}
    return Hardening(
        level=ours["security_level"],
        read_only_root=ours["read_only_root"],
        writable_paths=tuple(ours["writable_paths"]),
        home=ours["home_mount_path"],
    )


def _spawner(kind: Any, orm: Any, values: Values, facts: Facts, visitor: Visitor) -> Any:
    config = configure(values, facts)
    base = f"{values.hub.base_url.rstrip('/')}/"
    escaped = quote(visitor.name, safe="@~")
    url = f"{base}user/{escaped}/"
    server_url = f"{url}{quote(visitor.server)}/" if visitor.server else url
    user = SimpleNamespace(
        name=visitor.name,
        id=1,
        url=url,
        escaped_name=escaped,
        admin=visitor.admin or is_admin(config, visitor),
        groups=[SimpleNamespace(name=group) for group in visitor.groups],
    )
    hub = SimpleNamespace(
        public_host="",
        url=f"{facts.hub_url}{base}hub/",
        base_url=f"{base}hub/",
        api_url=f"{facts.hub_url}{base}hub/api",
    )
    server = orm.Server(proto=facts.scheme, ip="", port=8888, base_url=server_url, cookie_name="")
    config = configure(values, facts)
    spawner = kind(
        _mock=True,
        user=user,
        hub=hub,
        config=config,
        admin_access=bool(config.JupyterHub.get("admin_access", False)),
        user_options=visitor.user_options,
        orm_spawner=SimpleNamespace(name=visitor.server, server=server, user_options=visitor.user_options),
        internal_ssl=values.internal_tls.enabled,
    )
    spawner.api_token = MADE_AT_START
    # Escaped otherwise than in addresses (JupyterHub `User.spawn`).
    spawner.oauth_client_id = "-".join(["jupyterhub-user", quote(visitor.name), *filter(None, [quote(visitor.server)])])
    return spawner


@contextmanager
def _without_cluster(library: Any) -> Iterator[None]:
    """Keep KubeSpawner from looking for a cluster's address."""
    original = library.load_config
    library.load_config = lambda **_: None
    try:
        yield
    finally:
        library.load_config = original
