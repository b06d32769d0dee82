{{- /*
What the hub's pod mounts: its values and Secrets (below /etc/jupyterhub, read by hub_config/load.py), its state, files.
*/}}

{{- define "jupyterhub.hub.volumes" -}}
- name: config
  configMap:
    name: {{ include "jupyterhub.name" (list . "hub") }}
{{- if include "jupyterhub.hub.secretPaths" (list . true) | fromJsonArray }}
- name: secret
  secret:
    secretName: {{ include "jupyterhub.name" (list . "hub") }}
    items:
      - key: values.json
        path: values.json
{{- end }}
- name: credentials
  secret:
    secretName: {{ include "jupyterhub.name" (list . "hub-credentials") }}
    {{- /* Where that has every key, the credentials job makes none. */}}
    optional: {{ not (empty .Values.hub.existingSecret) }}
{{- with .Values.hub.existingSecret }}
- name: existing-secret
  secret:
    secretName: {{ . | quote }}
{{- end }}
{{- with .Values.hub.extraFiles }}
- name: files
  secret:
    secretName: {{ include "jupyterhub.name" (list $ "hub") }}
    items:
      {{- range $name, $file := . }}
      - key: {{ printf "files.%s" $name | quote }}
        path: {{ $name | quote }}
        {{- if not (kindIs "invalid" $file.mode) }}
        mode: {{ int64 $file.mode }}
        {{- end }}
      {{- end }}
{{- end }}
- name: pvc
  {{- if eq .Values.hub.db.type "sqlite-pvc" }}
  persistentVolumeClaim:
    claimName: {{ include "jupyterhub.name" (list . "hub-db-dir") }}
  {{- else }}
  emptyDir: {}
  {{- end }}
- name: tmp
  emptyDir: {}
{{- if .Values.internalTls.enabled }}
- name: internal-tls
  secret:
    secretName: {{ include "jupyterhub.name" (list . "hub-internal-tls") }}
- name: internal-tls-store
  emptyDir:
    medium: Memory
    sizeLimit: 64Mi
{{- end }}
{{- with .Values.hub.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "jupyterhub.hub.mounts" -}}
- name: config
  mountPath: /etc/jupyterhub/values
  readOnly: true
{{- if include "jupyterhub.hub.secretPaths" (list . true) | fromJsonArray }}
- name: secret
  mountPath: /etc/jupyterhub/secret
  readOnly: true
{{- end }}
- name: credentials
  mountPath: /etc/jupyterhub/credentials
  readOnly: true
{{- if .Values.hub.existingSecret }}
- name: existing-secret
  mountPath: /etc/jupyterhub/existing-secret
  readOnly: true
{{- end }}
{{- range $name, $file := .Values.hub.extraFiles }}
- name: files
  mountPath: {{ $file.mountPath | quote }}
  subPath: {{ $name | quote }}
{{- end }}
- name: pvc
  mountPath: /srv/jupyterhub
  {{- if eq .Values.hub.db.type "sqlite-pvc" }}
  {{- with .Values.hub.db.pvc.subPath }}
  subPath: {{ . | quote }}
  {{- end }}
  {{- end }}
- name: tmp
  mountPath: /tmp
{{- if .Values.internalTls.enabled }}
- name: internal-tls
  mountPath: /etc/jupyterhub/internal-tls
  readOnly: true
- name: internal-tls-store
  mountPath: /run/internal-tls
{{- end }}
{{- end }}
