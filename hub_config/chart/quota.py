"""What a namespace may hold: Kubernetes' ResourceQuota and LimitRange."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import AfterValidator

from hub_config.kubernetes import KubeMap, LimitRangeSpec, ResourceQuotaSpec
from hub_config.quantity import quantity

QUOTA_NAMES = (
    "cpu",
    "memory",
    "storage",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "services",
    "services.nodeports",
    "services.loadbalancers",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
)
"""What a quota may count, besides names with a slash (Kubernetes "Resource Quotas")."""
LIMIT_KINDS = ("Container", "Pod", "PersistentVolumeClaim")
"""What a LimitRange may limit (Kubernetes `LimitType`)."""


def _check_quota(quota: KubeMap) -> KubeMap:
    for name, amount in quota.get("hard", {}).items():
        if "/" not in name and name not in QUOTA_NAMES:
            near = get_close_matches(name, QUOTA_NAMES, n=1)
            meant = f"did you mean {near[0]}?" if near else f"a quota counts {', '.join(QUOTA_NAMES)}"
            raise ValueError(f"hard.{name}: Kubernetes counts nothing of this name: {meant}")
        _check_amount(f"hard.{name}", amount)
    return quota


def _check_limits(limits: KubeMap) -> KubeMap:
    for index, item in enumerate(limits.get("limits", [])):
        where = f"limits[{index}]"
        if item["type"] not in LIMIT_KINDS:
            raise ValueError(f"{where}.type: write one of {', '.join(LIMIT_KINDS)}, not {item['type']}")
        for kind in ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio"):
            for name, amount in item.get(kind, {}).items():
                _check_amount(f"{where}.{kind}.{name}", amount)
    return limits


def _check_amount(where: str, amount: Any) -> None:
    try:
        quantity(amount)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error


Quota = Annotated[ResourceQuotaSpec, AfterValidator(_check_quota)]
LimitRange = Annotated[LimitRangeSpec, AfterValidator(_check_limits)]
