{{- /*
Checks of the rights of user pods against the Pod Security level that `singleuser.security.level` chooses: the same rules
as in hub_config/pod_security/. Each returns JSON.
*/}}

{{- define "jupyterhub.validate.security" -}}
{{- $problems := list }}
{{- $level := .Values.singleuser.security.level }}
{{- if and $level (ne $level "privileged") }}
{{- range $item := include "jupyterhub.security.said" . | fromJsonArray }}
{{- range $problem := include "jupyterhub.security.forbidden" (dict "kind" $item.kind "part" $item.part "level" $level) | fromJsonArray }}
{{- $baseline := include "jupyterhub.security.forbidden" (dict "kind" $item.kind "part" $item.part "level" "baseline") | fromJsonArray }}
{{- $allowing := has $problem $baseline | ternary "privileged" "baseline" }}
{{- $problems = append $problems (printf "%s: %s, which singleuser.security.level: %s forbids: remove it, or write singleuser.security.level: %s" $item.key $problem $level $allowing) }}
{{- end }}
{{- end }}
{{- end }}
{{- $problems | toJson }}
{{- end }}

{{- /* Every part of the values that says something about the rights of user pods: a list of key, kind and part. */}}
{{- define "jupyterhub.security.said" -}}
{{- $user := .Values.singleuser }}
{{- $security := $user.security }}
{{- $context := dict "singleuser.uid" (dict "runAsUser" $user.uid) "singleuser.privileged" (dict "privileged" $user.privileged) }}
{{- /* Null leaves it to Kubernetes, which allows it. */}}
{{- $_ := set $context "singleuser.allowPrivilegeEscalation" (dict "allowPrivilegeEscalation" (ne false $user.allowPrivilegeEscalation)) }}
{{- range list "seLinuxOptions" "appArmorProfile" "seccompProfile" }}
{{- $_ := set $context (printf "singleuser.security.%s" .) (dict . (get $security . | default dict)) }}
{{- end }}
{{- $_ := set $context "singleuser.containerSecurityContext" $user.containerSecurityContext }}
{{- $said := list }}
{{- range $key, $part := $context }}{{ $said = append $said (dict "key" $key "kind" "context" "part" $part) }}{{ end }}
{{- $said = append $said (dict "key" "singleuser.podSecurityContext" "kind" "pod" "part" (dict "securityContext" $user.podSecurityContext)) }}
{{- $said = append $said (dict "key" "singleuser.extraPodConfig" "kind" "pod" "part" $user.extraPodConfig) }}
{{- $said = append $said (dict "key" "singleuser.extraContainerConfig" "kind" "container" "part" $user.extraContainerConfig) }}
{{- range $key, $parts := dict "initContainers" $user.initContainers "extraContainers" $user.extraContainers }}
{{- $said = concat $said (include "jupyterhub.security.each" (list (printf "singleuser.%s" $key) "container" $parts) | fromJsonArray) }}
{{- end }}
{{- $said = concat $said (include "jupyterhub.security.each" (list "singleuser.storage.extraVolumes" "volume" $user.storage.extraVolumes) | fromJsonArray) }}
{{- range $key, $traits := include "jupyterhub.security.overrides" . | fromJson }}
{{- /* A profile that chooses a level of its own is held to that when it starts. */}}
{{- if eq (dig "security_level" $security.level $traits) $security.level }}
{{- $said = concat $said (include "jupyterhub.security.traits" (list $key $traits) | fromJsonArray) }}
{{- end }}
{{- end }}
{{- $said | toJson }}
{{- end }}

{{- /* A map from the key of everything that sets KubeSpawner's traits directly to these traits. */}}
{{- define "jupyterhub.security.overrides" -}}
{{- $found := dict "hub.config.KubeSpawner" (.Values.hub.config.KubeSpawner | default dict) }}
{{- range $name, $group := .Values.singleuser.groupOverrides }}
{{- $_ := set $found (printf "singleuser.groupOverrides.%s.spawner_override" $name) $group.spawner_override }}
{{- end }}
{{- range $index, $profile := .Values.singleuser.profileList }}
{{- $key := printf "singleuser.profileList[%d]" $index }}
{{- $_ := set $found (printf "%s.kubespawner_override" $key) ($profile.kubespawner_override | default dict) }}
{{- range $name, $option := $profile.profile_options }}
{{- $where := printf "%s.profile_options.%s" $key $name }}
{{- range $choice, $each := $option.choices }}
{{- $_ := set $found (printf "%s.choices.%s.kubespawner_override" $where $choice) ($each.kubespawner_override | default dict) }}
{{- end }}
{{- $_ := set $found (printf "%s.unlisted_choice.kubespawner_override" $where) (dig "kubespawner_override" dict ($option.unlisted_choice | default dict)) }}
{{- end }}
{{- end }}
{{- $found | toJson }}
{{- end }}

{{- /* (list key traits) -> what KubeSpawner traits say; the names are KubeSpawner's. */}}
{{- define "jupyterhub.security.traits" -}}
{{- $key := index . 0 }}
{{- $traits := index . 1 }}
{{- $said := list }}
{{- range $trait, $name := dict "uid" "runAsUser" "privileged" "privileged" "allow_privilege_escalation" "allowPrivilegeEscalation" }}
{{- if hasKey $traits $trait }}
{{- $value := get $traits $trait }}
{{- if and (kindIs "invalid" $value) (eq $trait "allow_privilege_escalation") }}{{ $value = true }}{{ end }}
{{- $said = append $said (dict "key" (printf "%s.%s" $key $trait) "kind" "context" "part" (dict $name $value)) }}
{{- end }}
{{- end }}
{{- with $traits.container_security_context }}
{{- $said = append $said (dict "key" (printf "%s.container_security_context" $key) "kind" "context" "part" .) }}
{{- end }}
{{- with $traits.pod_security_context }}
{{- $said = append $said (dict "key" (printf "%s.pod_security_context" $key) "kind" "pod" "part" (dict "securityContext" .)) }}
{{- end }}
{{- with $traits.extra_pod_config }}
{{- $said = append $said (dict "key" (printf "%s.extra_pod_config" $key) "kind" "pod" "part" .) }}
{{- end }}
{{- with $traits.extra_container_config }}
{{- $said = append $said (dict "key" (printf "%s.extra_container_config" $key) "kind" "container" "part" .) }}
{{- end }}
{{- range $trait, $kind := dict "init_containers" "container" "extra_containers" "container" "volumes" "volume" }}
{{- $said = concat $said (include "jupyterhub.security.each" (list (printf "%s.%s" $key $trait) $kind (get $traits $trait)) | fromJsonArray) }}
{{- end }}
{{- $said | toJson }}
{{- end }}

{{- /* (list key kind parts) -> the items of a list, or of a map from any name to an item. */}}
{{- define "jupyterhub.security.each" -}}
{{- $key := index . 0 }}
{{- $kind := index . 1 }}
{{- $parts := index . 2 | default list }}
{{- $said := list }}
{{- range $at, $part := $parts }}
{{- if not (kindIs "invalid" $part) }}
{{- $where := kindIs "map" $parts | ternary (printf "%s.%v" $key $at) (printf "%s[%v]" $key $at) }}
{{- $said = append $said (dict "key" $where "kind" $kind "part" $part) }}
{{- end }}
{{- end }}
{{- $said | toJson }}
{{- end }}
