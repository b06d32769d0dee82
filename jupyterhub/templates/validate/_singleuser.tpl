{{- /*
Checks of what users get. Each returns a JSON list of sentences, a key first.
*/}}

{{- /* A size of memory in bytes: a number, or a text with K, M, G or T in powers of 1024. */}}
{{- define "jupyterhub.validate.bytes" -}}
{{- $text := toString . }}
{{- $unit := get (dict "K" 1024 "M" 1048576 "G" 1073741824 "T" 1099511627776) (regexFind "[KMGT]$" $text) | default 1 }}
{{- mulf (regexReplaceAll "[KMGT]$" $text "" | float64) $unit }}
{{- end }}

{{- /* The same rules as in hub_config/singleuser/resources.py. */}}
{{- define "jupyterhub.validate.resources" -}}
{{- $problems := list }}
{{- range $kind := list "cpu" "memory" }}
{{- $amounts := get $.Values.singleuser $kind }}
{{- if and $amounts.limit $amounts.guarantee }}
{{- $limit := include "jupyterhub.validate.bytes" $amounts.limit | float64 }}
{{- $guarantee := include "jupyterhub.validate.bytes" $amounts.guarantee | float64 }}
{{- if gt $guarantee $limit }}
{{- $problems = append $problems (printf "singleuser.%s: guarantee %v is above limit %v: raise limit or lower guarantee" $kind $amounts.guarantee $amounts.limit) }}
{{- end }}
{{- end }}
{{- end }}
{{- $problems | toJson }}
{{- end }}

{{- /* The same rules as in hub_config/singleuser/storage.py. */}}
{{- define "jupyterhub.validate.storage" -}}
{{- $problems := list }}
{{- $storage := .Values.singleuser.storage }}
{{- if and (eq $storage.type "static") (not $storage.static.pvcName) }}
{{- $problems = append $problems "singleuser.storage.static.pvcName: singleuser.storage.type static needs it: write the name of the claim, in the namespace of the release, that holds the homes" }}
{{- end }}
{{- if and (ne $storage.type "static") $storage.static.pvcName }}
{{- $problems = append $problems (printf "singleuser.storage.static.pvcName: is set, but singleuser.storage.type is %s: write type: static, or remove static" $storage.type) }}
{{- end }}
{{- if ne $storage.type "dynamic" }}
{{- range list "storageClass" "pvcNameTemplate" }}
{{- if get $storage.dynamic . }}
{{- $problems = append $problems (printf "singleuser.storage.dynamic.%s: is set, but singleuser.storage.type is %s: write type: dynamic, or remove dynamic" . $storage.type) }}
{{- end }}
{{- end }}
{{- end }}
{{- $problems | toJson }}
{{- end }}

{{- define "jupyterhub.validate.pods" -}}
{{- $problems := list }}
{{- $default := list }}
{{- if and .Values.singleuser.privileged (eq false .Values.singleuser.allowPrivilegeEscalation) }}
{{- $problems = append $problems "singleuser.privileged: Kubernetes refuses a privileged container without privilege escalation: write singleuser.allowPrivilegeEscalation: true as well, or remove privileged" }}
{{- end }}
{{- range .Values.singleuser.profileList }}
{{- $everybody := and (kindIs "invalid" .allowed_users) (kindIs "invalid" .allowed_groups) }}
{{- if and .default $everybody }}{{ $default = append $default .display_name }}{{ end }}
{{- end }}
{{- if gt (len $default) 1 }}
{{- $problems = append $problems (printf "singleuser.profileList: one profile may be the default, not %s" (join ", " $default)) }}
{{- end }}
{{- range $name, $override := .Values.singleuser.groupOverrides }}
{{- if hasKey ($override.spawner_override | default dict) "profile_list" }}
{{- $problems = append $problems (printf "singleuser.groupOverrides.%s: spawner_override: profile_list would not be shown: write allowed_groups at profiles in singleuser.profileList" $name) }}
{{- end }}
{{- end }}
{{- $problems | toJson }}
{{- end }}
