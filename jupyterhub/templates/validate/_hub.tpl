{{- /*
Checks of the hub's configuration, database and files. Each returns a JSON list of sentences, a key first.
*/}}

{{- /* The same rules as in hub_config/hub/database.py and passthrough.py. */}}
{{- define "jupyterhub.validate.hub" -}}
{{- $problems := list }}
{{- range $section := keys .Values.hub.config | sortAlpha }}
{{- if not (regexMatch "^[A-Z]" $section) }}
{{- $problems = append $problems (printf "hub.config.%s: the keys of hub.config are names of classes and begin with a capital, such as JupyterHub. If you meant hub.%s, move it one level up" $section $section) }}
{{- end }}
{{- end }}
{{- $db := .Values.hub.db }}
{{- if hasPrefix "sqlite-" $db.type }}
{{- range list "url" "password" }}
{{- if get $db . }}
{{- $problems = append $problems (printf "hub.db.%s: hub.db.type %s takes none: remove it, or write hub.db.type: postgres, mysql or other" . $db.type) }}
{{- end }}
{{- end }}
{{- else if not $db.url }}
{{- $problems = append $problems (printf "hub.db.url: hub.db.type %s needs it: write the address of the database, such as postgresql://hub@db/hub" $db.type) }}
{{- end }}
{{- if and $db.backup.enabled (ne $db.type "sqlite-pvc") }}
{{- $problems = append $problems (printf "hub.db.backup.enabled: hub.db.type %s is not backed up by the hub: remove it, and see docs/databases.md for backups of a server" $db.type) }}
{{- end }}
{{- $policy := .Values.singleuser.networkPolicy }}
{{- if and .Values.singleuser.cloudMetadata.blockWithIptables (or (not $policy.enabled) $policy.egressAllowRules.cloudMetadataServer) }}
{{- $problems = append $problems "singleuser.cloudMetadata.blockWithIptables: no privileged container blocks the metadata server here, and singleuser.networkPolicy does not either: write singleuser.networkPolicy.enabled: true and singleuser.networkPolicy.egressAllowRules.cloudMetadataServer: false, or write false here" }}
{{- end }}
{{- $problems | toJson }}
{{- end }}

{{- /* The same rules as in hub_config/commands/rules.py. */}}
{{- define "jupyterhub.validate.network" -}}
{{- $problems := list }}
{{- $network := .Values.networkPolicy }}
{{- $lacking := list }}
{{- if not $network.enabled }}{{ $lacking = append $lacking "networkPolicy.enabled" }}{{ end }}
{{- if not .Values.preflight.enabled }}{{ $lacking = append $lacking "preflight.enabled" }}{{ end }}
{{- if and $network.required $lacking }}
{{- $problems = append $problems (printf "networkPolicy.required: the preflight job finds out whether policies are enforced, which needs %s: true" (join " and " $lacking)) }}
{{- end }}
{{- if not $network.kubernetesApi.ports }}
{{- $problems = append $problems "networkPolicy.kubernetesApi.ports: without a port the hub reaches no Kubernetes API: write the API server's, such as 6443" }}
{{- end }}
{{- $problems | toJson }}
{{- end }}

{{- define "jupyterhub.validate.files" -}}
{{- $problems := list }}
{{- range $where, $files := dict "hub" .Values.hub.extraFiles "singleuser" .Values.singleuser.extraFiles }}
{{- range $name, $file := $files }}
{{- $key := printf "%s.extraFiles.%s" $where $name }}
{{- $contents := list }}
{{- range list "data" "stringData" "binaryData" }}
{{- if not (kindIs "invalid" (index $file .)) }}{{ $contents = append $contents . }}{{ end }}
{{- end }}
{{- if ne (len $contents) 1 }}
{{- $problems = append $problems (printf "%s: write the content as exactly one of data, stringData and binaryData (there: %s)" $key ($contents | join ", " | default "none")) }}
{{- end }}
{{- if not (hasPrefix "/" $file.mountPath) }}
{{- $problems = append $problems (printf "%s.mountPath: %q is no absolute path: begin it with /" $key $file.mountPath) }}
{{- end }}
{{- if and (has "data" $contents) (not (has (ext $file.mountPath) (list ".yaml" ".yml" ".json" ".toml"))) }}
{{- $problems = append $problems (printf "%s.mountPath: data is written as the ending of the path says, so end it with .yaml, .yml, .json or .toml, or write stringData" $key) }}
{{- end }}
{{- if not (regexMatch "^[-._a-zA-Z0-9]+$" $name) }}
{{- $problems = append $problems (printf "%s: a name of a file here may have letters, digits, dashes, dots and underscores only; the file's own name is in mountPath" $key) }}
{{- end }}
{{- end }}
{{- end }}
{{- $problems | toJson }}
{{- end }}
