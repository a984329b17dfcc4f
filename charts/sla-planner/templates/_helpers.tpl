{{/* The name of everything: the release's, with the chart's unless that is part of it. */}}
{{- define "sla-planner.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "sla-planner.selectorLabels" -}}
app.kubernetes.io/name: sla-planner
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "sla-planner.labels" -}}
{{ include "sla-planner.selectorLabels" . }}
app.kubernetes.io/part-of: sla-planner
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "sla-planner.metadata" -}}
name: {{ include "sla-planner.fullname" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "sla-planner.labels" . | nindent 2 }}
{{- end -}}

{{- define "sla-planner.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "sla-planner.fullname" .) -}}
{{- end -}}

{{/* "true" or empty, as all conditions below. */}}
{{- define "sla-planner.hasProfile" -}}
{{- if or .Values.profile.prefill .Values.profile.decode .Values.profile.existingConfigMap }}true{{ end -}}
{{- end -}}

{{- define "sla-planner.byThroughput" -}}
{{- if kindIs "bool" .Values.scaling.throughput -}}
{{- if .Values.scaling.throughput }}true{{ end -}}
{{- else if ne .Values.config.mode "agg" -}}
{{- include "sla-planner.hasProfile" . -}}
{{- end -}}
{{- end -}}

{{- define "sla-planner.byLoad" -}}
{{- if kindIs "bool" .Values.scaling.load -}}
{{- if .Values.scaling.load }}true{{ end -}}
{{- else if not (include "sla-planner.byThroughput" .) -}}
true
{{- end -}}
{{- end -}}

{{/* Whether anything is written to the cluster. */}}
{{- define "sla-planner.writes" -}}
{{- if and (not .Values.dryRun) (eq .Values.environment "kubernetes") }}true{{ end -}}
{{- end -}}

{{- define "sla-planner.port" -}}
{{- if and (eq .Values.kind "Deployment") .Values.metrics.port }}{{ .Values.metrics.port }}{{ end -}}
{{- end -}}

{{/* The scaled components, one a line. */}}
{{- define "sla-planner.components" -}}
{{- if .Values.components -}}
{{- join "\n" .Values.components -}}
{{- else -}}
{{- dict "disagg" "prefill\ndecode" "prefill" "prefill" "decode" "decode" "agg" "worker" | dig .Values.config.mode "" -}}
{{- end -}}
{{- end -}}

{{/* What contradicts itself, before anything is rendered. */}}
{{- define "sla-planner.check" -}}
{{- if and (include "sla-planner.byThroughput" .) (not (include "sla-planner.hasProfile" .)) -}}
{{- fail "scaling.throughput needs the engine's profile: --set-file profile.prefill=prefill_raw_data.json --set-file profile.decode=decode_raw_data.json, or profile.existingConfigMap." -}}
{{- end -}}
{{- if not (or (include "sla-planner.byThroughput" .) (include "sla-planner.byLoad" .)) -}}
{{- fail "scaling.throughput and scaling.load are both off, so nothing would ever be scaled." -}}
{{- end -}}
{{- if and (eq .Values.kind "CronJob") (not .Values.persistence.enabled) -}}
{{- fail "A CronJob's pods need persistence.enabled: each would forget what the one before it learned. Take kind=Deployment, whose process lives on and reads the past intervals from Prometheus when it is new." -}}
{{- end -}}
{{- if and (eq .Values.environment "metric") (not (include "sla-planner.port" .)) (not .Values.metrics.pushgatewayURL) -}}
{{- fail "environment=metric publishes its decisions: take kind=Deployment with metrics.port, or give metrics.pushgatewayURL." -}}
{{- end -}}
{{- if and .Values.metrics.podMonitor.enabled (not (include "sla-planner.port" .)) -}}
{{- fail "metrics.podMonitor scrapes the Deployment's port: take kind=Deployment with metrics.port, or metrics.pushgatewayURL with the CronJob." -}}
{{- end -}}
{{- end -}}

{{/* planner.yaml: the options of config, and what the chart's other values say. */}}
{{- define "sla-planner.configuration" -}}
{{- $config := deepCopy .Values.config -}}
{{- $_ := set $config "enable_throughput_scaling" (eq (include "sla-planner.byThroughput" .) "true") -}}
{{- $_ := set $config "enable_loadbased_scaling" (eq (include "sla-planner.byLoad" .) "true") -}}
{{- if ne .Values.environment "kubernetes" }}{{ $_ := set $config "environment" .Values.environment }}{{ end -}}
{{- if .Values.dryRun }}{{ $_ := set $config "no_operation" true }}{{ end -}}
{{- if eq .Values.kind "Deployment" -}}
{{- $_ := set $config "repeat_for" "forever" -}}
{{- if not (hasKey $config "state_retention_days") }}{{ $_ := set $config "state_retention_days" 7 }}{{ end -}}
{{- else if include "sla-planner.byLoad" . -}}
{{- $_ := set $config "repeat_for" .Values.cronJob.repeatFor -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{- define "sla-planner.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}
