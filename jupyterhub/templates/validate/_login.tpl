{{- /*
Checks of who gets in: the same rules as in hub_config/commands/rules.py. Returns a JSON list of sentences, a key first.
*/}}

{{- define "jupyterhub.validate.login" -}}
{{- $problems := list }}
{{- $opened := include "jupyterhub.login.opened" . }}
{{- $ways := list }}
{{- if ne (include "jupyterhub.public.type" . | trim) "ClusterIP" }}{{ $ways = append $ways "proxy.service.type" }}{{ end }}
{{- if .Values.proxy.service.externalIPs }}{{ $ways = append $ways "proxy.service.externalIPs" }}{{ end }}
{{- if ne .Values.hub.service.type "ClusterIP" }}{{ $ways = append $ways "hub.service.type" }}{{ end }}
{{- if .Values.ingress.enabled }}{{ $ways = append $ways "ingress.enabled" }}{{ end }}
{{- if .Values.httpRoute.enabled }}{{ $ways = append $ways "httpRoute.enabled" }}{{ end }}
{{- if and $opened $ways (not .Values.hub.allowOpenLogin) }}
{{- $problems = append $problems (printf "hub.config.JupyterHub.authenticator_class: %s, and %s leads here from outside the cluster: choose another authenticator (shared-password asks for a password that is made in the cluster), or write hub.allowOpenLogin: true if everybody may come in" $opened (first $ways)) }}
{{- end }}
{{- $host := .Values.hub.subdomainHost | default "" }}
{{- if and (hasPrefix "https://" $host) .Values.ingress.enabled .Values.ingress.tls }}
{{- $wanted := printf "*.%s" (include "jupyterhub.subdomain.name" .) }}
{{- $hosts := list }}
{{- range .Values.ingress.tls }}{{ $hosts = concat $hosts (.hosts | default list) }}{{ end }}
{{- if not (has $wanted $hosts) }}
{{- $problems = append $problems (printf "ingress.tls: has no certificate for the users' subdomains: add %s to the hosts of one of them" $wanted) }}
{{- end }}
{{- end }}
{{- $problems | toJson }}
{{- end }}

{{- /* What lets everybody in; nothing when nothing does. */}}
{{- define "jupyterhub.login.opened" -}}
{{- $config := .Values.hub.config }}
{{- $name := dig "JupyterHub" "authenticator_class" "" $config | toString }}
{{- if has $name (list "dummy" "jupyterhub.auth.DummyAuthenticator") }}
{{- printf "%s lets everybody in as anybody, as administrators too" $name }}
{{- else if has $name (list "tmp" "tmpauthenticator.TmpAuthenticator") }}
{{- printf "%s lets everybody in without a login" $name }}
{{- else if and (has $name (list "native" "nativeauthenticator.NativeAuthenticator")) (dig "NativeAuthenticator" "open_signup" false $config) }}
{{- printf "%s with open_signup lets everybody in who signs up" $name }}
{{- end }}
{{- end }}
