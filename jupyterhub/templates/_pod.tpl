{{- /*
Parts of pods that several pods share.
*/}}

{{- define "jupyterhub.image" -}}
{{ .tag | empty | ternary .name (printf "%s:%s" .name .tag) }}
{{- end }}

{{- /* What a pod says for all its containers, those that others add included. */}}
{{- define "jupyterhub.podSecurity" -}}
securityContext:
  runAsNonRoot: true
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{- /* (list $ image) -> `imagePullSecrets` of a pod: the chart's own, the release's, the image's. */}}
{{- define "jupyterhub.imagePullSecrets" -}}
{{- $root := index . 0 }}
{{- $names := list }}
{{- if and $root.Values.imagePullSecret.create $root.Values.imagePullSecret.automaticReferenceInjection }}
{{- $names = append $names (include "jupyterhub.name" (list $root "image-pull-secret")) }}
{{- end }}
{{- with concat $names $root.Values.imagePullSecrets (index . 1).pullSecrets | uniq -}}
imagePullSecrets:
{{- range . }}
  - name: {{ kindIs "string" . | ternary . (get (kindIs "map" . | ternary . dict) "name") | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Environment variables of values, a list or a map of names -> a list of `EnvVar`, as JSON; a map in order of names. */}}
{{- define "jupyterhub.env.list" -}}
{{- $variables := list }}
{{- if kindIs "slice" . }}
{{- $variables = . }}
{{- else }}
{{- range $name, $value := . }}
{{- $variable := dict "name" $name }}
{{- range $key, $item := kindIs "string" $value | ternary (dict "value" $value) $value }}{{ $_ := set $variable $key $item }}{{ end }}
{{- $variables = append $variables $variable }}
{{- end }}
{{- end }}
{{- $variables | toJson }}
{{- end }}

{{- /* (list ours extra secret) -> a container's `env`: the list `ours`, less what the values `extra` set, then `extra`.
Texts of `extra` are read from keys `env.NAME` of the Secret when one is named, else stand there plainly. */}}
{{- define "jupyterhub.env" -}}
{{- $extra := include "jupyterhub.env.list" (index . 1) | fromJsonArray }}
{{- $secret := index . 2 }}
{{- $names := list }}
{{- range $extra }}{{ $names = append $names .name }}{{ end }}
{{- $env := list }}
{{- range index . 0 }}
{{- if not (has .name $names) }}{{ $env = append $env . }}{{ end }}
{{- end }}
{{- range $extra }}
{{- $variable := . }}
{{- if and $secret (hasKey . "value") }}
{{- $variable = dict "name" .name "valueFrom" (dict "secretKeyRef" (dict "name" $secret "key" (printf "env.%s" .name))) }}
{{- end }}
{{- $env = append $env $variable }}
{{- end }}
{{- $env | toYaml }}
{{- end }}

{{- /* The token of the proxy's API when the values give it, else nothing. */}}
{{- define "jupyterhub.proxyToken" -}}
{{- $config := .Values.hub.config -}}
{{ .Values.proxy.secretToken | default (dig "ConfigurableHTTPProxy" "auth_token" "" $config) | default (dig "JupyterHub" "proxy_auth_token" "" $config) }}
{{- end }}

{{- /*
The variables, as a list, by which hub and proxy have the same token: given in the values, or made by the credentials
job. With an existing Secret it may be there, which a render cannot know: then two variables, of which one is set.
*/}}
{{- define "jupyterhub.proxyToken.env" -}}
{{- $key := "hub.config.ConfigurableHTTPProxy.auth_token" }}
{{- $secret := include "jupyterhub.proxyToken" . | empty | ternary "hub-credentials" "hub" }}
{{- $ours := dict "name" (include "jupyterhub.name" (list . $secret)) "key" $key }}
{{- $sources := dict "CONFIGPROXY_AUTH_TOKEN" $ours }}
{{- with .Values.hub.existingSecret }}
{{- $sources = dict "PROXY_TOKEN_OURS" (merge (dict "optional" true) $ours) "PROXY_TOKEN_GIVEN" (dict "name" . "key" $key "optional" true) }}
{{- end }}
{{- range $name, $source := $sources }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef: {{ toJson $source }}
{{- end }}
{{- end }}

{{- /* (list $ command) -> a container's command that has the token in the variable which its program reads. */}}
{{- define "jupyterhub.proxyToken.command" -}}
{{- $root := index . 0 }}
{{- $command := index . 1 }}
{{- if $root.Values.hub.existingSecret }}
{{- $choice := "CONFIGPROXY_AUTH_TOKEN=\"${PROXY_TOKEN_GIVEN:-${PROXY_TOKEN_OURS:?no token in any Secret}}\"" }}
{{- $command = concat (list "sh" "-c" (printf "export %s; exec \"$@\"" $choice) "sh") $command }}
{{- end }}
{{- toJson $command }}
{{- end }}

{{- /* Node affinity of hub, proxy and the chart's jobs. */}}
{{- define "jupyterhub.coreAffinity" -}}
{{- $match := .Values.scheduling.corePods.nodeAffinity.matchNodePurpose }}
{{- $core := dict "matchExpressions" (list (dict "key" "hub.jupyter.org/node-purpose" "operator" "In" "values" (list "core"))) }}
{{- $rules := dict }}
{{- if eq $match "require" }}
{{- $rules = dict "requiredDuringSchedulingIgnoredDuringExecution" (dict "nodeSelectorTerms" (list $core)) }}
{{- else if eq $match "prefer" }}
{{- $rules = dict "preferredDuringSchedulingIgnoredDuringExecution" (list (dict "weight" 100 "preference" $core)) }}
{{- end }}
{{- with $rules }}{{ dict "affinity" (dict "nodeAffinity" .) | toYaml }}{{ end }}
{{- end }}

{{- /* (list probe path) -> a probe of the container's port `http`; without a path, whether it is open. */}}
{{- define "jupyterhub.probe" -}}
{{- $probe := index . 0 -}}
initialDelaySeconds: {{ int64 $probe.initialDelaySeconds }}
periodSeconds: {{ int64 $probe.periodSeconds }}
timeoutSeconds: {{ int64 $probe.timeoutSeconds }}
failureThreshold: {{ int64 $probe.failureThreshold }}
{{- if index . 1 }}
httpGet:
  path: {{ index . 1 | quote }}
  port: http
{{- else }}
tcpSocket:
  port: http
{{- end }}
{{- end }}

{{- /* (list spec extra) -> a pod's spec, given as YAML, with the keys of the map `extra` put in their place. */}}
{{- define "jupyterhub.podSpec" -}}
{{- include "jupyterhub.joined" (list (index . 0 | fromYaml) (index . 1)) }}
{{- end }}

{{- /* (list mounts extra) -> the list `mounts`, less those whose place a mount of the list `extra` takes, then `extra`. */}}
{{- define "jupyterhub.mounts" -}}
{{- $taken := list }}
{{- range index . 1 }}{{ $taken = append $taken (.mountPath | trimSuffix "/") }}{{ end }}
{{- $mounts := list }}
{{- range index . 0 }}
{{- if not (has (.mountPath | trimSuffix "/") $taken) }}{{ $mounts = append $mounts . }}{{ end }}
{{- end }}
{{- concat $mounts (index . 1) | toYaml }}
{{- end }}

{{- /* A Deployment's `strategy` from a map of values. */}}
{{- define "jupyterhub.strategy" -}}
type: {{ .type }}
{{- with .rollingUpdate }}
rollingUpdate: {{ toJson . }}
{{- end }}
{{- end }}

{{- /* (list $ pdb "hub") -> a PodDisruptionBudget for the pods of a component. */}}
{{- define "jupyterhub.pdb" -}}
{{- $pdb := index . 1 -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "jupyterhub.name" (list (index . 0) (index . 2)) }}
  labels:
    {{- include "jupyterhub.labels" (list (index . 0) (index . 2)) | nindent 4 }}
spec:
  {{- if not (kindIs "invalid" $pdb.maxUnavailable) }}
  maxUnavailable: {{ toJson $pdb.maxUnavailable }}
  {{- end }}
  {{- if not (kindIs "invalid" $pdb.minAvailable) }}
  minAvailable: {{ toJson $pdb.minAvailable }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "jupyterhub.matchLabels" (list (index . 0) (index . 2)) | nindent 6 }}
{{- end }}
