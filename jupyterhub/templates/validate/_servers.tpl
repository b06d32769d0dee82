{{- /*
What pods ask for, as numbers: the same as in hub_config/commands/tenancy.py.
*/}}

{{- /* A Kubernetes quantity as a number; what is none is 0. */}}
{{- define "jupyterhub.validate.quantity" -}}
{{- $text := toString . }}
{{- $unit := regexFind "([numkMGTPE]|[KMGTPE]i)$" $text }}
{{- $units := dict "n" 1e-9 "u" 1e-6 "m" 1e-3 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 "Pi" 1125899906842624.0 "Ei" 1152921504606846976.0 }}
{{- mulf (trimSuffix $unit $text | float64) (get $units $unit | default 1.0) | printf "%.9f" }}
{{- end }}

{{- /* (list "memory" 1073741824.0) -> the amount as Kubernetes writes it, rounded up. */}}
{{- define "jupyterhub.validate.shown" -}}
{{- $amount := index . 1 | float64 }}
{{- if not (regexMatch "(memory|storage)$" (index . 0)) }}
{{- divf (ceil (round (mulf $amount 1000.0) 3)) 1000.0 }}
{{- else if lt $amount 1048576.0 }}
{{- ceil $amount }}
{{- else }}
{{- $whole := divf $amount 1048576.0 | ceil | int64 }}
{{- $unit := "Mi" }}
{{- range list "Gi" "Ti" "Pi" }}
{{- if eq (mod $whole 1024) 0 }}{{ $whole = div $whole 1024 }}{{ $unit = . }}{{ end }}
{{- end }}
{{- printf "%d%s" $whole $unit }}
{{- end }}
{{- end }}

{{- /* (list amounts override) -> the amounts, as JSON, with what KubeSpawner's traits in `override` say. */}}
{{- define "jupyterhub.validate.override" -}}
{{- $amounts := index . 0 | toJson | fromJson }}
{{- $override := index . 1 }}
{{- range $trait, $at := dict "cpu_guarantee" (list "requests" "cpu") "cpu_limit" (list "limits" "cpu") "mem_guarantee" (list "requests" "memory") "mem_limit" (list "limits" "memory") }}
{{- if hasKey $override $trait }}
{{- $kind := index $amounts (index $at 0) }}
{{- $_ := unset $kind (index $at 1) }}
{{- $reader := eq (index $at 1) "memory" | ternary "bytes" "quantity" }}
{{- $size := include (printf "jupyterhub.validate.%s" $reader) (get $override $trait) | float64 }}
{{- if $size }}{{ $_ := set $kind (index $at 1) $size }}{{ end }}
{{- end }}
{{- end }}
{{- range $trait, $kind := dict "extra_resource_guarantees" "requests" "extra_resource_limits" "limits" }}
{{- $extra := get $override $trait }}
{{- range $name, $size := kindIs "map" $extra | ternary $extra dict }}
{{- $_ := set (index $amounts $kind) $name (include "jupyterhub.validate.quantity" $size | float64) }}
{{- end }}
{{- end }}
{{- $amounts | toJson }}
{{- end }}

{{- /* Every kind of server that users may choose, as a JSON list of {who, key, amounts}. */}}
{{- define "jupyterhub.validate.servers" -}}
{{- $user := .Values.singleuser }}
{{- $traits := dict "cpu_guarantee" $user.cpu.guarantee "cpu_limit" $user.cpu.limit "mem_guarantee" $user.memory.guarantee "mem_limit" $user.memory.limit "extra_resource_guarantees" $user.extraResource.guarantees "extra_resource_limits" $user.extraResource.limits }}
{{- $plain := include "jupyterhub.validate.override" (list (dict "requests" dict "limits" dict) $traits) | fromJson }}
{{- $servers := list }}
{{- range $user.profileList }}
{{- $who := printf "a server of the profile %s" .display_name }}
{{- $own := include "jupyterhub.validate.override" (list $plain (.kubespawner_override | default dict)) | fromJson }}
{{- $servers = append $servers (dict "who" $who "key" "singleuser.profileList" "amounts" $own) }}
{{- range $option := .profile_options }}
{{- range $choice := $option.choices }}
{{- $amounts := include "jupyterhub.validate.override" (list $own ($choice.kubespawner_override | default dict)) | fromJson }}
{{- $servers = append $servers (dict "who" (printf "%s with %s" $who $choice.display_name) "key" "singleuser.profileList" "amounts" $amounts) }}
{{- end }}
{{- end }}
{{- end }}
{{- $servers | default (list (dict "who" "a server" "key" "singleuser" "amounts" $plain)) | toJson }}
{{- end }}

{{- /* What the chart's own pods ask for, in the same form. */}}
{{- define "jupyterhub.validate.core" -}}
{{- $parts := dict "hub.resources" .Values.hub.resources "proxy.chp.resources" .Values.proxy.chp.resources "preflight.resources" .Values.preflight.resources }}
{{- if or .Values.prePuller.hook.enabled .Values.prePuller.continuous.enabled }}
{{- $_ := set $parts "prePuller.resources" .Values.prePuller.resources }}
{{- end }}
{{- $pods := list }}
{{- range $key, $resources := $parts }}
{{- $amounts := dict "requests" dict "limits" dict }}
{{- range $kind, $each := $amounts }}
{{- range $name, $size := get $resources $kind | default dict }}
{{- $_ := set $each $name (include "jupyterhub.validate.quantity" $size | float64) }}
{{- end }}
{{- end }}
{{- $pods = append $pods (dict "who" $key "key" $key "amounts" $amounts) }}
{{- end }}
{{- $pods | toJson }}
{{- end }}

{{- /* (list amounts "requests" "cpu" limitRange) -> what Kubernetes counts for a container; nothing when it is unsaid. */}}
{{- define "jupyterhub.validate.effective" -}}
{{- $kind := index . 1 }}
{{- $resource := index . 2 }}
{{- $said := get (index (index . 0) $kind) $resource }}
{{- if and (eq $kind "requests") (not (hasKey (index . 0).requests $resource)) }}
{{- $said = get (index . 0).limits $resource }}
{{- end }}
{{- $text := kindIs "float64" $said | ternary (printf "%.9f" (float64 $said)) "" }}
{{- range $item := (index . 3).limits }}
{{- range $part := eq $kind "requests" | ternary (list "defaultRequest" "default" "max") (list "default" "max") }}
{{- $given := get $item $part | default dict }}
{{- if and (not $text) (eq $item.type "Container") (hasKey $given $resource) }}
{{- $text = include "jupyterhub.validate.quantity" (get $given $resource) }}
{{- end }}
{{- end }}
{{- end }}
{{- $text }}
{{- end }}
