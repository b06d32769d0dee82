{{- /*
Holes for outgoing traffic that other values imply: Kubernetes' API, the database, the identity provider, services.
*/}}

{{- /* An egress rule to Kubernetes' API. Without addresses it has no `to`: networks that know pods and nodes by identity,
such as Cilium, do not match the address of a node, where the API server often is, by any block of addresses. */}}
{{- define "jupyterhub.networkPolicy.api" -}}
{{- $api := .Values.networkPolicy.kubernetesApi -}}
- ports:
    {{- range $api.ports }}
    - port: {{ int64 . }}
    {{- end }}
  {{- with $api.cidrs }}
  to:
    {{- range . }}
    - ipBlock:
        cidr: {{ . | quote }}
    {{- end }}
  {{- end }}
{{- end }}

{{- /* (list $ ports) -> an egress rule to these ports anywhere but at metadata servers: pods, private addresses, internet. */}}
{{- define "jupyterhub.networkPolicy.anywhere" -}}
{{- with index . 1 }}
- ports:
    {{- range . }}
    - port: {{ int64 . }}
    {{- end }}
  to:
    - namespaceSelector: {}
    - ipBlock:
        cidr: 0.0.0.0/0
        except: {{ include "jupyterhub.networkPolicy.metadataBlocks" (index $ 0) }}
    - ipBlock:
        cidr: "::/0"
        except: ["fe80::/10", "fd00:ec2::254/128"]
{{- end }}
{{- end }}

{{- /* The port of the hub's database, as a JSON list; empty where it is a file, or where it cannot be told. */}}
{{- define "jupyterhub.hub.databasePorts" -}}
{{- $ports := list }}
{{- $usual := dict "postgres" "5432" "mysql" "3306" }}
{{- with .Values.hub.db }}
{{- if not (hasPrefix "sqlite" .type) }}
{{- $kind := regexFind "^[a-z]+" (.url | default "") | trimSuffix "ql" }}
{{- $ports = append $ports (include "jupyterhub.urlPort" (.url | default "") | default (get $usual (eq .type "other" | ternary (eq $kind "mys" | ternary "mysql" $kind) .type))) }}
{{- end }}
{{- end }}
{{- without $ports "" "0" | toJson }}
{{- end }}

{{- /* The ports that the hub reaches the database and the identity provider at, as a JSON list. */}}
{{- define "jupyterhub.hub.remotePorts" -}}
{{- $ports := include "jupyterhub.hub.databasePorts" . | fromJsonArray }}
{{- range $class, $traits := .Values.hub.config }}
{{- if and (hasSuffix "Authenticator" $class) (kindIs "map" $traits) }}
{{- range $name, $value := $traits }}
{{- if and (hasSuffix "_url" $name) (ne $name "oauth_callback_url") (kindIs "string" $value) (regexMatch "^https?://" $value) }}
{{- $ports = append $ports (include "jupyterhub.urlPort" $value | default (hasPrefix "https" $value | ternary "443" "80")) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.hub.config.LDAPAuthenticator }}
{{- $ports = concat $ports (hasKey . "server_port" | ternary (list (toString (int64 (.server_port | default 0)))) (list "389" "636")) }}
{{- end }}
{{- without (uniq $ports) "" "0" | toJson }}
{{- end }}

{{- /* The ports of services, from the addresses that the proxy leads to, as a JSON list. */}}
{{- define "jupyterhub.proxy.remotePorts" -}}
{{- $ports := list }}
{{- range concat (values .Values.hub.services) ((.Values.hub.config.JupyterHub | default dict).services | default list) }}
{{- with .url }}
{{- $ports = append $ports (include "jupyterhub.urlPort" . | default (hasPrefix "https" . | ternary "443" "80")) }}
{{- end }}
{{- end }}
{{- $ports | uniq | sortAlpha | toJson }}
{{- end }}

{{- /* The port in an address such as `postgresql://hub@db:5433/hub`; nothing when it has none. */}}
{{- define "jupyterhub.urlPort" -}}
{{- regexFind ":[0-9]+$" (regexFind "[^@]*$" (regexFind "^[^/?#]*" (regexReplaceAll "^[^:/]+://" . ""))) | trimPrefix ":" }}
{{- end }}
