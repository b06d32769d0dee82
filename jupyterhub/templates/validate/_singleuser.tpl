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
{{- $needed := dict "static" (list "pvcName" "the name of the claim, in the namespace of the release, that holds the homes") "nfs" (list "server" "the address of the NFS server") "hostPath" (list "path" "the folder on the node") "csi" (list "driver" "the name of the CSI driver") "volume" (list "source" "the volume, as Kubernetes has it") }}
{{- range $type, $need := $needed }}
{{- $key := first $need }}
{{- $value := get (get $storage $type) $key }}
{{- if and (eq $storage.type $type) (not $value) }}
{{- $problems = append $problems (printf "singleuser.storage.%s.%s: singleuser.storage.type %s needs it: write %s" $type $key $type (last $need)) }}
{{- end }}
{{- if and (ne $storage.type $type) $value }}
{{- $problems = append $problems (printf "singleuser.storage.%s.%s: is set, but singleuser.storage.type is %s: write type: %s, or remove %s" $type $key $storage.type $type $type) }}
{{- end }}
{{- end }}
{{- if ne $storage.type "dynamic" }}
{{- range list "storageClass" "pvcNameTemplate" }}
{{- if get $storage.dynamic . }}
{{- $problems = append $problems (printf "singleuser.storage.dynamic.%s: is set, but singleuser.storage.type is %s: write type: dynamic, or remove dynamic" . $storage.type) }}
{{- end }}
{{- end }}
{{- end }}
{{- $problems = concat $problems (include "jupyterhub.validate.shares" . | fromJsonArray) }}
{{- $problems | toJson }}
{{- end }}

{{- /* The same rules as in hub_config/singleuser/shares.py. */}}
{{- define "jupyterhub.validate.shares" -}}
{{- $problems := list }}
{{- range $name, $share := .Values.singleuser.storage.groupShares }}
{{- $key := printf "singleuser.storage.groupShares.%s" $name }}
{{- if not (regexMatch "^[a-z0-9]([-a-z0-9]{0,55}[a-z0-9])?$" $name) }}
{{- $problems = append $problems (printf "%s: a name of a share may have lower-case letters, digits and dashes only" $key) }}
{{- end }}
{{- if or (hasKey $share.volume "name") (ne (len $share.volume) 1) }}
{{- $problems = append $problems (printf "%s.volume: write one kind of volume, and no name: the chart names it" $key) }}
{{- end }}
{{- if not (or $share.readOnly $share.readWrite) }}
{{- $problems = append $problems (printf "%s: nobody would get it: write groups in readOnly or readWrite" $key) }}
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
