{{- /*
The image pullers' pod: an init container for each image that does nothing but exist, so that the kubelet pulls the image,
and a container that stays.
*/}}

{{- /* (list $ "hook-image-puller") -> the pod. */}}
{{- define "jupyterhub.imagePuller.pod" -}}
{{- $root := index . 0 }}
{{- $puller := $root.Values.prePuller -}}
metadata:
  labels:
    {{- include "jupyterhub.podLabels" (list $root (index . 1) $puller.labels) | nindent 4 }}
  {{- with $puller.annotations }}
  annotations: {{ toJson . }}
  {{- end }}
spec:
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 0
  {{- include "jupyterhub.podSecurity" $root | nindent 2 }}
  {{- /* Hooks run before the class is there. */}}
  {{- if and $root.Values.scheduling.podPriority.enabled (ne (index . 1) "hook-image-puller") }}
  priorityClassName: {{ include "jupyterhub.imagePullerPriority.name" $root | quote }}
  {{- end }}
  {{- with $root.Values.singleuser.nodeSelector }}
  nodeSelector: {{ toJson . }}
  {{- end }}
  {{- with concat $root.Values.scheduling.userPods.tolerations $root.Values.singleuser.extraTolerations $puller.extraTolerations }}
  tolerations: {{ toJson . }}
  {{- end }}
  {{- with include "jupyterhub.userNodes" $root | fromJsonArray }}
  affinity:
    nodeAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
        nodeSelectorTerms: {{ toJson . }}
  {{- end }}
  {{- $secrets := concat $root.Values.singleuser.image.pullSecrets (($puller.pause.image | default dict).pullSecrets | default list) }}
  {{- with include "jupyterhub.imagePullSecrets" (list $root (dict "pullSecrets" $secrets)) }}{{ . | trim | nindent 2 }}{{ end }}
  initContainers:
    {{- $policies := dict }}
    {{- range append (values $root.Values.prePuller.extraImages) $root.Values.singleuser.image }}
    {{- $_ := set $policies (include "jupyterhub.image" .) .pullPolicy }}
    {{- end }}
    {{- range $index, $image := include "jupyterhub.imagePuller.images" $root | fromJsonArray }}
    - name: image-pull-{{ $index }}
      image: {{ $image | quote }}
      {{- with get $policies $image }}
      imagePullPolicy: {{ . }}
      {{- end }}
      command: [/bin/sh, -c, echo pulled]
      {{- with $puller.resources }}
      resources: {{ toJson . }}
      {{- end }}
      {{- with $puller.containerSecurityContext }}
      securityContext: {{ toJson . }}
      {{- end }}
    {{- end }}
  containers:
    - name: pause
      {{- $image := $root.Values.singleuser.image }}
      {{- with $puller.pause.image }}
      {{- $image = dict "pullPolicy" .pullPolicy "name" (.name | default "registry.k8s.io/pause") "tag" (.tag | default "3.10.2") }}
      {{- end }}
      image: {{ include "jupyterhub.image" $image | quote }}
      {{- with $image.pullPolicy }}
      imagePullPolicy: {{ . }}
      {{- end }}
      {{- if not $puller.pause.image }}
      command: [/bin/sh, -c, "trap 'exit 0' TERM; sleep 2147483647 & wait"]
      {{- end }}
      {{- with $puller.resources }}
      resources: {{ toJson . }}
      {{- end }}
      {{- with $puller.pause.containerSecurityContext }}
      securityContext: {{ toJson . }}
      {{- end }}
{{- end }}

{{- /* The images, as JSON, each once: the user image first, then those of other containers, of profiles, and more. */}}
{{- define "jupyterhub.imagePuller.images" -}}
{{- $images := list (include "jupyterhub.image" .Values.singleuser.image) }}
{{- range concat .Values.singleuser.initContainers .Values.singleuser.extraContainers }}
{{- $images = append $images .image }}
{{- end }}
{{- if .Values.prePuller.pullProfileListImages }}
{{- range .Values.singleuser.profileList }}
{{- $images = append $images (dig "kubespawner_override" "image" "" .) }}
{{- range $option := .profile_options }}
{{- range $choice := $option.choices }}
{{- $images = append $images (dig "kubespawner_override" "image" "" $choice) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- range .Values.prePuller.extraImages }}
{{- $images = append $images (include "jupyterhub.image" .) }}
{{- end }}
{{- $images | compact | uniq | toJson }}
{{- end }}

{{- /* The terms, as JSON, that nodes of user pods must match, as hub_config/singleuser/scheduling.py has them. */}}
{{- define "jupyterhub.userNodes" -}}
{{- $terms := .Values.singleuser.extraNodeAffinity.required }}
{{- if eq .Values.scheduling.userPods.nodeAffinity.matchNodePurpose "require" }}
{{- $purpose := dict "key" "hub.jupyter.org/node-purpose" "operator" "In" "values" (list "user") }}
{{- $each := list }}
{{- range $terms | default (list dict) }}
{{- $expressions := dict "matchExpressions" (append (.matchExpressions | default list) $purpose) }}
{{- $each = append $each (include "jupyterhub.joined" (list . $expressions) | fromYaml) }}
{{- end }}
{{- $terms = $each }}
{{- end }}
{{- $terms | toJson }}
{{- end }}

{{- /* (list $ "hook-image-puller" annotations) -> a DaemonSet of pullers. */}}
{{- define "jupyterhub.imagePuller.daemonset" -}}
{{- $root := index . 0 -}}
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: {{ include "jupyterhub.name" (list $root (index . 1)) }}
  labels:
    {{- include "jupyterhub.labels" (list $root (index . 1)) | nindent 4 }}
  {{- with index . 2 }}
  annotations: {{ toJson . }}
  {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "jupyterhub.matchLabels" (list $root (index . 1)) | nindent 6 }}
  updateStrategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 100%
  {{- if not (kindIs "invalid" $root.Values.prePuller.revisionHistoryLimit) }}
  revisionHistoryLimit: {{ int64 $root.Values.prePuller.revisionHistoryLimit }}
  {{- end }}
  template:
    {{- include "jupyterhub.imagePuller.pod" (list $root (index . 1)) | nindent 4 }}
{{- end }}
