"""Kubernetes-shaped values, checked to the leaf against the API's own definitions.

`definitions.json` beside this file holds, for each type named here and all that they refer to, the definition in
Kubernetes' published OpenAPI document, closed (`additionalProperties: false`) and without descriptions. It is made by
`make kubernetes-definitions` from the pinned Kubernetes release.

A value is a plain dict: `Annotated[dict, Kubernetes("Toleration")]`. The same definition checks it in Python and, by
`$ref`, in `values.schema.json`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from referencing import Registry
from referencing.jsonschema import DRAFT7

if TYPE_CHECKING:
    from jsonschema import Draft7Validator
    from jsonschema.exceptions import ValidationError

ROOTS = (
    "Affinity",
    "Capabilities",
    "Container",
    "EnvVar",
    "HTTPIngressPath",
    "HostAlias",
    "IngressTLS",
    "LabelSelector",
    "Lifecycle",
    "LimitRangeSpec",
    "LocalObjectReference",
    "NetworkPolicyEgressRule",
    "NetworkPolicyIngressRule",
    "NodeSelectorTerm",
    "PodAffinityTerm",
    "PodSecurityContext",
    "PodSpec",
    "PreferredSchedulingTerm",
    "Probe",
    "ResourceQuotaSpec",
    "ResourceRequirements",
    "SecurityContext",
    "ServicePort",
    "Toleration",
    "TopologySpreadConstraint",
    "Volume",
    "VolumeMount",
    "WeightedPodAffinityTerm",
)
"""The types that values may have, by the last part of their name in Kubernetes' OpenAPI document."""

MARK = "x-kubernetes-type"
QUANTITY = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$"
"""A text that is an amount (Kubernetes `resource.Quantity`)."""
PORT_NAME = r"^[a-z0-9-]*[a-z][a-z0-9-]*$"
"""A text that is a port: its name, which has a letter (Kubernetes `IsValidPortName`)."""
RESOURCE_NAME = r"^(cpu|memory|storage|ephemeral-storage|hugepages-.+|.+/.+)$"
"""A resource that a container may ask for: one of Kubernetes' own, or one with a domain before it."""


def _choices(*values: str) -> dict[str, Any]:
    return {"enum": list(values)}


_PROTOCOLS = _choices("TCP", "UDP", "SCTP")
_PORT = {"type": ["string", "integer"], "pattern": PORT_NAME}
_CHOICES: dict[str, dict[str, Any]] = {
    "Container.imagePullPolicy": _choices("", "Always", "IfNotPresent", "Never"),
    "Container.terminationMessagePolicy": _choices("File", "FallbackToLogsOnError"),
    "ContainerPort.protocol": _PROTOCOLS,
    "EmptyDirVolumeSource.medium": {"pattern": "^(|Memory|HugePages.*)$"},
    "HTTPGetAction.port": _PORT,
    "HTTPIngressPath.pathType": _choices("Exact", "ImplementationSpecific", "Prefix"),
    "HostPathVolumeSource.type": _choices(
        "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"
    ),
    "LabelSelectorRequirement.operator": _choices("DoesNotExist", "Exists", "In", "NotIn"),
    "NetworkPolicyPort.port": _PORT,
    "NetworkPolicyPort.protocol": _PROTOCOLS,
    "NodeSelectorRequirement.operator": _choices("DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn"),
    "PodSecurityContext.fsGroupChangePolicy": _choices("Always", "OnRootMismatch"),
    "PodSpec.dnsPolicy": _choices("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
    "PodSpec.preemptionPolicy": _choices("Never", "PreemptLowerPriority"),
    "PodSpec.restartPolicy": _choices("Always", "Never", "OnFailure"),
    "ResourceRequirements.limits": {"propertyNames": {"pattern": RESOURCE_NAME}},
    "ResourceRequirements.requests": {"propertyNames": {"pattern": RESOURCE_NAME}},
    "SeccompProfile.type": _choices("Localhost", "RuntimeDefault", "Unconfined"),
    "ServicePort.protocol": _PROTOCOLS,
    "ServicePort.targetPort": _PORT,
    "TCPSocketAction.port": _PORT,
    "Toleration.effect": _choices("", "NoExecute", "NoSchedule", "PreferNoSchedule"),
    "Toleration.operator": _choices("", "Equal", "Exists", "Gt", "Lt"),
    "TopologySpreadConstraint.whenUnsatisfiable": _choices("DoNotSchedule", "ScheduleAnyway"),
    "VolumeMount.mountPropagation": _choices("Bidirectional", "HostToContainer", "None"),
}
"""Values that Kubernetes' validation takes, which its OpenAPI document does not list: type and key to a schema."""


@cache
def definitions() -> dict[str, Any]:
    """Return the vendored definitions: short name (such as `Toleration`) to a draft-07 schema."""
    loaded: dict[str, Any] = json.loads(files(__package__).joinpath("definitions.json").read_text(encoding="utf-8"))
    return loaded


_SLOW = "rfc3987_syntax"


@cache
def _jsonschema() -> Any:
    """Import jsonschema, without its check of the format `iri`, which compiles a grammar for a second.

    No definition here has a format, and hub and commands start the sooner.
    """
    known = _SLOW in sys.modules
    if not known:
        sys.modules[_SLOW] = None  # type: ignore[assignment]
    try:
        import jsonschema  # noqa: PLC0415 - see above
    finally:
        if not known:
            del sys.modules[_SLOW]
    return jsonschema


@cache
def _validator(kind: str, partial: bool) -> Draft7Validator:
    document = {"definitions": definitions()}
    registry: Registry[Any] = Registry().with_resource("k8s:", DRAFT7.create_resource(document))
    validator: Draft7Validator = _jsonschema().Draft7Validator(
        reference(kind, partial=partial, base="k8s:"), registry=registry
    )
    return validator


def reference(kind: str, *, partial: bool, base: str = "") -> dict[str, Any]:
    """Return the schema that refers to `kind`; `partial` lets required keys be absent (the chart supplies the rest)."""
    if not partial:
        return {"$ref": f"{base}#/definitions/{kind}"}
    properties = definitions()[kind]["properties"]
    refer = {name: {"$ref": f"{base}#/definitions/{kind}/properties/{name}"} for name in properties}
    return {"type": "object", "properties": refer, "additionalProperties": False}


@dataclass(frozen=True)
class Kubernetes:
    """Mark a dict as the Kubernetes type `kind`; with `partial`, as some of its keys."""

    kind: str
    partial: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        # A mark, not a `$ref`: pydantic resolves those itself. `generate.py` puts `reference` in its place.
        return {MARK: {"kind": self.kind, "partial": self.partial}}

    def _check(self, value: Any) -> Any:
        error = _jsonschema().exceptions.best_match(_validator(self.kind, self.partial).iter_errors(value))
        if error is not None:
            reason = {"reason": explain(self.kind, error), "kind": self.kind, "partial": self.partial}
            raise PydanticCustomError("kubernetes", "{reason}", reason)
        return value


def mistakes(kind: str, partial: bool, value: Any) -> list[ValidationError]:
    """Return everything that is wrong with a value of type `kind`, in the order of the value."""
    found = sorted(_validator(kind, partial).iter_errors(value), key=lambda error: [str(at) for at in error.path])
    # What is of the wrong type is none of the choices either: once is enough.
    mistyped = [list(error.path) for error in found if error.validator == "type"]
    return [error for error in found if error.validator == "type" or list(error.path) not in mistyped]


def explain(kind: str, error: ValidationError) -> str:
    """Say in one line what is wrong with a value of type `kind`, and where inside it."""
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    return f"not a Kubernetes {kind}: {kind}{where}: {error.message}"


def closure(document: dict[str, Any], roots: tuple[str, ...] = ROOTS) -> dict[str, Any]:
    """Cut from an OpenAPI `document` (its `definitions`) what `roots` need: closed, short names, no descriptions."""
    by_short: dict[str, list[str]] = {}
    for long in document:
        by_short.setdefault(long.rsplit(".", 1)[-1], []).append(long)
    pending = [_preferred(by_short[root]) for root in roots]
    found: dict[str, Any] = {}
    while pending:
        long = pending.pop()
        short = long.rsplit(".", 1)[-1]
        if short not in found:
            found[short] = _closed(short, document[long])
            pending.extend(_references(document[long]))
    return dict(sorted(found.items()))


def _preferred(candidates: list[str]) -> str:
    """Choose core/v1 or another stable version of a type that several API groups define."""
    return min(candidates, key=lambda name: (".core.v1." not in name, ".v1." not in name, name))


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(target := schema.get("$ref"), str):
            yield target.removeprefix("#/definitions/")
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _closed(short: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Close one definition; Quantity and IntOrString, which the API serves as strings, also take numbers."""
    if short == "Quantity":
        return {"type": ["string", "number"], "pattern": QUANTITY}
    if short == "IntOrString":
        return {"type": ["string", "integer"]}
    if "properties" not in schema:
        return {key: value for key, value in schema.items() if key in {"type", "format"} and value != "int-or-string"}
    properties = {name: _property(f"{short}.{name}", value) for name, value in schema["properties"].items()}
    closed: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if "required" in schema:
        closed["required"] = schema["required"]
    return closed


def _property(key: str, schema: Any) -> Any:
    """Return a property's schema, narrowed to its choices; a choice with a type stands for the whole."""
    choices = _CHOICES.get(key, {})
    return choices if "type" in choices else _stripped(schema) | choices


def _stripped(schema: Any) -> Any:
    """Drop descriptions and vendor extensions from a property's schema, and shorten its references."""
    if isinstance(schema, list):
        return [_stripped(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(target := schema.get("$ref"), str):
        return {"$ref": "#/definitions/" + target.rsplit(".", 1)[-1]}
    return {
        key: _stripped(value)
        for key, value in schema.items()
        if key not in {"description", "format", "default"} and not key.startswith("x-")
    }


KubeMap = dict[str, Any]
EnvVar = Annotated[KubeMap, Kubernetes("EnvVar")]
EnvVarPart = Annotated[KubeMap, Kubernetes("EnvVar", partial=True)]
AccessMode = Literal["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]
Toleration = Annotated[KubeMap, Kubernetes("Toleration")]
Affinity = Annotated[KubeMap, Kubernetes("Affinity")]
Container = Annotated[KubeMap, Kubernetes("Container")]
ContainerPort = Annotated[KubeMap, Kubernetes("ContainerPort")]
ContainerPart = Annotated[KubeMap, Kubernetes("Container", partial=True)]
Volume = Annotated[KubeMap, Kubernetes("Volume")]
VolumeSource = Annotated[KubeMap, Kubernetes("Volume", partial=True)]
VolumeMount = Annotated[KubeMap, Kubernetes("VolumeMount")]
Lifecycle = Annotated[KubeMap, Kubernetes("Lifecycle", partial=True)]
SecurityContext = Annotated[KubeMap, Kubernetes("SecurityContext")]
SELinuxOptions = Annotated[KubeMap, Kubernetes("SELinuxOptions")]
AppArmorProfile = Annotated[KubeMap, Kubernetes("AppArmorProfile", partial=True)]
SeccompProfile = Annotated[KubeMap, Kubernetes("SeccompProfile", partial=True)]
PodSecurityContext = Annotated[KubeMap, Kubernetes("PodSecurityContext")]
PodSpecPart = Annotated[KubeMap, Kubernetes("PodSpec", partial=True)]
ResourceRequirements = Annotated[KubeMap, Kubernetes("ResourceRequirements")]
LabelSelector = Annotated[KubeMap, Kubernetes("LabelSelector")]
NodeSelectorTerm = Annotated[KubeMap, Kubernetes("NodeSelectorTerm")]
PreferredSchedulingTerm = Annotated[KubeMap, Kubernetes("PreferredSchedulingTerm")]
PodAffinityTerm = Annotated[KubeMap, Kubernetes("PodAffinityTerm")]
WeightedPodAffinityTerm = Annotated[KubeMap, Kubernetes("WeightedPodAffinityTerm")]
NetworkPolicyIngressRule = Annotated[KubeMap, Kubernetes("NetworkPolicyIngressRule")]
NetworkPolicyEgressRule = Annotated[KubeMap, Kubernetes("NetworkPolicyEgressRule")]
ServicePort = Annotated[KubeMap, Kubernetes("ServicePort")]
LocalObjectReference = Annotated[KubeMap, Kubernetes("LocalObjectReference")]
IngressTLS = Annotated[KubeMap, Kubernetes("IngressTLS")]
HTTPIngressPath = Annotated[KubeMap, Kubernetes("HTTPIngressPath")]
ResourceQuotaSpec = Annotated[KubeMap, Kubernetes("ResourceQuotaSpec", partial=True)]
LimitRangeSpec = Annotated[KubeMap, Kubernetes("LimitRangeSpec", partial=True)]
