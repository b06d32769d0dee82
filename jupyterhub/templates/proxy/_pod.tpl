{{- /*
The proxy's pod: for its Deployment, and for the preflight job, which asks the cluster whether it would be admitted.
It reads few values: what changes here restarts the proxy, which cuts every user's connections.
*/}}

{{- define "jupyterhub.proxy.pod" -}}
metadata:
  labels:
    {{- $access := dict "hub.jupyter.org/network-access-hub" "true" "hub.jupyter.org/network-access-singleuser" "true" }}
    {{- include "jupyterhub.podLabels" (list . "proxy" $access .Values.proxy.labels) | nindent 4 }}
  {{- /* A token that was changed in the values must reach the proxy; four digits of its sum give nothing away. */}}
  {{- $sum := dict }}
  {{- with include "jupyterhub.proxyToken" . }}{{ $sum = dict "checksum/auth-token" (sha256sum . | trunc 4) }}{{ end }}
  {{- with include "jupyterhub.joined" (list $sum .Values.proxy.annotations) }}
  annotations:
    {{- . | nindent 4 }}
  {{- end }}
spec:
  {{- include "jupyterhub.podSpec" (list (include "jupyterhub.proxy.spec" .) .Values.proxy.chp.extraPodSpec) | nindent 2 }}
{{- end }}

{{- define "jupyterhub.proxy.spec" -}}
{{- $chp := .Values.proxy.chp }}
{{- $scheme := .Values.internalTls.enabled | ternary "https" "http" }}
{{- $hub := printf "%s://%s:8081" $scheme (include "jupyterhub.name" (list . "hub")) -}}
automountServiceAccountToken: false
terminationGracePeriodSeconds: 60
{{ include "jupyterhub.podSecurity" . }}
{{- if .Values.scheduling.podPriority.enabled }}
priorityClassName: {{ include "jupyterhub.priority.name" . | quote }}
{{- end }}
{{- with $chp.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with concat .Values.scheduling.corePods.tolerations $chp.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- with include "jupyterhub.coreAffinity" . }}{{ . | nindent 0 }}{{ end }}
{{- with include "jupyterhub.imagePullSecrets" (list . $chp.image) }}{{ . | nindent 0 }}{{ end }}
{{- if .Values.internalTls.enabled }}
volumes:
  - name: internal-tls
    secret:
      secretName: {{ include "jupyterhub.name" (list . "proxy-internal-tls") }}
{{- end }}
containers:
  - name: chp
    image: {{ include "jupyterhub.image" $chp.image | quote }}
    {{- with $chp.image.pullPolicy }}
    imagePullPolicy: {{ . }}
    {{- end }}
    command: {{ include "jupyterhub.proxyToken.command" (list . $chp.command) }}
    args:
      {{- /* No address: all of them, IPv6 as well. */}}
      - --ip=
      - --port=8000
      - --api-ip=
      - --api-port=8001
      - {{ printf "--default-target=%s" ($chp.defaultTarget | default $hub) | quote }}
      - {{ printf "--error-target=%s" ($chp.errorTarget | default (printf "%s%s/hub/error" $hub (trimSuffix "/" .Values.hub.baseUrl))) | quote }}
      {{- if .Values.debug.enabled }}
      - --log-level=debug
      {{- end }}
      {{- if include "jupyterhub.subdomain.host" . }}
      - --host-routing
      {{- end }}
      {{- if .Values.internalTls.enabled }}
      {{- range $side := list "api" "client" }}
      - --{{ $side }}-ssl-key=/etc/jupyterhub/internal-tls/proxy-{{ $side }}.key
      - --{{ $side }}-ssl-cert=/etc/jupyterhub/internal-tls/proxy-{{ $side }}.crt
      - --{{ $side }}-ssl-ca=/etc/jupyterhub/internal-tls/proxy-{{ $side }}-trust.crt
      - --{{ $side }}-ssl-request-cert
      - --{{ $side }}-ssl-reject-unauthorized
      {{- end }}
      {{- end }}
      {{- range $chp.extraCommandLineFlags }}
      - {{ tpl . $ | quote }}
      {{- end }}
    env:
      {{- include "jupyterhub.env" (list (include "jupyterhub.proxyToken.env" . | fromYamlArray) $chp.extraEnv "") | nindent 6 }}
    ports:
      - name: http
        containerPort: 8000
      - name: api
        containerPort: 8001
    {{- if $chp.livenessProbe.enabled }}
    livenessProbe:
      {{- include "jupyterhub.probe" (list $chp.livenessProbe "/_chp_healthz") | nindent 6 }}
    {{- end }}
    {{- if $chp.readinessProbe.enabled }}
    readinessProbe:
      {{- include "jupyterhub.probe" (list $chp.readinessProbe "/_chp_healthz") | nindent 6 }}
    {{- end }}
    {{- with $chp.resources }}
    resources: {{ toJson . }}
    {{- end }}
    {{- with $chp.containerSecurityContext }}
    securityContext: {{ toJson . }}
    {{- end }}
    {{- if .Values.internalTls.enabled }}
    volumeMounts:
      - name: internal-tls
        mountPath: /etc/jupyterhub/internal-tls
        readOnly: true
    {{- end }}
{{- end }}
