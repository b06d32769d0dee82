{{- /*
The hub's pod: for its Deployment, and for the preflight job, which asks the cluster whether it would be admitted.
*/}}

{{- define "jupyterhub.hub.pod" -}}
metadata:
  labels:
    {{- $access := dict "hub.jupyter.org/network-access-proxy-api" "true" "hub.jupyter.org/network-access-proxy-http" "true" "hub.jupyter.org/network-access-singleuser" "true" }}
    {{- include "jupyterhub.podLabels" (list . "hub" $access .Values.hub.labels) | nindent 4 }}
  annotations:
    {{- /* The hub reads its values at start only, so it must restart when they change, and for nothing else. */}}
    {{- $sums := dict "checksum/config-map" (include "jupyterhub.hub.configmap.data" (list . list) | sha256sum) "checksum/secret" (include "jupyterhub.hub.secret.data" . | sha256sum) }}
    {{- include "jupyterhub.joined" (list $sums .Values.hub.annotations) | nindent 4 }}
spec:
  {{- include "jupyterhub.podSpec" (list (include "jupyterhub.hub.spec" .) .Values.hub.extraPodSpec) | nindent 2 }}
{{- end }}

{{- define "jupyterhub.hub.spec" -}}
serviceAccountName: {{ include "jupyterhub.serviceAccount.name" (list . .Values.hub.serviceAccount "hub") | quote }}
{{- if .Values.scheduling.podPriority.enabled }}
priorityClassName: {{ include "jupyterhub.priority.name" . | quote }}
{{- end }}
{{- with .Values.hub.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with concat .Values.scheduling.corePods.tolerations .Values.hub.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- with include "jupyterhub.coreAffinity" . }}{{ . | nindent 0 }}{{ end }}
{{- with include "jupyterhub.imagePullSecrets" (list . .Values.hub.image) }}{{ . | nindent 0 }}{{ end }}
{{- with .Values.hub.podSecurityContext }}
securityContext: {{ toJson . }}
{{- end }}
volumes:
  {{- include "jupyterhub.hub.volumes" . | nindent 2 }}
{{- with .Values.hub.initContainers }}
initContainers: {{ toJson . }}
{{- end }}
containers:
  - name: hub
    image: {{ include "jupyterhub.image" .Values.hub.image | quote }}
    {{- with .Values.hub.image.pullPolicy }}
    imagePullPolicy: {{ . }}
    {{- end }}
    {{- with .Values.hub.command }}
    command:
      {{- range . }}
      - {{ tpl . $ | quote }}
      {{- end }}
    {{- end }}
    args:
      {{- range .Values.hub.args }}
      - {{ tpl . $ | quote }}
      {{- else }}
      - jupyterhub
      - --config
      - /usr/local/etc/jupyterhub/jupyterhub_config.py
      {{- if .Values.debug.enabled }}
      - --debug
      {{- end }}
      {{- /* A database server may be shared or need a backup first, so there the upgrade waits to be asked for. */}}
      {{- if kindIs "invalid" .Values.hub.db.upgrade | ternary (eq .Values.hub.db.type "sqlite-pvc") .Values.hub.db.upgrade }}
      - --upgrade-db
      {{- end }}
      {{- end }}
    env:
      {{- include "jupyterhub.env" (list (include "jupyterhub.hub.env" . | fromYamlArray) .Values.hub.extraEnv (include "jupyterhub.name" (list . "hub"))) | nindent 6 }}
    ports:
      - name: http
        containerPort: 8081
    {{- $health := printf "%s/hub/health" (trimSuffix "/" .Values.hub.baseUrl) }}
    {{- /* With internal TLS the hub asks for a certificate, and the kubelet has none. */}}
    {{- if .Values.internalTls.enabled }}{{ $health = "" }}{{ end }}
    {{- if .Values.hub.livenessProbe.enabled }}
    livenessProbe:
      {{- include "jupyterhub.probe" (list .Values.hub.livenessProbe $health) | nindent 6 }}
    {{- end }}
    {{- if .Values.hub.readinessProbe.enabled }}
    readinessProbe:
      {{- include "jupyterhub.probe" (list .Values.hub.readinessProbe $health) | nindent 6 }}
    {{- end }}
    {{- with .Values.hub.lifecycle }}
    lifecycle: {{ toJson . }}
    {{- end }}
    {{- with .Values.hub.resources }}
    resources: {{ toJson . }}
    {{- end }}
    {{- with .Values.hub.containerSecurityContext }}
    securityContext: {{ toJson . }}
    {{- end }}
    volumeMounts:
      {{- include "jupyterhub.mounts" (list (include "jupyterhub.hub.mounts" . | fromYamlArray) .Values.hub.extraVolumeMounts) | nindent 6 }}
  {{- with .Values.hub.extraContainers }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{- /* The hub's own variables: who it is, the proxy's token, the database's password for the drivers' libraries. */}}
{{- define "jupyterhub.hub.env" -}}
- name: PYTHONUNBUFFERED
  value: "1"
- name: HELM_RELEASE_NAME
  value: {{ .Release.Name | quote }}
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
{{- /* With an existing Secret the hub takes the token from the mounted files, which it reads in any case. */}}
{{- if not .Values.hub.existingSecret }}
{{- include "jupyterhub.proxyToken.env" . }}
{{- end }}
{{- $password := get (dict "postgres" "PGPASSWORD" "mysql" "MYSQL_PWD") .Values.hub.db.type }}
{{- if and $password (or .Values.hub.db.password .Values.hub.existingSecret) }}
- name: {{ $password }}
  valueFrom:
    secretKeyRef:
      key: hub.db.password
      {{- if .Values.hub.db.password }}
      name: {{ include "jupyterhub.name" (list . "hub") }}
      {{- else }}
      name: {{ .Values.hub.existingSecret | quote }}
      optional: true
      {{- end }}
{{- end }}
{{- end }}
