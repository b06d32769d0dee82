{{- /*
Checks of quotas and limit ranges. Each returns a JSON list of sentences, a key first. The same rules as in
hub_config/chart/quota.py and hub_config/commands/tenancy.py.
*/}}

{{- define "jupyterhub.validate.tenants" -}}
{{- $users := .Values.singleuser.namespace }}
{{- $servers := include "jupyterhub.validate.servers" . | fromJsonArray }}
{{- $core := include "jupyterhub.validate.core" . | fromJsonArray }}
{{- $own := dict "key" "" "quota" .Values.quota "limitRange" .Values.limitRange "core" $core "servers" ($users.name | empty | ternary $servers list) }}
{{- $apart := dict "key" "singleuser.namespace." "quota" $users.quota "limitRange" $users.limitRange "core" list "servers" ($users.name | empty | ternary list $servers) }}
{{- $problems := list }}
{{- range $each := list $own $apart }}
{{- $settings := merge (dict "root" $) $each }}
{{- range list "quota" "limitRange" }}
{{- $problems = concat $problems (include (printf "jupyterhub.validate.%s" .) $settings | fromJsonArray) }}
{{- end }}
{{- end }}
{{- $problems | toJson }}
{{- end }}

{{- define "jupyterhub.validate.quota" -}}
{{- $problems := list }}
{{- $where := printf "%squota.hard" .key }}
{{- $names := splitList " " "cpu memory storage ephemeral-storage requests.cpu requests.memory requests.storage requests.ephemeral-storage limits.cpu limits.memory limits.ephemeral-storage pods services services.nodeports services.loadbalancers replicationcontrollers resourcequotas secrets configmaps persistentvolumeclaims" }}
{{- $scoped := or .quota.scopes .quota.scopeSelector }}
{{- range $name, $most := .quota.hard }}
{{- $room := include "jupyterhub.validate.quantity" $most | float64 }}
{{- $kind := regexFind "^(requests|limits)[.]" $name | trimSuffix "." }}
{{- $resource := trimPrefix (printf "%s." $kind) $name }}
{{- if has $name (list "cpu" "memory" "ephemeral-storage") }}{{ $kind = "requests" }}{{ $resource = $name }}{{ end }}
{{- if not (or (contains "/" $name) (has $name $names)) }}
{{- $problems = append $problems (printf "%s.%s: Kubernetes counts nothing of this name: write one of %s" $where $name (join ", " $names)) }}
{{- else if $scoped }}
{{- else if and $kind (ne $resource "storage") }}
{{- $unsaid := list }}
{{- $base := 0.0 }}
{{- $largest := 0.0 }}
{{- $who := "" }}
{{- range $pod := concat $.core $.servers }}
{{- $amount := include "jupyterhub.validate.effective" (list $pod.amounts $kind $resource $.limitRange) }}
{{- if and (not $amount) (has $resource (list "cpu" "memory" "ephemeral-storage")) }}{{ $unsaid = append $unsaid $pod.key }}{{ end }}
{{- $number := $amount | default "0" | float64 }}
{{- if has $pod $.core }}{{ $base = addf $base $number }}{{ else if gt $number $largest }}{{ $largest = $number }}{{ $who = $pod.who }}{{ end }}
{{- end }}
{{- $all := addf $base $largest }}
{{- if $unsaid }}
{{- $problems = append $problems (printf "%s: %s: Kubernetes then refuses every pod that does not say its %s.%s, and %s does not: say it there, or write %slimitRange: {limits: [{type: Container, default: {%s: ...}}]}" $where $name $kind $resource ($unsaid | uniq | join " and ") $.key $resource) }}
{{- else if gt $all $room }}
{{- $what := printf "hub, proxy and hooks (%s)" (include "jupyterhub.validate.shown" (list $resource $base)) }}
{{- if $who }}
{{- $what = printf "%s (%s)%s" $who (include "jupyterhub.validate.shown" (list $resource $largest)) (gt $base 0.0 | ternary (printf " beside the %s of hub, proxy and hooks" (include "jupyterhub.validate.shown" (list $resource $base))) "") }}
{{- end }}
{{- $problems = append $problems (printf "%s: %s: %v does not hold %s: write %s or more, or make that smaller" $where $name $most $what (include "jupyterhub.validate.shown" (list $resource $all))) }}
{{- end }}
{{- else if and $.servers (eq $.root.Values.singleuser.storage.type "dynamic") (has $name (list "persistentvolumeclaims" "count/persistentvolumeclaims" "requests.storage")) }}
{{- $need := eq $name "requests.storage" | ternary (include "jupyterhub.validate.quantity" $.root.Values.singleuser.storage.capacity | float64) 1.0 }}
{{- if gt $need $room }}
{{- $shown := include "jupyterhub.validate.shown" (list $name $need) }}
{{- $problems = append $problems (printf "%s: %s: %v does not hold a user's home (%s): write %s or more, or make that smaller" $where $name $most $shown $shown) }}
{{- end }}
{{- else if has $name (list "pods" "count/pods") }}
{{- if lt $room (add (len $.core) 1 | float64) }}
{{- $problems = append $problems (printf "%s: %s: %v does not hold the pods of the chart and one user's: write %d or more" $where $name $most (add (len $.core) 1)) }}
{{- end }}
{{- end }}
{{- end }}
{{- $problems | toJson }}
{{- end }}

{{- define "jupyterhub.validate.limitRange" -}}
{{- $problems := list }}
{{- $kinds := list "Container" "Pod" "PersistentVolumeClaim" }}
{{- range $item := .limitRange.limits }}
{{- if not (has $item.type $kinds) }}
{{- $problems = append $problems (printf "%slimitRange.limits: type: write one of %s, not %s" $.key (join ", " $kinds) $item.type) }}
{{- else if ne $item.type "PersistentVolumeClaim" }}
{{- range $bound := list "max" "min" }}
{{- range $resource, $text := get $item $bound | default dict }}
{{- $edge := include "jupyterhub.validate.quantity" $text | float64 }}
{{- range $pod := concat $.core $.servers }}
{{- range $kind := list "requests" "limits" }}
{{- $each := index $pod.amounts $kind }}
{{- if hasKey $each $resource }}
{{- $asked := get $each $resource | float64 }}
{{- if eq $bound "max" | ternary (gt $asked $edge) (lt $asked $edge) }}
{{- $problems = append $problems (printf "%slimitRange.limits: %s.%s of %s: the %s of %s, %s, is %s %v: Kubernetes would refuse it; change one of them" $.key $bound $resource $item.type (eq $kind "requests" | ternary "guarantee or request" "limit") $pod.who (include "jupyterhub.validate.shown" (list $resource $asked)) (eq $bound "max" | ternary "above" "below") $text) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- $problems | toJson }}
{{- end }}
