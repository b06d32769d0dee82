{{- /*
Labels. Zero to JupyterHub's (`app`, `component`, `release`, `chart`, `heritage`) stand beside Kubernetes' own. The
chart's version is in no label of a pod: a new version alone must not restart one.
*/}}

{{- define "jupyterhub.app" -}}
{{ .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* (list $ "hub") -> what selectors select on. It may not change: selectors of a Deployment cannot be changed. */}}
{{- define "jupyterhub.matchLabels" -}}
{{- $root := index . 0 -}}
{{ dict "app" (include "jupyterhub.app" $root) "component" (index . 1) "release" $root.Release.Name | toYaml }}
{{- end }}

{{- /* (list $ "hub" more...) -> labels of a pod; maps given as `more` are added. */}}
{{- define "jupyterhub.podLabels" -}}
{{- $root := index . 0 }}
{{- $labels := include "jupyterhub.matchLabels" . | fromYaml }}
{{- $_ := set $labels "app.kubernetes.io/name" $labels.app }}
{{- $_ := set $labels "app.kubernetes.io/instance" $labels.release }}
{{- $_ := set $labels "app.kubernetes.io/component" $labels.component }}
{{- include "jupyterhub.joined" (prepend (slice . 2) $labels) }}
{{- end }}

{{- /* (list $ "hub" more...) -> labels of anything but a pod; maps given as `more` are added. */}}
{{- define "jupyterhub.labels" -}}
{{- $root := index . 0 }}
{{- $labels := include "jupyterhub.podLabels" (list $root (index . 1)) | fromYaml }}
{{- $chart := printf "%s-%s" $root.Chart.Name ($root.Chart.Version | replace "+" "_") }}
{{- $_ := set $labels "chart" $chart }}
{{- $_ := set $labels "heritage" $root.Release.Service }}
{{- $_ := set $labels "helm.sh/chart" $chart }}
{{- $_ := set $labels "app.kubernetes.io/managed-by" $root.Release.Service }}
{{- include "jupyterhub.joined" (prepend (slice . 2) $labels) }}
{{- end }}

{{- /* (list map...) -> one map as YAML, later ones win; nothing when it is empty. */}}
{{- define "jupyterhub.joined" -}}
{{- $joined := dict }}
{{- range . }}
{{- range $key, $value := . }}
{{- $_ := set $joined $key $value }}
{{- end }}
{{- end }}
{{- with $joined }}{{ toYaml . }}{{ end }}
{{- end }}

{{- /* (dict "weight" "-20" "keep" false) -> annotations of a hook before install and upgrade; with `keep` it stays. */}}
{{- define "jupyterhub.hook" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: {{ .weight | quote }}
helm.sh/hook-delete-policy: before-hook-creation{{ if not .keep }},hook-succeeded,hook-failed{{ end }}
{{- end }}
