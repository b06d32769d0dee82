{{- /*
Checks of users' namespaces and budgets. Each returns a JSON list of sentences, a key first. The same rules as in
hub_config/singleuser/namespace.py, hub_config/hub/budgets.py and hub_config/commands/tenancy.py.
*/}}

{{- define "jupyterhub.validate.namespace" -}}
{{- $problems := list }}
{{- $users := .Values.singleuser.namespace }}
{{- $name := $users.name | default "" }}
{{- if not (regexMatch "[{}]" $name) }}
{{- if and $name (not (regexMatch "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" $name)) }}
{{- $problems = append $problems (printf "singleuser.namespace.name: %s is no name of a namespace: letters, digits and dashes within" $name) }}
{{- end }}
{{- if and $users.former (not $name) }}
{{- $problems = append $problems "singleuser.namespace.former: is set, but name is not: write the namespace of new users, or remove former" }}
{{- end }}
{{- if $users.perUser }}
{{- $problems = append $problems "singleuser.namespace.perUser: is set, but name has no {username} in it: write name: jupyter-{username}, or remove perUser" }}
{{- end }}
{{- else if not (regexMatch "[{](username|userid)[}]" $name) }}
{{- $problems = append $problems (printf "singleuser.namespace.name: %s would be one namespace for several users: write {username} in it" $name) }}
{{- else if not $users.perUser }}
{{- $problems = append $problems "singleuser.namespace.perUser: is missing: the hub has rights in the namespaces only that are listed there; write the namespaces of your users" }}
{{- end }}
{{- $problems | toJson }}
{{- end }}

{{- define "jupyterhub.validate.budgets" -}}
{{- $problems := list }}
{{- $values := .Values }}
{{- $servers := include "jupyterhub.validate.servers" . | fromJsonArray }}
{{- range $name, $budget := $values.budgets }}
{{- $limits := dict }}
{{- range $key, $resource := dict "servers" "servers" "cpu" "cpu" "memory" "memory" }}
{{- $most := get $budget $key }}
{{- if and (hasKey $budget $key) (not (kindIs "invalid" $most)) }}
{{- $reader := eq $key "memory" | ternary "bytes" "quantity" }}
{{- $_ := set $limits $resource (list $key (include (printf "jupyterhub.validate.%s" $reader) $most | float64)) }}
{{- end }}
{{- end }}
{{- range $resource, $most := $budget.extraResources }}
{{- $_ := set $limits $resource (list "extraResources" (include "jupyterhub.validate.quantity" $most | float64)) }}
{{- end }}
{{- if not $limits }}
{{- $problems = append $problems (printf "budgets.%s: the budget limits nothing: write servers, cpu, memory or extraResources" $name) }}
{{- end }}
{{- range $resource, $each := $values.singleuser.groupOverrides | empty | ternary $limits dict }}
{{- $smallest := 1.0 }}
{{- $most := 1.0 }}
{{- if ne $resource "servers" }}
{{- $most = 0.0 }}
{{- range $index, $server := $servers }}
{{- $taken := include "jupyterhub.validate.effective" (list $server.amounts "requests" $resource dict) | default "0" | float64 }}
{{- if or (eq $index 0) (lt $taken $smallest) }}{{ $smallest = $taken }}{{ end }}
{{- if gt $taken $most }}{{ $most = $taken }}{{ end }}
{{- end }}
{{- end }}
{{- $key := printf "budgets.%s.%s" $name (index $each 0) }}
{{- if not (index $each 1) }}
{{- else if not $most }}
{{- $problems = append $problems (printf "%s: counts %s, of which no server has a guarantee or limit: write one in singleuser" $key $resource) }}
{{- else if gt $smallest (index $each 1) }}
{{- $shown := include "jupyterhub.validate.shown" (list $resource $smallest) }}
{{- $problems = append $problems (printf "%s: the smallest server takes %s, more than %s: write %s or more" $key $shown (include "jupyterhub.validate.shown" (list $resource (index $each 1))) $shown) }}
{{- end }}
{{- end }}
{{- end }}
{{- $problems | toJson }}
{{- end }}
