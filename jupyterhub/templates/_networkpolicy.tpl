{{- /*
NetworkPolicies: who may reach a pod by its `network-access` label, and the ready-made holes for outgoing traffic. The
values' own holes, such as the database's, are in `_networkholes.tpl`.
*/}}

{{- /* (list $ "singleuser" "singleuser-server" namespace) -> the head of the NetworkPolicy so called, of the pods of a
component; the namespace may be left out: the release's. */}}
{{- define "jupyterhub.networkPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "jupyterhub.name" (list (index . 0) (index . 1)) }}
  {{- if gt (len .) 3 }}
  {{- with include "jupyterhub.inNamespace" (list (index . 0) (index . 3)) }}{{ . | nindent 2 }}{{ end }}
  {{- end }}
  labels:
    {{- include "jupyterhub.labels" (list (index . 0) (index . 1)) | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "jupyterhub.matchLabels" (list (index . 0) (index . 2)) | nindent 6 }}
  policyTypes: [Ingress, Egress]
{{- end }}

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
{{- $root := index . 0 }}
{{- $policy := index . 1 }}
{{- $allow := $policy.egressAllowRules }}
{{- $metadata := include "jupyterhub.networkPolicy.metadata" $root }}
{{- include "jupyterhub.networkPolicy.dns" (list $root $allow) }}
{{- if or $allow.nonPrivateIPs $allow.webPortsNonPrivateIPs }}
- to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except: {{ include "jupyterhub.networkPolicy.notInternet" $root }}
  {{- if not $allow.nonPrivateIPs }}
  ports:
    - port: 80
    - port: 443
  {{- end }}
{{- end }}
{{- if $allow.privateIPs }}
- to:
    {{- range include "jupyterhub.networkPolicy.private" $root | fromJsonArray }}
    - ipBlock: {{ toJson . }}
    {{- end }}
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

{{- /* (list $ allow) -> egress rules to name servers. A network looks at the port behind the Service, which is not 53 on
OpenShift; 169.254.20.10 is Kubernetes' NodeLocal DNSCache. */}}
{{- define "jupyterhub.networkPolicy.dns" -}}
{{- $root := index . 0 }}
{{- $allow := index . 1 }}
{{- if or $allow.dnsPortsCloudMetadataServer $allow.dnsPortsPrivateIPs }}
- ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
  to:
    {{- if $allow.dnsPortsCloudMetadataServer }}
    - ipBlock:
        cidr: {{ include "jupyterhub.networkPolicy.metadata" $root | quote }}
    {{- end }}
    {{- if $allow.dnsPortsPrivateIPs }}
    {{- range include "jupyterhub.networkPolicy.private" $root | fromJsonArray }}
    - ipBlock: {{ toJson . }}
    {{- end }}
    {{- end }}
{{- end }}
{{- if $allow.dnsPortsKubeSystemNamespace }}
- ports:
    {{- range list 53 5353 }}
    - port: {{ . }}
      protocol: UDP
    - port: {{ . }}
      protocol: TCP
    {{- end }}
  to:
    - namespaceSelector:
        matchExpressions:
          - key: kubernetes.io/metadata.name
            operator: In
            values: [kube-system, openshift-dns]
    - ipBlock:
        cidr: 169.254.20.10/32
{{- end }}
{{- end }}

{{- /* The metadata server as a block of one address. */}}
{{- define "jupyterhub.networkPolicy.metadata" -}}
{{- $ip := .Values.singleuser.cloudMetadata.ip -}}
{{ printf "%s/%s" $ip (contains ":" $ip | ternary "128" "32") }}
{{- end }}

{{- /* Where clouds serve metadata, as a JSON list: link-local addresses, Azure's, Oracle's and Alibaba's, and the value. */}}
{{- define "jupyterhub.networkPolicy.metadataBlocks" -}}
{{- $blocks := list "169.254.0.0/16" "168.63.129.16/32" "192.0.0.192/32" "100.100.100.200/32" }}
{{- $own := include "jupyterhub.networkPolicy.metadata" . }}
{{- if not (or (contains ":" $own) (hasPrefix "169.254." $own)) }}{{ $blocks = append $blocks $own }}{{ end }}
{{- $blocks | uniq | toJson }}
{{- end }}

{{- /* Private addresses, as a JSON list of IPBlocks: those of RFC 1918 and of RFC 6598, which clusters use for pods too. */}}
{{- define "jupyterhub.networkPolicy.private" -}}
{{- $blocks := list }}
{{- range list "10.0.0.0/8" "172.16.0.0/12" "192.168.0.0/16" }}{{ $blocks = append $blocks (dict "cidr" .) }}{{ end }}
{{- append $blocks (dict "cidr" "100.64.0.0/10" "except" (list "100.100.100.200/32")) | toJson }}
{{- end }}

{{- /* What is not the internet, as a JSON list: private addresses, metadata servers, and Kubernetes' API where it is known. */}}
{{- define "jupyterhub.networkPolicy.notInternet" -}}
{{- $blocks := list }}
{{- range include "jupyterhub.networkPolicy.private" . | fromJsonArray }}{{ $blocks = append $blocks .cidr }}{{ end }}
{{- $blocks = concat $blocks (include "jupyterhub.networkPolicy.metadataBlocks" . | fromJsonArray) }}
{{- range .Values.networkPolicy.kubernetesApi.cidrs }}
{{- if not (contains ":" .) }}{{ $blocks = append $blocks . }}{{ end }}
{{- end }}
{{- $blocks | uniq | toJson }}
{{- end }}

{{- /* The port that user servers listen on. */}}
{{- define "jupyterhub.singleuser.port" -}}
{{ dig "KubeSpawner" "port" (dig "Spawner" "port" (.Values.singleuser.port | default 8888) .Values.hub.config) .Values.hub.config | int64 }}
{{- end }}
