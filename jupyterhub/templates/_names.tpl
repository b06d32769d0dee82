{{- /*
Names of the release's resources: plain (`hub`), or with a prefix that `fullnameOverride` decides.
*/}}

{{- /* The prefix: `fullnameOverride` when it is a text (empty for plain names), else one made from the release's name. */}}
{{- define "jupyterhub.fullname" -}}
{{- if kindIs "string" .Values.fullnameOverride -}}
{{ .Values.fullnameOverride }}
{{- else -}}
{{- $name := .Values.nameOverride | default .Chart.Name -}}
{{ contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) }}
{{- end -}}
{{- end }}

{{- /* (list $ "hub") -> the name of the resource `hub` in this release. */}}
{{- define "jupyterhub.name" -}}
{{- $prefix := include "jupyterhub.fullname" (index . 0) -}}
{{ $prefix | empty | ternary (index . 1) (printf "%s-%s" $prefix (index . 1)) }}
{{- end }}

{{- /* The address whose subdomains users get, nothing without subdomains. */}}
{{- define "jupyterhub.subdomain.host" -}}
{{ dig "JupyterHub" "subdomain_host" "" .Values.hub.config | default .Values.hub.subdomainHost | default "" }}
{{- end }}

{{- /* Its host name. */}}
{{- define "jupyterhub.subdomain.name" -}}
{{ include "jupyterhub.subdomain.host" . | trimPrefix "https://" | trimPrefix "http://" | regexFind "^[^:/]+" }}
{{- end }}

{{- /* (list values "a.b.c") -> what is at a dotted path, as the JSON `{"value": ...}`; null when nothing is there. */}}
{{- define "jupyterhub.valueAt" -}}
{{- $value := index . 0 }}
{{- range splitList "." (index . 1) }}
{{- $value = index (kindIs "map" $value | ternary $value dict) . }}
{{- end }}
{{- dict "value" $value | toJson }}
{{- end }}

{{- /* The type of the Service at which users arrive: as it is written, else the one that its other values ask for. */}}
{{- define "jupyterhub.public.type" -}}
{{- $service := .Values.proxy.service }}
{{- $balanced := or $service.loadBalancerIP $service.loadBalancerSourceRanges }}
{{- $service.type | default ($balanced | empty | ternary ($service.nodePorts.http | empty | ternary "ClusterIP" "NodePort") "LoadBalancer") }}
{{- end }}

{{- /* The Ingress is called like the release as a whole. */}}
{{- define "jupyterhub.ingress.name" -}}
{{ include "jupyterhub.fullname" . | default "jupyterhub" }}
{{- end }}

{{- /* (list $ account "hub") -> the service account of a pod, from a map such as `hub.serviceAccount`. */}}
{{- define "jupyterhub.serviceAccount.name" -}}
{{- $account := index . 1 -}}
{{ $account.name | default ($account.create | ternary (include "jupyterhub.name" (list (index . 0) (index . 2))) "default") }}
{{- end }}

{{- /* Priority classes belong to no namespace, so a plain name begins with the release's. */}}
{{- define "jupyterhub.priority.name" -}}
{{ include "jupyterhub.fullname" . | default (printf "%s-default-priority" .Release.Name) }}
{{- end }}

{{- define "jupyterhub.imagePullerPriority.name" -}}
{{- $prefix := include "jupyterhub.fullname" . -}}
{{ $prefix | empty | ternary (printf "%s-image-puller-priority" .Release.Name) (printf "%s-image-puller" $prefix) }}
{{- end }}

{{- /* All names, as JSON, for the hub: plain name to name in this release. */}}
{{- define "jupyterhub.names" -}}
{{- $names := dict "ingress" (include "jupyterhub.ingress.name" .) "priority" (include "jupyterhub.priority.name" .) "image-puller-priority" (include "jupyterhub.imagePullerPriority.name" .) }}
{{- range list "hub" "hub-credentials" "hub-db-dir" "hub-preflight" "proxy" "proxy-api" "proxy-public" "singleuser" "image-pull-secret" "hook-image-puller" "hook-image-awaiter" "continuous-image-puller" }}
{{- $_ := set $names . (include "jupyterhub.name" (list $ .)) }}
{{- end }}
{{- $names | toJson }}
{{- end }}
