"""`hub-config homes`: whose claims there are, and which of them outlived their users. Runs in the hub's pod."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter
from typing import Any

from hub_config.base import ConfigurationError

HELP = "the users' homes in the cluster, and which of them nobody uses any more (in the hub's pod)"
DESCRIPTION = """\
List the claims that are users' homes: whose each is, its size, and whether a pod uses it now, its user or server was
deleted, or it is one of several of the same owner. Nothing is changed. It asks Kubernetes with the hub's account, so it
runs in the hub's pod.

exit codes:
  0  listed
  1  Kubernetes cannot be asked from here
  2  the command line itself is wrong"""
EPILOG = """\
examples:
  kubectl exec deploy/hub -- hub-config homes
  kubectl exec deploy/hub -- hub-config homes --retained
  kubectl exec deploy/hub -- hub-config homes --format json"""
SELECTOR = "component=singleuser-storage"
_COLUMNS = ("claim", "user", "server", "size", "made", "state")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "homes",
        help=HELP,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--retained", action="store_true", help="only homes whose user, or server, was deleted")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="for people, or for programs")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the homes, and return the exit code."""
    try:
        found = homes(*asyncio.run(_claims_and_pods()))
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1
    if options.retained:
        found = [home for home in found if home["retainedSince"]]
    print(json.dumps(found, indent=2) if options.format == "json" else "\n".join(_table(found)))
    return 0


async def _claims_and_pods() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Ask Kubernetes for the claims that are homes and for the users' pods."""
    try:
        # Only here: the other commands work where neither these packages nor a cluster are.
        from kubernetes_asyncio import client, config  # noqa: PLC0415

        from hub_config.runtime.api import REQUEST_TIMEOUT, connection, own_namespace  # noqa: PLC0415
        from hub_config.runtime.claims import ClaimRefusedError, Claims  # noqa: PLC0415
    except ImportError:
        raise ConfigurationError("this runs in the hub's pod: kubectl exec deploy/hub -- hub-config homes") from None
    try:
        async with connection() as api:
            core = client.CoreV1Api(api)
            claims = await Claims(core, own_namespace(), REQUEST_TIMEOUT).matching(SELECTOR)
            listed = await core.list_namespaced_pod(
                own_namespace(), label_selector="component=singleuser-server", _request_timeout=REQUEST_TIMEOUT
            )
            return claims, [api.sanitize_for_serialization(pod) for pod in listed.items]
    except config.ConfigException:
        raise ConfigurationError("this runs in the hub's pod: kubectl exec deploy/hub -- hub-config homes") from None
    except (OSError, TimeoutError, ClaimRefusedError, client.ApiException) as error:
        raise ConfigurationError(f"Kubernetes' API does not answer: {type(error).__name__}: {error}") from None


def homes(claims: list[dict[str, Any]], pods: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a row for each claim, by user, server and name."""
    from hub_config.runtime.ownership import NOT_HOME_OF, RETAINED, owner_of  # noqa: PLC0415 - as above

    users = {
        volume["persistentVolumeClaim"]["claimName"]: pod["metadata"]["name"]
        for pod in pods
        for volume in pod["spec"].get("volumes", [])
        if "persistentVolumeClaim" in volume
    }
    rows = []
    for claim in claims:
        owner, metadata = owner_of(claim), claim["metadata"]
        annotations = metadata.get("annotations") or {}
        rows.append(
            {
                "claim": metadata["name"],
                "user": owner.user if owner else None,
                "server": owner.server if owner else "",
                "size": claim["spec"]["resources"]["requests"]["storage"],
                "made": str(metadata.get("creationTimestamp", ""))[:10],
                "pod": users.get(metadata["name"]),
                "retainedSince": annotations.get(RETAINED),
                "notHomeOf": annotations.get(NOT_HOME_OF),
            }
        )
    several = Counter((row["user"], row["server"]) for row in rows if row["user"] is not None)
    for row in rows:
        row["oneOf"] = several.get((row["user"], row["server"]), 1)
    return sorted(rows, key=lambda row: (row["user"] or "", row["server"], row["claim"]))


def _table(rows: list[dict[str, Any]]) -> list[str]:
    """Return lines with columns as wide as they must be."""
    lines = [[column.upper() for column in _COLUMNS]]
    lines += [[str(row.get(column) or "-") for column in _COLUMNS[:-1]] + [_state(row)] for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_COLUMNS))]
    return ["  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def _state(row: dict[str, Any]) -> str:
    words = [f"used by the pod {row['pod']}"] if row["pod"] else []
    words += [f"kept since {row['retainedSince'][:10]}: its user or server was deleted"] if row["retainedSince"] else []
    words += [f"one of {row['oneOf']} of this owner"] if row["oneOf"] > 1 else []
    words += [f"not the home of {row['notHomeOf']}"] if row["notHomeOf"] else []
    words += [] if row["user"] is not None else ["shared by all, or made by hand and not used yet"]
    return "; ".join(words) or "waits for its user"
