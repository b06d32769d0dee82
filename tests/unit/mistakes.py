"""Value files with one typical mistake each: the file, the key that must be named, a part of what must be said."""

from __future__ import annotations

from textwrap import dedent

Mistake = tuple[str, str, str]


def _file(text: str) -> str:
    return dedent(text).lstrip("\n")


KEYS: list[Mistake] = [
    ("singleuser: {memmory: {limit: 2G}}", "singleuser.memmory", "did you mean memory?"),
    ("singlueser: {uid: 1000}", "singlueser", "did you mean singleuser?"),
    ("hub: {allowNamedServer: true}", "hub.allowNamedServer", "did you mean allowNamedServers?"),
    ("hub: {base_url: /}", "hub.base_url", "did you mean baseUrl?"),
    ("hub: {baseURL: /}", "hub.baseURL", "did you mean baseUrl?"),
    ("singleuser: {default_url: /lab}", "singleuser.default_url", "did you mean defaultUrl?"),
    ("singleuser: {image: {tags: a}}", "singleuser.image.tags", "did you mean tag?"),
    ("singleuser: {image: {repository: a}}", "singleuser.image.repository", "did you mean name?"),
    ("singleuser: {storage: {capcity: 1Gi}}", "singleuser.storage.capcity", "did you mean capacity?"),
    ("singleuser: {storage: {size: 1Gi}}", "singleuser.storage.size", "did you mean capacity?"),
    ("singleuser: {memory: {request: 1G}}", "singleuser.memory.request", "did you mean guarantee?"),
    ("singleuser: {extraEnvs: {A: b}}", "singleuser.extraEnvs", "did you mean extraEnv?"),
    ("singleuser: {env: {A: b}}", "singleuser.env", "did you mean extraEnv?"),
    ("cull: {timeOut: 3600}", "cull.timeOut", "did you mean timeout?"),
    ("culling: {timeout: 3600}", "culling", "did you mean cull?"),
    ("proxy: {service: {nodePort: {http: 30080}}}", "proxy.service.nodePort", "did you mean nodePorts?"),
    ("ingress: {host: [a.example.org]}", "ingress.host", "did you mean hosts?"),
    ("ingress: {className: nginx}", "ingress.className", "did you mean ingressClassName?"),
    ("hub: {db: {pvc: {storageClass: fast}}}", "hub.db.pvc.storageClass", "did you mean storageClassName?"),
    ("prepuller: {hook: {enabled: false}}", "prepuller", "did you mean prePuller?"),
    ("debug: {enable: true}", "debug.enable", "did you mean enabled?"),
]

LEVELS: list[Mistake] = [
    ("cookieSecret: abc", "cookieSecret", "did you mean hub.cookieSecret?"),
    ("extraConfig: {a: b = 1}", "extraConfig", "did you mean hub.extraConfig?"),
    ("hub: {cull: {timeout: 5}}", "hub.cull", "did you mean cull?"),
    ("hub: {storage: {capacity: 1Gi}}", "hub.storage", "did you mean singleuser.storage?"),
    ("profileList: []", "profileList", "did you mean singleuser.profileList?"),
    ("singleuser: {capacity: 5Gi}", "singleuser.capacity", "did you mean singleuser.storage.capacity?"),
    (
        "singleuser: {storageClass: a}",
        "singleuser.storageClass",
        "did you mean singleuser.storage.dynamic.storageClass?",
    ),
    (
        "singleuser: {storage: {pvcName: a}}",
        "singleuser.storage.pvcName",
        "did you mean singleuser.storage.static.pvcName?",
    ),
    ("hub: {config: {loadRolez: {}}}", "hub.config.loadRolez", "If you meant hub.loadRolez, move it one level up"),
    (
        "hub: {config: {admin_users: [a]}}",
        "hub.config.admin_users",
        "did you mean hub.config.Authenticator.admin_users?",
    ),
    ("hub: {config: {c.JupyterHub: {}}}", 'hub.config["c.JupyterHub"]', "did you mean hub.config.JupyterHub?"),
    ("proxy: {image: {name: a, tag: b}}", "proxy.image", "did you mean proxy.chp.image?"),
    ("hub: {authenticator_class: github}", "hub.authenticator_class", "hub.config.JupyterHub.authenticator_class?"),
    ("singleuser: {mem_limit: 2G}", "singleuser.mem_limit", "did you mean singleuser.memory.limit?"),
    ("singleuser: {memoryLimit: 2G}", "singleuser.memoryLimit", "did you mean singleuser.memory.limit?"),
    ("singleuser: {limit: 2G}", "singleuser.limit", "did you mean singleuser.memory.limit?"),
    ("Authenticator: {admin_users: [a]}", "Authenticator", "did you mean hub.config.Authenticator?"),
    ("jupyterhub: {hub: {}}", "jupyterhub", "check it with --key jupyterhub"),
    ("proxy: {type: NodePort}", "proxy.type", "unknown key"),
]

TYPES: list[Mistake] = [
    ("singleuser: {memory: 2G}", "singleuser.memory", 'write a map (limit, guarantee), not "2G"'),
    ("hub: {concurrentSpawnLimit: '64'}", "hub.concurrentSpawnLimit", "did you mean 64?"),
    ("hub: {allowNamedServers: 'yes'}", "hub.allowNamedServers", "did you mean true?"),
    ("cull: {timeout: 1h}", "cull.timeout", "did you mean 3600?"),
    ("cull: {timeout: 0}", "cull.timeout", "write 1 or more, not 0"),
    ("cull: {enabled: null}", "cull.enabled", "may not be null"),
    ("hub: null", "hub", "may not be null: leave it out to have the default"),
    ("singleuser: {storage: }", "singleuser.storage", "may not be null"),
    ("imagePullSecrets: regcred", "imagePullSecrets", "did you mean [regcred]?"),
    ("imagePullSecrets: [{nam: regcred}]", "imagePullSecrets[0].nam", "did you mean name?"),
    ("singleuser: {cpu: 2}", "singleuser.cpu", "did you mean {limit: 2}?"),
    ("debug: true", "debug", "did you mean {enabled: true}?"),
    ("singleuser: {image: {name: a, tag: 1.20}}", "singleuser.image.tag", 'did you mean "1.20"?'),
    ("singleuser: {image: {name: a, tag: on}}", "singleuser.image.tag", "YAML reads on as true"),
    ("singleuser: {image: a:b}", "singleuser.image", "write a map (name, tag, pullPolicy, pullSecrets)"),
    ("hub: {labels: {version: 3}}", "hub.labels.version", 'did you mean "3"?'),
    ("hub: {labels: {tier: null}}", "hub.labels.tier", "may not be null"),
    ("singleuser: {extraEnv: {DEBUG: 1}}", "singleuser.extraEnv.DEBUG", "write a text or a map"),
    ("singleuser: {extraEnv: {DEBUG: yes}}", "singleuser.extraEnv.DEBUG", "write a text or a map"),
    ("singleuser: {cpu: {limit: 500m}}", "singleuser.cpu.limit", "did you mean 0.5?"),
    ("singleuser: {memory: {limit: 1Gi}}", "singleuser.memory.limit", "did you mean 1G?"),
    ("singleuser: {memory: {limit: 512MB}}", "singleuser.memory.limit", "did you mean 512M?"),
    ("singleuser: {storage: {capacity: 10 GB}}", "singleuser.storage.capacity", "did you mean 10G?"),
    ("singleuser: {storage: {homeMountPath: home/ada}}", "singleuser.storage.homeMountPath", "did you mean /home/ada?"),
    ("hub: {baseUrl: jupyter}", "hub.baseUrl", "did you mean /jupyter?"),
    ("singleuser: {uid: -1}", "singleuser.uid", "write 0 or more, not -1"),
    ("hub: {config: {JupyterHub: on}}", "hub.config.JupyterHub", "write a map"),
    ("hub: {extraConfig: 'c.JupyterHub.x = 1'}", "hub.extraConfig", "write a map"),
    ("hub: {db: {url: 5, type: other}}", "hub.db.url", "write a text"),
    ("hub: {livenessProbe: {periodSeconds: 0}}", "hub.livenessProbe.periodSeconds", "write 1 or more"),
    ("hub: {livenessProbe: {httpGet: {path: /}}}", "hub.livenessProbe.httpGet", "unknown key"),
    ("proxy: {chp: {readinessProbe: false}}", "proxy.chp.readinessProbe", "write a map"),
]

CHOICES: list[Mistake] = [
    ("singleuser: {storage: {type: dinamic}}", "singleuser.storage.type", "did you mean dynamic?"),
    ("hub: {db: {type: postgresql}}", "hub.db.type", "did you mean postgres?"),
    ("proxy: {service: {type: loadbalancer}}", "proxy.service.type", "did you mean LoadBalancer?"),
    ("hub: {image: {pullPolicy: always}}", "hub.image.pullPolicy", "did you mean Always?"),
    ("ingress: {pathType: prefix}", "ingress.pathType", "did you mean Prefix?"),
    (
        "scheduling: {userPods: {nodeAffinity: {matchNodePurpose: required}}}",
        "scheduling.userPods.nodeAffinity.matchNodePurpose",
        "did you mean require?",
    ),
]

KUBERNETES: list[Mistake] = [
    ("hub: {tolerations: [{effect: noschedule}]}", "hub.tolerations[0].effect", "did you mean NoSchedule?"),
    ("hub: {resources: {limits: {memory: 1GB}}}", "hub.resources.limits.memory", "did you mean 1G?"),
    ("hub: {resources: {limits: {mem: 1Gi}}}", "hub.resources.limits.mem", "did you mean memory?"),
    (
        "singleuser: {extraEnv: {A: {valueFrom: {secretKeyRef: {nam: a, key: b}}}}}",
        "singleuser.extraEnv.A.valueFrom.secretKeyRef.nam",
        "did you mean name?",
    ),
    (
        "singleuser: {storage: {extraVolumeMounts: [{name: a, mountpath: /b}]}}",
        "singleuser.storage.extraVolumeMounts[0].mountpath",
        "did you mean mountPath?",
    ),
    ("hub: {tolerations: [{kee: x}]}", "hub.tolerations[0].kee", "did you mean key?"),
    ("singleuser: {extraTolerations: [{key: 5}]}", "singleuser.extraTolerations[0].key", 'did you mean "5"?'),
    ("hub: {tolerations: {key: a}}", "hub.tolerations", "write a list, not a map"),
    ("hub: {resources: {request: {cpu: 1}}}", "hub.resources.request", "did you mean requests?"),
    ("hub: {resources: {cpu: 1}}", "hub.resources.cpu", "unknown key of a Kubernetes ResourceRequirements"),
    ("hub: {extraContainers: [{image: a}]}", "hub.extraContainers[0].name", "a Kubernetes Container needs it"),
    (
        "singleuser: {storage: {extraVolumes: [{name: a, emptydir: {}}]}}",
        "singleuser.storage.extraVolumes[0].emptydir",
        "did you mean emptyDir?",
    ),
    (
        "singleuser: {storage: {extraVolumeMounts: [{name: a, mountPath: /b, path: /c}]}}",
        "singleuser.storage.extraVolumeMounts[0].path",
        "unknown key of a Kubernetes VolumeMount",
    ),
    (
        "hub: {containerSecurityContext: {runAsUser: '0'}}",
        "hub.containerSecurityContext.runAsUser",
        "write a whole number",
    ),
    ("ingress: {tls: [{host: a}]}", "ingress.tls[0].host", "did you mean hosts?"),
    (
        "hub: {extraPodSpec: {nodeselector: {a: b}}}",
        "hub.extraPodSpec.nodeselector",
        "unknown key of a Kubernetes PodSpec; did you mean nodeSelector?",
    ),
    (
        "singleuser: {networkPolicy: {egress: [{ports: [{port: 80, proto: TCP}]}]}}",
        "singleuser.networkPolicy.egress[0].ports[0].proto",
        "did you mean protocol?",
    ),
]

TOGETHER: list[Mistake] = [
    ("singleuser: {memory: {guarantee: 4G, limit: 2G}}", "singleuser.memory", "guarantee 4G is above limit 2G"),
    ("singleuser: {memory: {limit: 512M}}", "singleuser.memory", "guarantee 1G is above limit 512M"),
    ("singleuser: {cpu: {limit: 0.5, guarantee: 1}}", "singleuser.cpu", "raise limit or lower guarantee"),
    ("singleuser: {storage: {type: static}}", "singleuser.storage", "pvcName"),
    ("singleuser: {storage: {static: {pvcName: homes}}}", "singleuser.storage", "write type: static"),
    (
        "singleuser: {storage: {type: none, dynamic: {storageClass: fast}}}",
        "singleuser.storage",
        "dynamic is set, but type is none",
    ),
    ("singleuser: {storage: {type: nfs}}", "singleuser.storage", "nfs.server"),
    ("singleuser: {storage: {hostPath: {path: /srv}}}", "singleuser.storage", "write type: hostPath"),
    (
        "singleuser: {storage: {groupShares: {course: {volume: {emptyDir: {}}, mountPath: /a}}}}",
        "singleuser.storage",
        "write groups in readOnly or readWrite",
    ),
    ("hub: {db: {type: postgres}}", "hub.db", "url"),
    ("hub: {db: {password: secret}}", "hub.db", "type sqlite-pvc takes no"),
    ("hub: {db: {type: sqlite-memory, backup: {enabled: true}}}", "hub.db", "type sqlite-memory is not backed up"),
    (
        "singleuser: {cloudMetadata: {blockWithIptables: true}, networkPolicy: {enabled: false}}",
        "singleuser.cloudMetadata.blockWithIptables",
        "no privileged container",
    ),
    ("proxy: {https: {enabled: true}}", "proxy.https.enabled", "not in this chart yet"),
    ("httpRoute: {enabled: true}", "httpRoute.enabled", "not in this chart yet"),
    ("imagePullSecret: {create: true, username: a}", "imagePullSecret.create", "imagePullSecret.password"),
    ("hub: {pdb: {enabled: true, maxUnavailable: 1}}", "hub.pdb", "write null for the other"),
    ("hub: {existingSecret: hub}", "hub.existingSecret", "give yours another name"),
    ("fullnameOverride: My_Hub", "fullnameOverride", "lower-case letters"),
    ("networkPolicy: {required: true, enabled: false}", "networkPolicy.required", "needs networkPolicy.enabled: true"),
    (
        "networkPolicy: {required: true}\npreflight: {enabled: false}",
        "networkPolicy.required",
        "needs preflight.enabled: true",
    ),
    ("networkPolicy: {kubernetesApi: {ports: []}}", "networkPolicy.kubernetesApi.ports", "such as 6443"),
    (
        "proxy: {service: {type: ClusterIP, loadBalancerIP: 10.0.0.1}}",
        "proxy.service.loadBalancerIP",
        "proxy.service.type: LoadBalancer",
    ),
    ("hub: {extraFiles: {a: {mountPath: /a}}}", "hub.extraFiles.a", "exactly one of data, stringData and binaryData"),
    ("hub: {extraFiles: {a: {stringData: b}}}", "hub.extraFiles.a.mountPath", "is missing"),
]


def _profile(override: str) -> str:
    return f"singleuser: {{profileList: [{{display_name: a, kubespawner_override: {{{override}}}}}]}}"


_OVERRIDE = "singleuser.profileList[0].kubespawner_override"
OVERRIDES: list[Mistake] = [
    (_profile("memory_limit: 2G"), f"{_OVERRIDE}.memory_limit", "did you mean mem_limit?"),
    (_profile("mem_limit: 2Gi"), f"{_OVERRIDE}.mem_limit", "did you mean 2G?"),
    (_profile("nodeSelector: {a: b}"), f"{_OVERRIDE}.nodeSelector", "did you mean node_selector?"),
    (
        "singleuser: {groupOverrides: {a: {groups: [b], spawner_override: {cpu_limits: 1}}}}",
        "singleuser.groupOverrides.a.spawner_override.cpu_limits",
        "did you mean cpu_limit?",
    ),
    ("hub: {services: {a: {apiTokn: b}}}", "hub.services.a.apiTokn", "did you mean apiToken?"),
    ("hub: {loadRoles: {a: {scope: [b]}}}", "hub.loadRoles.a.scope", "did you mean scopes?"),
]
DEEP: list[Mistake] = [
    # What KubeSpawner takes in two spellings is beyond a JSON schema.
    (_profile("tolerations: [{kee: a}]"), f"{_OVERRIDE}.tolerations[0].kee", "did you mean key?"),
    (_profile("environment: {A: 1}"), f"{_OVERRIDE}.environment.A", "write a text, in quotes"),
    (
        "hub: {config: {KubeSpawner: {volumes: [{name: a, emptydir: {}}]}}}",
        "hub.config.KubeSpawner.volumes[0].emptydir",
        "did you mean emptyDir?",
    ),
]

PROFILES: list[Mistake] = [
    ("singleuser: {profileList: {small: {}}}", "singleuser.profileList", "write a list, not a map"),
    (
        "singleuser: {profileList: [{displayName: Small}]}",
        "singleuser.profileList[0].displayName",
        "did you mean display_name?",
    ),
    ("singleuser: {profileList: [{slug: a}]}", "singleuser.profileList[0].display_name", "is missing"),
    (
        "singleuser: {profileList: [{display_name: a, kubespawner_overide: {}}]}",
        "singleuser.profileList[0].kubespawner_overide",
        "did you mean kubespawner_override?",
    ),
    (
        "singleuser: {profileList: [{display_name: a, default: true}, {display_name: b, default: true}]}",
        "singleuser.profileList",
        "one profile may be the default, not a, b",
    ),
    (
        "singleuser: {profileList: [{display_name: a, allowed_group: [staff]}]}",
        "singleuser.profileList[0].allowed_group",
        "did you mean allowed_groups?",
    ),
    (
        "singleuser: {profileList: [{display_name: a, allowed_users: ada}]}",
        "singleuser.profileList[0].allowed_users",
        "write a list, not",
    ),
    (
        "singleuser: {groupOverrides: {a: {groups: [b], spawner_override: {profile_list: []}}}}",
        "singleuser.groupOverrides.a",
        "write allowed_groups at profiles in singleuser.profileList",
    ),
    (
        "singleuser: {profileList: [{display_name: a, profile_options: {x: {choices: {}}}}]}",
        "singleuser.profileList[0].profile_options.x.display_name",
        "is missing",
    ),
]

STRICTER: list[Mistake] = [
    *DEEP,
    # What Helm takes and only a hub or a user would trip over.
    ("singleuser: {extraEnv: {TOKEN: 'a{b'}}", "singleuser.extraEnv.TOKEN", "write {{ and }} for braces themselves"),
    ("hub: {config: {JupyterHub: {services: []}}}", "hub.config.JupyterHub.services", "write services in hub.services"),
    (
        "hub: {config: {JupyterHub: {authenticator_class: gitub}}}",
        "hub.config.JupyterHub.authenticator_class",
        "Did you mean github?",
    ),
    (_file("""
        hub:
          extraConfig:
            a: |
              if x
                pass
        """), "hub.extraConfig.a", "line 1 of this code is no Python: expected ':'"),
    ("cull: {timeout: 5}\ncull: {every: 6}", "cull", "is written twice, first in line 1"),
    ("cull:\n  timeout: 5\n  timeout: 6", "cull.timeout", "is written twice, first in line 2"),
    ("cull: {timeout: 5}\n---\nhub: {}", "", "a second document begins here"),
]  # fmt: skip

YAML: list[Mistake] = [
    ("hub:\n\tbaseUrl: /", "", "a tab in the indentation"),
    ("hub:\n  baseUrl: /\n allowNamedServers: true", "", "indentation"),
    ("- hub", "", "this file is a list: write a map"),
    ("just text", "", "this file is a text: write a map"),
    ("hub: {baseUrl: /", "", "a `{` without its `}`"),
    ("hub: {labels: {a: @b}}", "", "a text may not begin with @"),
    ("hub: {{ .Values.hub }}", "", "Helm renders no templates in value files"),
    ("hub: {baseUrl: *base}", "", "`*` refers to an anchor"),
    ("null: 5", "", "a key is empty or null"),
    ("custom: {a: .inf}", "custom.a", "is no number that Helm takes"),
]

SECURITY: list[Mistake] = [
    (
        "singleuser: {security: {level: restricted}, uid: 0}",
        "singleuser.uid",
        "runAsUser is 0, which singleuser",
    ),
    ("singleuser: {security: {level: strict}}", "singleuser.security.level", "strict"),
    ("singleuser: {security: {writablePaths: [tmp]}}", "singleuser.security.writablePaths[0]", ""),
    ("hub: {subdomainHost: hub.example.org}", "hub.subdomainHost", ""),
    (
        "hub: {config: {JupyterHub: {authenticator_class: dummy}}}\nproxy: {service: {type: LoadBalancer}}",
        "hub.config.JupyterHub.authenticator_class",
        "dummy lets everybody in as anybody, as administrators too, and proxy.service.type leads here",
    ),
    (
        _file("""
            singleuser:
              security: {level: baseline}
              initContainers: [{name: a, image: b, securityContext: {privileged: true}}]
        """),
        "singleuser.initContainers[0]",
        "privileged, which singleuser.security.level: baseline forbids",
    ),
]

MISTAKES = [
    *SECURITY,
    *KEYS,
    *LEVELS,
    *TYPES,
    *CHOICES,
    *KUBERNETES,
    *TOGETHER,
    *PROFILES,
    *OVERRIDES,
    *STRICTER,
    *YAML,
]
