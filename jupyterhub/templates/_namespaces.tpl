{{- /*
The namespaces that user pods and homes are in: the release's own, one apart, or one for each user.
*/}}

{{- /* Those of new users, as a JSON list. */}}
{{- define "jupyterhub.newUserNamespaces" -}}
{{- $namespace := .Values.singleuser.namespace }}
{{- $namespace.perUser | default (list ($namespace.name | default .Release.Namespace)) | toJson }}
{{- end }}

{{- /* Those of all users, as a JSON list. */}}
{{- define "jupyterhub.userNamespaces" -}}
{{- concat (include "jupyterhub.newUserNamespaces" . | fromJsonArray) .Values.singleuser.namespace.former | uniq | toJson }}
{{- end }}

{{- /* (list $ "users") -> `namespace` of an object's metadata, unless it is the release's, where Helm puts it anyway. */}}
{{- define "jupyterhub.inNamespace" -}}
{{- if ne (index . 1) (index . 0).Release.Namespace }}namespace: {{ index . 1 | quote }}{{ end }}
{{- end }}

{{- /* All namespaces with pods of the release, as the selector of a policy's peer; nothing when there is one only. */}}
{{- define "jupyterhub.namespaceSelector" -}}
{{- $all := prepend (include "jupyterhub.userNamespaces" . | fromJsonArray) .Release.Namespace | uniq }}
{{- if gt (len $all) 1 -}}
namespaceSelector:
  matchExpressions:
    - key: kubernetes.io/metadata.name
      operator: In
      values: {{ toJson $all }}
{{- end }}
{{- end }}
