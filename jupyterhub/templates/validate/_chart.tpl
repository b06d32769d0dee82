{{- /*
Checks of nulls, names, Services and disruption budgets. Each check returns a JSON list of sentences, a key first.
*/}}

{{- /* Helm drops what is set to null, and values.yaml sets every key: what is absent was set to null by somebody. */}}
{{- define "jupyterhub.validate.nulls" -}}
{{- $problems := list }}
{{- $missing := list }}
{{- range $path := (.Files.Get "files/model.json" | fromJson).notNull }}
{{- $below := false }}
{{- range $missing }}{{ if hasPrefix (printf "%s." .) $path }}{{ $below = true }}{{ end }}{{ end }}
{{- if not $below }}
{{- $value := $.Values }}
{{- range splitList "." $path }}
{{- $value = index (kindIs "map" $value | ternary $value dict) . }}
{{- end }}
{{- if kindIs "invalid" $value }}
{{- $missing = append $missing $path }}
{{- $problems = append $problems (printf "%s may not be null: leave it out to have the default" $path) }}
{{- end }}
{{- end }}
{{- end }}
{{- $problems | toJson }}
{{- end }}

{{- /* Keys of Zero to JupyterHub: those that the models do not have, and those that are refused when switched on. */}}
{{- define "jupyterhub.validate.z2jh" -}}
{{- $problems := list }}
{{- $model := .Files.Get "files/model.json" | fromJson }}
{{- range $path, $sentence := $model.gone }}
{{- if not (kindIs "invalid" (include "jupyterhub.valueAt" (list $.Values $path) | fromJson).value) }}
{{- $problems = append $problems (printf "%s: %s" $path $sentence) }}
{{- end }}
{{- end }}
{{- range $path, $sentence := $model.notYet }}
{{- if (include "jupyterhub.valueAt" (list $.Values $path) | fromJson).value }}
{{- $problems = append $problems (printf "%s: %s" $path $sentence) }}
{{- end }}
{{- end }}
{{- $problems | toJson }}
{{- end }}

{{- define "jupyterhub.validate.names" -}}
{{- $problems := list }}
{{- $prefix := include "jupyterhub.fullname" . }}
{{- /* The longest name is that of the Job <prefix>-hook-image-awaiter, which becomes a label: 63 characters. */}}
{{- $most := 44 }}
{{- if gt (len $prefix) $most }}
{{- $problems = append $problems (printf "fullnameOverride: the prefix %s is too long: Kubernetes allows %d characters here; write a shorter fullnameOverride, or \"\" for names without prefix" $prefix $most) }}
{{- end }}
{{- if and $prefix (not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $prefix)) }}
{{- $problems = append $problems (printf "fullnameOverride: the prefix %q may have lower-case letters, digits and dashes only, and begins with a letter" $prefix) }}
{{- end }}
{{- if and .Values.hub.existingSecret (has .Values.hub.existingSecret (list (include "jupyterhub.name" (list . "hub")) (include "jupyterhub.name" (list . "hub-credentials")))) }}
{{- $problems = append $problems (printf "hub.existingSecret: %s is a Secret of the chart itself: give yours another name" .Values.hub.existingSecret) }}
{{- end }}
{{- if and .Values.imagePullSecret.create (not (and .Values.imagePullSecret.username .Values.imagePullSecret.password)) }}
{{- $problems = append $problems "imagePullSecret.create: a login needs imagePullSecret.username and imagePullSecret.password" }}
{{- end }}
{{- $problems | toJson }}
{{- end }}

{{- define "jupyterhub.validate.disruption" -}}
{{- $problems := list }}
{{- range $key, $pdb := dict "hub.pdb" .Values.hub.pdb "proxy.chp.pdb" .Values.proxy.chp.pdb }}
{{- $most := not (kindIs "invalid" $pdb.maxUnavailable) }}
{{- $least := not (kindIs "invalid" $pdb.minAvailable) }}
{{- if and $pdb.enabled $most $least }}
{{- $problems = append $problems (printf "%s: Kubernetes takes one of maxUnavailable and minAvailable: write null for the other" $key) }}
{{- else if and $pdb.enabled (not $most) (not $least) }}
{{- $problems = append $problems (printf "%s: write maxUnavailable or minAvailable, or enabled: false" $key) }}
{{- end }}
{{- end }}
{{- range $key, $strategy := dict "hub.deploymentStrategy" .Values.hub.deploymentStrategy "proxy.deploymentStrategy" .Values.proxy.deploymentStrategy }}
{{- if and $strategy.rollingUpdate (ne $strategy.type "RollingUpdate") }}
{{- $problems = append $problems (printf "%s.rollingUpdate: belongs to type RollingUpdate: write null here, or %s.type: RollingUpdate" $key $key) }}
{{- end }}
{{- end }}
{{- $problems | toJson }}
{{- end }}

{{- define "jupyterhub.validate.services" -}}
{{- $problems := list }}
{{- $service := .Values.proxy.service }}
{{- if and $service.type (ne $service.type "LoadBalancer") }}
{{- range list "loadBalancerIP" "loadBalancerSourceRanges" }}
{{- if get $service . }}
{{- $problems = append $problems (printf "proxy.service.%s: has a meaning with a load balancer only: write proxy.service.type: LoadBalancer, or remove it" .) }}
{{- end }}
{{- end }}
{{- if and $service.nodePorts.http (eq $service.type "ClusterIP") }}
{{- $problems = append $problems "proxy.service.nodePorts.http: a Service of type ClusterIP has no port on nodes: write proxy.service.type: NodePort, or remove it" }}
{{- end }}
{{- end }}
{{- if and (ne .Values.hub.service.type "LoadBalancer") .Values.hub.service.loadBalancerIP }}
{{- $problems = append $problems "hub.service.loadBalancerIP: has a meaning with a load balancer only: write hub.service.type: LoadBalancer, or remove it" }}
{{- end }}
{{- if and .Values.hub.service.ports.nodePort (eq .Values.hub.service.type "ClusterIP") }}
{{- $problems = append $problems "hub.service.ports.nodePort: a Service of type ClusterIP has no port on nodes: write hub.service.type: NodePort, or remove it" }}
{{- end }}
{{- $problems | toJson }}
{{- end }}
