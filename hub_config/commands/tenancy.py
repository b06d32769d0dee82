"""Rules over quotas, limit ranges and budgets: each must hold at least one server of every kind that users may choose.

The same rules are in `jupyterhub/templates/validate/_tenants.tpl` and `_servers.tpl`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hub_config.commands.broken import Broken
from hub_config.quantity import quantity, shown, to_bytes
from hub_config.values import Values

_OVERRIDES = {
    "cpu_guarantee": ("requests", "cpu"),
    "cpu_limit": ("limits", "cpu"),
    "mem_guarantee": ("requests", "memory"),
    "mem_limit": ("limits", "memory"),
}
_EXTRA = {"extra_resource_guarantees": "requests", "extra_resource_limits": "limits"}
_BOTH = ("cpu", "memory", "ephemeral-storage")
Amounts = dict[str, dict[str, float]]
"""`requests` and `limits`, each resource name to cores, bytes or a count."""


@dataclass(frozen=True)
class Needed:
    """What a pod asks for: whose it is, for people; the key that says so; its amounts."""

    who: str
    key: str
    amounts: Amounts


def servers(values: Values) -> list[Needed]:
    """Return every kind of server that users may choose: the default one, or each profile with each of its choices."""
    user = values.singleuser
    plain: Amounts = {"requests": {}, "limits": {}}
    _override(
        plain,
        {
            "cpu_guarantee": user.cpu.guarantee,
            "cpu_limit": user.cpu.limit,
            "mem_guarantee": user.memory.guarantee,
            "mem_limit": user.memory.limit,
            "extra_resource_guarantees": user.extra_resource.guarantees,
            "extra_resource_limits": user.extra_resource.limits,
        },
    )
    if not user.profile_list:
        return [Needed("a server", "singleuser", plain)]
    found = []
    for profile in user.profile_list:
        own = _overridden(plain, profile.kubespawner_override)
        found.append(Needed(f"a server of the profile {profile.display_name}", "singleuser.profileList", own))
        for option in profile.profile_options.values():
            for choice in option.choices.values():
                who = f"a server of the profile {profile.display_name} with {choice.display_name}"
                amounts = _overridden(own, choice.kubespawner_override)
                found.append(Needed(who, "singleuser.profileList", amounts))
    return found


def _overridden(amounts: Amounts, override: Mapping[str, Any]) -> Amounts:
    copied = {kind: dict(each) for kind, each in amounts.items()}
    _override(copied, override)
    return copied


def _override(amounts: Amounts, override: Mapping[str, Any]) -> None:
    """Set what KubeSpawner's traits say; 0 and null unset; what is no amount is left to other checks."""
    for trait, (kind, resource) in _OVERRIDES.items():
        if trait in override:
            size = _amount(resource, override[trait])
            amounts[kind].pop(resource, None)
            if size:
                amounts[kind][resource] = size
    for trait, kind in _EXTRA.items():
        extra = override.get(trait)
        for name, size in extra.items() if isinstance(extra, Mapping) else ():
            amounts[kind][name] = _amount(name, size)


def _amount(resource: str, size: Any) -> float:
    try:
        return to_bytes(size) if resource == "memory" else quantity(size)
    except (ValueError, TypeError):
        return 0.0


def core(values: Values) -> list[Needed]:
    """Return what the chart's own pods ask for, beside the users': those that run, and the largest of the hooks'."""
    puller = values.pre_puller
    parts: dict[str, Mapping[str, Any]] = {
        "hub.resources": values.hub.resources,
        "proxy.chp.resources": values.proxy.chp.resources,
        "preflight.resources": values.preflight.resources,
    }
    if puller.hook.enabled or puller.continuous.enabled:
        parts["prePuller.resources"] = puller.resources
    found = []
    for key, resources in parts.items():
        amounts = {
            kind: {name: quantity(size) for name, size in resources.get(kind, {}).items()}
            for kind in ("requests", "limits")
        }
        found.append(Needed(key, key, amounts))
    return found


def quotas(values: Values) -> Iterator[Broken]:
    """Yield what is too small or unsaid for a quota, in the release's namespace and in that of the users."""
    users = values.singleuser.namespace
    if not users.is_separate:
        yield from _quota(values, "quota", values.limit_range, core(values), servers(values))
        yield from _ranges("limitRange", values.limit_range, [*core(values), *servers(values)])
        return
    yield from _quota(values, "quota", values.limit_range, core(values), [])
    yield from _ranges("limitRange", values.limit_range, core(values))
    yield from _quota(values, "singleuser.namespace.quota", users.limit_range, [], servers(values))
    yield from _ranges("singleuser.namespace.limitRange", users.limit_range, servers(values))


def _quota(
    values: Values, key: str, limits: Mapping[str, Any], own: list[Needed], users: list[Needed]
) -> Iterator[Broken]:
    quota = values.quota if key == "quota" else values.singleuser.namespace.quota
    if quota.get("scopes") or quota.get("scopeSelector"):
        return  # It counts some pods only: which, is known in the cluster.
    home = values.singleuser.storage
    for name, most in quota.get("hard", {}).items():
        where, room = f"{key}.hard", quantity(most)
        kind, resource = _counted(name)
        if kind:
            needs = [(each, _effective(each.amounts, kind, resource, limits)) for each in [*own, *users]]
            unsaid = [each.key for each, amount in needs if amount is None and resource in _BOTH]
            if unsaid:
                keys = " and ".join(dict.fromkeys(unsaid))
                yield Broken(where, f"{name}: {_unsaid_text(keys, kind, resource, key)}", tuple(dict.fromkeys(unsaid)))
                continue
            base = sum(amount or 0.0 for each, amount in needs if each in own)
            largest = max(((amount or 0.0, each.who) for each, amount in needs if each in users), default=(0.0, ""))
            if base + largest[0] > room:
                yield Broken(
                    where, f"{name}: {_small_text(resource, most, base, *largest)}", (users[0].key,) if users else ()
                )
        elif users and home.type == "dynamic":
            need = {"persistentvolumeclaims": 1.0, "requests.storage": quantity(home.capacity)}.get(
                name.removeprefix("count/"), 0.0
            )
            if need > room:
                text = _small_text(name, most, 0.0, need, "a user's home")
                yield Broken(where, f"{name}: {text}", ("singleuser.storage.capacity",))
        if name in ("pods", "count/pods") and len(own) + 1 > room:
            text = f"{name}: {most} does not hold the pods of the chart and one user's: write {len(own) + 1} or more"
            yield Broken(where, text)


def _counted(name: str) -> tuple[str, str]:
    """Return what a quota's name counts: (`requests` or `limits`, the resource); empty texts when it is neither."""
    if name in _BOTH:
        return "requests", name
    kind, _, resource = name.partition(".")
    return (kind, resource) if kind in ("requests", "limits") and resource != "storage" else ("", "")


def _effective(amounts: Amounts, kind: str, resource: str, limits: Mapping[str, Any]) -> float | None:
    """Return what Kubernetes will count for a container, the limit range's defaults included; None when it is unsaid.

    A request that is unsaid is the limit (Kubernetes "Resource Management for Pods"); a default limit that is unsaid is
    the maximum, a default request the default limit (Kubernetes "Limit Ranges").
    """
    said = amounts[kind].get(resource)
    if said is None and kind == "requests":
        said = amounts["limits"].get(resource)
    if said is not None:
        return said
    order = ("defaultRequest", "default", "max") if kind == "requests" else ("default", "max")
    for item in limits.get("limits", []):
        for part in order if item["type"] == "Container" else ():
            if resource in item.get(part, {}):
                return quantity(item[part][resource])
    return None


def _unsaid_text(keys: str, kind: str, resource: str, key: str) -> str:
    ranged = "singleuser.namespace.limitRange" if key.startswith("singleuser") else "limitRange"
    return (
        f"Kubernetes then refuses every pod that does not say its {kind}.{resource}, and {keys} does not: say it "
        f"there, or write {ranged}: {{limits: [{{type: Container, default: {{{resource}: ...}}}}]}}"
    )


def _small_text(resource: str, most: Any, base: float, need: float, who: str) -> str:
    beside = f" beside the {shown(resource, base)} of hub, proxy and hooks" if base else ""
    what = f"{who} ({shown(resource, need)}){beside}" if who else f"hub, proxy and hooks ({shown(resource, base)})"
    return f"{most} does not hold {what}: write {shown(resource, base + need)} or more, or make that smaller"


def _ranges(key: str, limits: Mapping[str, Any], pods: list[Needed]) -> Iterator[Broken]:
    """Yield what asks for more, or less, than a limit range allows."""
    for item in limits.get("limits", []):
        bounds = ("max", "min") if item["type"] in ("Container", "Pod") else ()
        for bound, resource in [(each, name) for each in bounds for name in item.get(each, {})]:
            edge = item[bound][resource]
            for who, asked, word in _beyond(pods, resource, bound, quantity(edge)):
                text = (
                    f"{bound}.{resource} of {item['type']}: the {word} of {who.who}, {shown(resource, asked)}, is "
                    f"{'above' if bound == 'max' else 'below'} {edge}: Kubernetes would refuse it; change one of them"
                )
                yield Broken(f"{key}.limits", text, (who.key,))


def _beyond(pods: list[Needed], resource: str, bound: str, edge: float) -> Iterator[tuple[Needed, float, str]]:
    """Yield (whose, amount, what it is called) of each amount that is above, or below, an edge."""
    for each in pods:
        for kind, word in (("requests", "guarantee or request"), ("limits", "limit")):
            asked = each.amounts[kind].get(resource)
            if asked is not None and (asked > edge if bound == "max" else asked < edge):
                yield each, asked, word


def budgets(values: Values) -> Iterator[Broken]:
    """Yield budgets that no server fits into, or that count what no server says."""
    if values.singleuser.group_overrides:
        return  # What a member's server takes, is known when the groups are.
    kinds = servers(values)
    for name, budget in values.budgets.items():
        for resource, most in budget.limits().items():
            key = {"servers": "servers", "cpu": "cpu", "memory": "memory"}.get(resource, "extraResources")
            needs = [1.0] if resource == "servers" else [_taken(each.amounts, resource) for each in kinds]
            if most and not any(needs):
                text = f"counts {resource}, of which no server has a guarantee or limit: write one in singleuser"
                yield Broken(f"budgets.{name}.{key}", text)
            elif min(needs) > most > 0:
                text = (
                    f"the smallest server takes {shown(resource, min(needs))}, more than {shown(resource, most)}: "
                    f"write {shown(resource, min(needs))} or more"
                )
                yield Broken(f"budgets.{name}.{key}", text)


def _taken(amounts: Amounts, resource: str) -> float:
    return amounts["requests"].get(resource) or amounts["limits"].get(resource) or 0.0
