{{- /*
NetworkPolicies: who may reach a pod by its `network-access` label, and the ready-made holes for outgoing traffic.
*/}}

{{- /* (list policy "hub" "http" $) -> an ingress rule: pods of the release that are labelled
`hub.jupyter.org/network-access-hub` may reach the port. */}}
{{- define "jupyterhub.networkPolicy.from" -}}
{{- $label := printf "hub.jupyter.org/network-access-%s" (index . 1) -}}
- ports:
    - port: {{ index . 2 }}
  from:
    - podSelector:
        matchLabels:
          {{ $label }}: "true"
    {{- if ne (index . 0).interNamespaceAccessLabels "accept" }}
      {{- with include "jupyterhub.namespaceSelector" (index . 3) }}{{ . | nindent 6 }}{{ end }}
    {{- else }}
      namespaceSelector: {}
    - namespaceSelector:
        matchLabels:
          {{ $label }}: "true"
    {{- end }}
{{- end }}

{{- /* The ingress rules that values give. */}}
{{- define "jupyterhub.networkPolicy.ingress" -}}
{{- with .allowedIngressPorts }}
- ports:
    {{- range . }}
    - port: {{ kindIs "string" . | ternary . (int64 .) }}
    {{- end }}
{{- end }}
{{- with .ingress }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* (list $ "proxy" 8001) -> an egress rule to the release's own pods of a component. */}}
{{- define "jupyterhub.networkPolicy.to" -}}
- to:
    - podSelector:
        matchLabels:
          {{- include "jupyterhub.matchLabels" . | nindent 10 }}
      {{- with include "jupyterhub.namespaceSelector" (index . 0) }}{{ . | nindent 6 }}{{ end }}
  ports:
    - port: {{ index . 2 }}
{{- end }}

{{- /* (list $ policy) -> the egress rules that values give. */}}
{{- define "jupyterhub.networkPolicy.egress" -}}
{{- $policy := index . 1 }}
{{- $allow := $policy.egressAllowRules }}
{{- $metadata := printf "%s/%s" (index . 0).Values.singleuser.cloudMetadata.ip (contains ":" (index . 0).Values.singleuser.cloudMetadata.ip | ternary "128" "32") }}
{{- $private := list "10.0.0.0/8" "172.16.0.0/12" "192.168.0.0/16" }}
{{- if or $allow.dnsPortsCloudMetadataServer $allow.dnsPortsKubeSystemNamespace $allow.dnsPortsPrivateIPs }}
- ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
  to:
    {{- if $allow.dnsPortsCloudMetadataServer }}
    - ipBlock:
        cidr: {{ $metadata | quote }}
    {{- end }}
    {{- if $allow.dnsPortsKubeSystemNamespace }}
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
    {{- end }}
    {{- if $allow.dnsPortsPrivateIPs }}
    {{- include "jupyterhub.networkPolicy.blocks" $private | nindent 4 }}
    {{- end }}
{{- end }}
{{- if $allow.nonPrivateIPs }}
- to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except: {{ contains ":" $metadata | ternary $private (append $private $metadata) | toJson }}
{{- end }}
{{- if $allow.privateIPs }}
- to:
    {{- include "jupyterhub.networkPolicy.blocks" $private | nindent 4 }}
{{- end }}
{{- if $allow.cloudMetadataServer }}
- to:
    - ipBlock:
        cidr: {{ $metadata | quote }}
{{- end }}
{{- with $policy.egress }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "jupyterhub.networkPolicy.blocks" -}}
{{- range $index, $cidr := . }}
{{- if $index }}
{{ end -}}
- ipBlock:
    cidr: {{ $cidr }}
{{- end }}
{{- end }}

{{- /* The port that user servers listen on. */}}
{{- define "jupyterhub.singleuser.port" -}}
{{ dig "KubeSpawner" "port" (dig "Spawner" "port" (.Values.singleuser.port | default 8888) .Values.hub.config) .Values.hub.config | int64 }}
{{- end }}
