{{- /*
The jobs that run before an install or upgrade, in the hub's image. Helm deletes them and what they need when they are
done, and prints the logs of one that failed.
*/}}

{{- /* (dict "root" $ "name" "hub-preflight" "component" "preflight" "weight" "-10" "account" name "args" list
"deadline" seconds "settings" map "volumes" list "mounts" list "podLabels" map "podAnnotations" map). `settings` has
resources, containerSecurityContext, nodeSelector and tolerations; the other lists and maps may be left out. With `told`
Helm prints what the job says when all is well, too. */}}
{{- define "jupyterhub.job" -}}
{{- $root := .root -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "jupyterhub.name" (list $root .name) }}
  labels:
    {{- include "jupyterhub.labels" (list $root .component) | nindent 4 }}
  annotations:
    {{- include "jupyterhub.hook" . | nindent 4 }}
    helm.sh/hook-output-log-policy: hook-failed{{ if .told }},hook-succeeded{{ end }}
spec:
  backoffLimit: {{ .retries | default 0 }}
  activeDeadlineSeconds: {{ int64 .deadline }}
  template:
    metadata:
      labels:
        {{- include "jupyterhub.podLabels" (list $root .component (.podLabels | default dict)) | nindent 8 }}
      {{- with .podAnnotations }}
      annotations: {{ toJson . }}
      {{- end }}
    spec:
      restartPolicy: Never
      serviceAccountName: {{ .account | quote }}
      automountServiceAccountToken: true
      {{- include "jupyterhub.podSecurity" $root | nindent 6 }}
      {{- with .settings.nodeSelector }}
      nodeSelector: {{ toJson . }}
      {{- end }}
      {{- with concat $root.Values.scheduling.corePods.tolerations .settings.tolerations }}
      tolerations: {{ toJson . }}
      {{- end }}
      {{- with include "jupyterhub.coreAffinity" $root }}{{ . | trim | nindent 6 }}{{ end }}
      {{- with include "jupyterhub.imagePullSecrets" (list $root $root.Values.hub.image) }}{{ . | trim | nindent 6 }}{{ end }}
      volumes: {{ append (.volumes | default list) (dict "name" "tmp" "emptyDir" dict) | toJson }}
      containers:
        - name: {{ .component }}
          image: {{ include "jupyterhub.image" $root.Values.hub.image | quote }}
          {{- with $root.Values.hub.image.pullPolicy }}
          imagePullPolicy: {{ . }}
          {{- end }}
          args: {{ toJson .args }}
          env:
            - name: PYTHONUNBUFFERED
              value: "1"
          {{- with .settings.resources }}
          resources: {{ toJson . }}
          {{- end }}
          {{- with .settings.containerSecurityContext }}
          securityContext: {{ toJson . }}
          {{- end }}
          volumeMounts: {{ append (.mounts | default list) (dict "name" "tmp" "mountPath" "/tmp") | toJson }}
{{- end }}

{{- /* (dict "root" $ "name" "hub-preflight" "component" "preflight" "account" name "rules" list) -> the Role of a job's
service account, as a hook that goes with the job. */}}
{{- define "jupyterhub.job.role" -}}
{{- $name := include "jupyterhub.name" (list .root .name) -}}
{{- $hook := include "jupyterhub.hook" (dict "weight" "-20") -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ $name }}
  {{- with .namespace }}{{ include "jupyterhub.inNamespace" (list $.root .) | nindent 2 }}{{ end }}
  labels:
    {{- include "jupyterhub.labels" (list .root .component) | nindent 4 }}
  annotations:
    {{- $hook | nindent 4 }}
rules:
  {{- toYaml .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ $name }}
  {{- with .namespace }}{{ include "jupyterhub.inNamespace" (list $.root .) | nindent 2 }}{{ end }}
  labels:
    {{- include "jupyterhub.labels" (list .root .component) | nindent 4 }}
  annotations:
    {{- $hook | nindent 4 }}
subjects:
  - kind: ServiceAccount
    name: {{ .account | quote }}
    namespace: {{ .root.Release.Namespace }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ $name }}
{{- end }}

{{- /* (dict "root" $ "component" "preflight" "account" name "annotations" map) -> the service account of a job. */}}
{{- define "jupyterhub.job.account" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .account | quote }}
  labels:
    {{- include "jupyterhub.labels" (list .root .component) | nindent 4 }}
  annotations:
    {{- $hook := include "jupyterhub.hook" (dict "weight" "-20") | fromYaml }}
    {{- include "jupyterhub.joined" (list (.annotations | default dict) $hook) | nindent 4 }}
{{- end }}
