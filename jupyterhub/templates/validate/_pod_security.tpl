{{- /*
What a level of the Pod Security Standards forbids of what a part of a pod says: the same rules as in
hub_config/pod_security/standards.py, in the same words. Each returns a JSON list of sentences.
*/}}

{{- /* (dict "kind" "context|container|pod|volume" "part" map "level" "restricted|baseline") */}}
{{- define "jupyterhub.security.forbidden" -}}
{{- if eq .kind "volume" }}
{{- $found := list }}
{{- $name := .part.name | default "" }}
{{- range include "jupyterhub.security.volume" . | fromJsonArray }}{{ $found = append $found (printf "volume %s: %s" $name .) }}{{ end }}
{{- $found | toJson }}
{{- else }}
{{- include (printf "jupyterhub.security.%s" .kind) . }}
{{- end }}
{{- end }}

{{- define "jupyterhub.security.volume" -}}
{{- $taken := list "name" "configMap" "csi" "downwardAPI" "emptyDir" "ephemeral" "image" "persistentVolumeClaim" "projected" "secret" }}
{{- $found := list }}
{{- range $key, $_ := .part }}
{{- if eq $.level "restricted" | ternary (not (has $key $taken)) (eq $key "hostPath") }}{{ $found = append $found $key }}{{ end }}
{{- end }}
{{- $found | sortAlpha | toJson }}
{{- end }}

{{- define "jupyterhub.security.pod" -}}
{{- $spec := .part }}
{{- $level := .level }}
{{- $found := list }}
{{- range list "hostNetwork" "hostPID" "hostIPC" }}{{ if get $spec . }}{{ $found = append $found (printf "spec.%s" .) }}{{ end }}{{ end }}
{{- $context := $spec.securityContext | default dict }}
{{- $safe := list "kernel.shm_rmid_forced" "net.ipv4.ip_local_port_range" "net.ipv4.ip_local_reserved_ports" "net.ipv4.ip_unprivileged_port_start" "net.ipv4.ping_group_range" "net.ipv4.tcp_fin_timeout" "net.ipv4.tcp_keepalive_intvl" "net.ipv4.tcp_keepalive_probes" "net.ipv4.tcp_keepalive_time" "net.ipv4.tcp_rmem" "net.ipv4.tcp_syncookies" "net.ipv4.tcp_wmem" }}
{{- $unsafe := list }}
{{- range $context.sysctls }}{{ if not (has .name $safe) }}{{ $unsafe = append $unsafe .name }}{{ end }}{{ end }}
{{- range $unsafe | uniq | sortAlpha }}{{ $found = append $found (printf "sysctl %s" .) }}{{ end }}
{{- $found = concat $found (include "jupyterhub.security.common" (list $context $level) | fromJsonArray) }}
{{- range $volume := $spec.volumes }}
{{- $found = concat $found (include "jupyterhub.security.forbidden" (dict "kind" "volume" "part" $volume "level" $level) | fromJsonArray) }}
{{- end }}
{{- range $kind := list "initContainers" "containers" "ephemeralContainers" }}
{{- range $container := get $spec $kind | default list }}
{{- $found = concat $found (include "jupyterhub.security.container" (dict "part" $container "level" $level) | fromJsonArray) }}
{{- end }}
{{- end }}
{{- $found | toJson }}
{{- end }}

{{- define "jupyterhub.security.container" -}}
{{- $part := .part }}
{{- $found := include "jupyterhub.security.context" (dict "part" ($part.securityContext | default dict) "level" .level) | fromJsonArray }}
{{- $ports := false }}
{{- range $part.ports }}{{ if .hostPort }}{{ $ports = true }}{{ end }}{{ end }}
{{- if $ports }}{{ $found = append $found "hostPort" }}{{ end }}
{{- $handlers := list ($part.livenessProbe | default dict) ($part.readinessProbe | default dict) ($part.startupProbe | default dict) }}
{{- range $part.lifecycle }}{{ if kindIs "map" . }}{{ $handlers = append $handlers . }}{{ end }}{{ end }}
{{- $host := false }}
{{- range $handlers }}
{{- if or (dig "httpGet" "host" "" .) (dig "tcpSocket" "host" "" .) }}{{ $host = true }}{{ end }}
{{- end }}
{{- if $host }}{{ $found = append $found "a probe or lifecycle hook with a host" }}{{ end }}
{{- $found | toJson }}
{{- end }}

{{- define "jupyterhub.security.context" -}}
{{- $context := .part | default dict }}
{{- $restricted := eq .level "restricted" }}
{{- $found := list }}
{{- if $context.privileged }}{{ $found = append $found "privileged" }}{{ end }}
{{- $capabilities := $context.capabilities | default dict }}
{{- $allowed := list "NET_BIND_SERVICE" }}
{{- if not $restricted }}
{{- $allowed = concat $allowed (list "AUDIT_WRITE" "CHOWN" "DAC_OVERRIDE" "FOWNER" "FSETID" "KILL" "MKNOD" "SETFCAP" "SETGID" "SETPCAP" "SETUID" "SYS_CHROOT") }}
{{- end }}
{{- $added := list }}
{{- range $capabilities.add }}{{ if not (has . $allowed) }}{{ $added = append $added . }}{{ end }}{{ end }}
{{- range $added | uniq | sortAlpha }}{{ $found = append $found (printf "capability %s is added" .) }}{{ end }}
{{- if not (has ($context.procMount | default "Default") (list "Default")) }}{{ $found = append $found "procMount" }}{{ end }}
{{- if $restricted }}
{{- if $context.allowPrivilegeEscalation }}{{ $found = append $found "allowPrivilegeEscalation is not false" }}{{ end }}
{{- if and (hasKey $capabilities "drop") (not (has "ALL" ($capabilities.drop | default list))) }}{{ $found = append $found "capabilities are not dropped" }}{{ end }}
{{- end }}
{{- concat $found (include "jupyterhub.security.common" (list $context .level) | fromJsonArray) | toJson }}
{{- end }}

{{- /* (list context level) -> what security contexts of pods and of containers have in common. */}}
{{- define "jupyterhub.security.common" -}}
{{- $context := index . 0 | default dict }}
{{- $found := list }}
{{- range list "seccompProfile" "appArmorProfile" }}
{{- if eq (dig "type" "" (get $context . | default dict)) "Unconfined" }}{{ $found = append $found (printf "%s Unconfined" .) }}{{ end }}
{{- end }}
{{- $selinux := $context.seLinuxOptions | default dict }}
{{- if not (has ($selinux.type | default "") (list "" "container_t" "container_init_t" "container_kvm_t" "container_engine_t")) }}{{ $found = append $found (printf "seLinuxOptions.type %s" $selinux.type) }}{{ end }}
{{- range list "user" "role" }}{{ if get $selinux . }}{{ $found = append $found (printf "seLinuxOptions.%s" .) }}{{ end }}{{ end }}
{{- if dig "hostProcess" false ($context.windowsOptions | default dict) }}{{ $found = append $found "windowsOptions.hostProcess" }}{{ end }}
{{- if eq (index . 1) "restricted" }}
{{- if and (kindIs "bool" $context.runAsNonRoot) (not $context.runAsNonRoot) }}{{ $found = append $found "runAsNonRoot is not true" }}{{ end }}
{{- if and (hasKey $context "runAsUser") (not (kindIs "invalid" $context.runAsUser)) (eq (int64 $context.runAsUser) 0) }}{{ $found = append $found "runAsUser is 0" }}{{ end }}
{{- end }}
{{- $found | toJson }}
{{- end }}
