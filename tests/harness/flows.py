"""The table of flows: who may reach whom at which port, by default and with other values.

`docs/network.md` shows the flows of the default values; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Flow = tuple[str, str, int]
"""From, to, port."""
ALLOWED, DENIED = True, False

_DEFAULT: Mapping[str, Mapping[bool, str]] = {
    "hub": {
        ALLOWED: "proxy:8001 ada:8888 bob:8888 dns:53 api:443 node:16443 internet:443 internet:80 office-10:443",
        DENIED: "proxy:8000 ada:22 puller:80 stranger:80 database:5432 database:3306 internet:22 internet:5432 "
        "metadata:80 metadata-of-ecs:80 metadata-of-azure:80 metadata-of-alibaba:80 office-10:80 office-10:5432 "
        "office-192:80 node:16250",
    },
    "proxy": {
        ALLOWED: "hub:8081 ada:8888 bob:8888 dns:53",
        DENIED: "hub:22 ada:22 stranger:80 database:5432 api:443 internet:443 internet:80 metadata:80 office-10:443 "
        "node:16250",
    },
    "ada": {
        ALLOWED: "hub:8081 proxy:8000 dns:53 internet:443 internet:80 internet:22 office-10:53",
        DENIED: "hub:22 proxy:8001 bob:8888 bob:22 job:80 puller:80 stranger:80 stranger:443 database:5432 "
        "elsewhere:80 api:443 node:16443 node:16250 metadata:80 metadata:443 metadata-of-ecs:80 metadata-of-azure:80 "
        "metadata-of-alibaba:80 office-10:80 office-10:443 office-172:80 office-192:22 shared-space:80",
    },
    "job": {
        ALLOWED: "api:443 node:16443",
        DENIED: "dns:53 hub:8081 proxy:8001 ada:8888 stranger:80 internet:80 metadata:80 office-10:80 node:16250",
    },
    "puller": {
        ALLOWED: "",
        DENIED: "dns:53 api:443 hub:8081 proxy:8000 ada:8888 internet:443 metadata:80 node:16250",
    },
    "stranger": {
        ALLOWED: "proxy:8000",
        DENIED: "hub:8081 proxy:8001 ada:8888 ada:22 job:80 puller:80",
    },
    "labelled": {
        ALLOWED: "hub:8081 proxy:8000 proxy:8001 ada:8888",
        DENIED: "hub:22 ada:22 job:80 puller:80",
    },
    "elsewhere": {
        ALLOWED: "proxy:8000",
        DENIED: "hub:8081 proxy:8001 ada:8888 job:80 puller:80",
    },
}
"""With default values, by who connects. `labelled` and `elsewhere` bear the labels `hub.jupyter.org/network-access-*`;
`elsewhere` and `database` are in another namespace, `stranger` is a pod beside the release without labels."""


def default_flows() -> dict[Flow, bool]:
    """Return what is allowed with default values."""
    return {
        (source, *_target(word)): allowed
        for source, answers in _DEFAULT.items()
        for allowed, words in answers.items()
        for word in words.split()
    }


def _target(word: str) -> tuple[str, int]:
    name, _, port = word.rpartition(":")
    return name, int(port)


def default_table() -> str:
    """Return the default flows as a table in Markdown, a row for each pod that connects."""
    lines = ["| from | gets through to | does not |", "|---|---|---|"]
    for source, answers in _DEFAULT.items():
        cells = (", ".join(answers[allowed].split()) or "nobody" for allowed in (ALLOWED, DENIED))
        lines.append(f"| {source} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Configuration:
    """Values, and the flows that they allow or deny other than the default values do."""

    values: Mapping[str, Any] = field(default_factory=dict)
    allowed: str = ""
    """Such as `hub>database:5432 ada>office-10:80`."""
    denied: str = ""

    def flows(self) -> dict[Flow, bool]:
        """Return the whole table for these values."""
        changes = {
            (source, *_target(target)): answer
            for words, answer in ((self.allowed, ALLOWED), (self.denied, DENIED))
            for source, _, target in (word.partition(">") for word in words.split())
        }
        return {**default_flows(), **changes}


def _policy(pods: str, **keys: Any) -> dict[str, Any]:
    """Return `keys` as the network policy of hub, proxy or singleuser."""
    if pods == "proxy":
        return {"proxy": {"chp": {"networkPolicy": keys}}}
    return {pods: {"networkPolicy": keys}}


CONFIGURATIONS: Mapping[str, Configuration] = {
    "default values": Configuration(),
    "users closed in": Configuration(
        _policy(
            "singleuser",
            egressAllowRules={
                "dnsPortsCloudMetadataServer": False,
                "dnsPortsKubeSystemNamespace": False,
                "dnsPortsPrivateIPs": False,
                "nonPrivateIPs": False,
            },
        ),
        denied="ada>dns:53 ada>internet:443 ada>internet:80 ada>internet:22 ada>office-10:53",
    ),
    "users into the office": Configuration(
        _policy("singleuser", egressAllowRules={"privateIPs": True}),
        allowed="ada>office-10:80 ada>office-10:443 ada>office-172:80 ada>office-192:22 ada>shared-space:80",
    ),
    "users to the metadata server": Configuration(
        _policy("singleuser", egressAllowRules={"cloudMetadataServer": True}),
        allowed="ada>metadata:80 ada>metadata:443",
    ),
    "rules of one's own": Configuration(
        {
            **_policy("hub", egress=[{"to": [{"ipBlock": {"cidr": "10.99.0.0/16"}}], "ports": [{"port": 80}]}]),
            **_policy(
                "singleuser",
                allowedIngressPorts=[22],
                ingress=[
                    {"from": [{"podSelector": {"matchLabels": {"probe": "stranger"}}}], "ports": [{"port": 8888}]}
                ],
            ),
        },
        allowed="hub>office-10:80 stranger>ada:22 labelled>ada:22 stranger>ada:8888",
    ),
    "a database, an identity provider and a service": Configuration(
        {
            "hub": {
                "db": {"type": "postgres", "url": "postgresql://hub@db.example.org/hub"},
                "config": {"GenericOAuthenticator": {"token_url": "http://keycloak.example.org:9000/token"}},
                "services": {"announcement": {"url": "http://announcement:9001"}},
            }
        },
        allowed="hub>database:5432 hub>office-10:5432 hub>internet:5432 hub>stranger:9000 proxy>stranger:9001",
        denied="hub>metadata:5432 hub>metadata:9000 hub>stranger:9001 proxy>stranger:9000 proxy>metadata:9001",
    ),
    "other namespaces by their label": Configuration(
        {
            **_policy("hub", interNamespaceAccessLabels="accept"),
            **_policy("proxy", interNamespaceAccessLabels="accept"),
            **_policy("singleuser", interNamespaceAccessLabels="accept"),
        },
        allowed="elsewhere>hub:8081 elsewhere>proxy:8001 elsewhere>ada:8888",
    ),
    "Kubernetes' API by address": Configuration(
        {"networkPolicy": {"kubernetesApi": {"ports": [443], "cidrs": ["203.0.113.10/32"]}}},
        allowed="job>internet:443",
        denied="hub>office-10:443 hub>node:16443 job>node:16443 ada>internet:443 ada>internet:80 ada>internet:22 "
        "hub>api:443 job>api:443 hub>internet:80",
    ),
}
"""By what they are for."""

UNPROTECTED = Configuration(
    {
        **_policy("hub", enabled=False),
        **_policy("proxy", enabled=False),
        **_policy("singleuser", enabled=False),
        "networkPolicy": {"enabled": False},
    },
    allowed=" ".join(
        f"{source}>{target}:{port}" for each in CONFIGURATIONS.values() for source, target, port in each.flows()
    ),
)
"""Without any policy every flow must get through, else one that is denied says nothing."""
