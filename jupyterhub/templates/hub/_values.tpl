{{- /*
What the hub gets to read: the values that `files/model.json` lists for it, and the facts of this release. Both the hub
and the preflight job, which tries them beforehand, mount the results.
*/}}

{{- /* (list values paths) -> a map, as JSON, of the dotted paths that are there; a path that was set to null is absent. */}}
{{- define "jupyterhub.pick" -}}
{{- $values := index . 0 }}
{{- $picked := dict }}
{{- range index . 1 }}
{{- $keys := splitList "." . }}
{{- $found := true }}
{{- $value := $values }}
{{- range $keys }}
{{- if and $found (kindIs "map" $value) (hasKey $value .) }}{{ $value = index $value . }}{{ else }}{{ $found = false }}{{ end }}
{{- end }}
{{- if $found }}
{{- $into := $picked }}
{{- range initial $keys }}
{{- if not (hasKey $into .) }}{{ $_ := set $into . dict }}{{ end }}
{{- $into = index $into . }}
{{- end }}
{{- $_ := set $into (last $keys) $value }}
{{- end }}
{{- end }}
{{- $picked | toJson }}
{{- end }}

{{- /* (list $ more) -> the data of the ConfigMap `hub`; `more` are dotted paths of values besides the hub's. */}}
{{- define "jupyterhub.hub.configmap.data" -}}
{{- $root := index . 0 }}
{{- $model := $root.Files.Get "files/model.json" | fromJson }}
{{- $plain := include "jupyterhub.hub.secretPaths" (list $root false) | fromJsonArray }}
{{- $values := include "jupyterhub.pick" (list $root.Values (concat $model.readers.hub $plain (index . 1))) | fromJson }}
{{- /* The hub mounts these files from the Secret `singleuser`: where they go is enough, and they may be large. */}}
{{- range $file := dig "singleuser" "extraFiles" dict $values }}
{{- range list "data" "stringData" "binaryData" }}{{ $_ := unset $file . }}{{ end }}
{{- end -}}
values.json: {{ $values | toPrettyJson | toJson }}
facts.json: {{ include "jupyterhub.hub.facts" $root | fromJson | toPrettyJson | toJson }}
{{- end }}

{{- define "jupyterhub.hub.facts" -}}
{{- $facts := dict
  "release" .Release.Name
  "namespace" .Release.Namespace
  "chartName" .Chart.Name
  "hubConfig" (.Files.Get "files/model.json" | fromJson).hubConfig
  "names" (include "jupyterhub.names" . | fromJson)
  "hubPort" 8081
  "proxyApiPort" 8001
}}
{{- /* From another namespace the hub's plain name leads nowhere. */}}
{{- if include "jupyterhub.namespaceSelector" . }}
{{- $_ := set $facts "hubHost" (printf "%s.%s" (include "jupyterhub.name" (list . "hub")) .Release.Namespace) }}
{{- end }}
{{- $facts | toJson }}
{{- end }}

{{- /* (list $ true) -> the dotted paths, as JSON, of the sensitive values that are set to something; with false, of those
that have their defaults, which are no secrets. */}}
{{- define "jupyterhub.hub.secretPaths" -}}
{{- $root := index . 0 }}
{{- $set := index . 1 }}
{{- $paths := list }}
{{- range $path, $default := ($root.Files.Get "files/model.json" | fromJson).secretDefaults }}
{{- $value := $root.Values }}
{{- range splitList "." $path }}{{ $value = get (kindIs "map" $value | ternary $value dict) . }}{{ end }}
{{- $same := or (eq (toJson $value) (toJson $default)) (and (empty $value) (empty $default)) }}
{{- if eq $set (not $same) }}{{ $paths = append $paths $path }}{{ end }}
{{- end }}
{{- $paths | toJson }}
{{- end }}

{{- /*
The data of the Secret `hub`: sensitive values that were given, and what environment and files of the hub's pod refer to.
Nothing when there is none of these: then there is no such Secret.
*/}}
{{- define "jupyterhub.hub.secret.data" -}}
{{- $data := dict }}
{{- with include "jupyterhub.hub.secretPaths" (list . true) | fromJsonArray }}
{{- $_ := set $data "values.json" (include "jupyterhub.pick" (list $.Values .) | fromJson | toPrettyJson | b64enc) }}
{{- end }}
{{- with include "jupyterhub.proxyToken" . }}
{{- $_ := set $data "hub.config.ConfigurableHTTPProxy.auth_token" (b64enc .) }}
{{- end }}
{{- with .Values.hub.db.password }}
{{- $_ := set $data "hub.db.password" (b64enc .) }}
{{- end }}
{{- range include "jupyterhub.env.list" .Values.hub.extraEnv | fromJsonArray }}
{{- if hasKey . "value" }}{{ $_ := set $data (printf "env.%s" .name) (b64enc .value) }}{{ end }}
{{- end }}
{{- range $name, $file := .Values.hub.extraFiles }}
{{- $_ := set $data (printf "files.%s" $name) (include "jupyterhub.file" $file) }}
{{- end }}
{{- with $data }}{{ toYaml . }}{{ end }}
{{- end }}

{{- /* The content of a file of `extraFiles`, in base64. */}}
{{- define "jupyterhub.file" -}}
{{- $ending := ext .mountPath }}
{{- if not (kindIs "invalid" .binaryData) }}
{{- .binaryData | nospace }}
{{- else if not (kindIs "invalid" .stringData) }}
{{- .stringData | b64enc }}
{{- else if eq $ending ".json" }}
{{- .data | toPrettyJson | b64enc }}
{{- else if eq $ending ".toml" }}
{{- include "jupyterhub.toml" .data | b64enc }}
{{- else }}
{{- .data | toYaml | printf "%s\n" | b64enc }}
{{- end }}
{{- end }}

{{- /* TOML in which whole numbers are whole: Helm hands every number over as one with a fraction. */}}
{{- define "jupyterhub.toml" -}}
{{- range $line := . | toToml | trimSuffix "\n" | splitList "\n" }}
{{- if regexMatch "^[^\"']+ = [][0-9., -]+$" $line }}
{{- regexReplaceAll "([0-9])[.]0([], ]|$)" $line "${1}${2}" }}
{{- else }}
{{- $line }}
{{- end }}
{{ end }}
{{- end }}
