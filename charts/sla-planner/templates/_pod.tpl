{{/* The pod: dict "root" $ "command" run|validate "restartPolicy" … "forgets" true for no volume. */}}
{{- define "sla-planner.podSpec" -}}
{{- $root := .root -}}
{{- $name := include "sla-planner.fullname" $root -}}
{{- $port := include "sla-planner.port" $root -}}
restartPolicy: {{ .restartPolicy }}
serviceAccountName: {{ include "sla-planner.serviceAccount" $root }}
automountServiceAccountToken: true
terminationGracePeriodSeconds: 30
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: sla-planner
    image: {{ include "sla-planner.image" $root | quote }}
    {{- if ne $root.Values.image.pullPolicy "IfNotPresent" }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy }}
    {{- end }}
    args: [{{ .command }}, --config, /etc/sla-planner/planner.yaml
      {{- if eq .command "run" }}, --log-format, json{{ end }}]
    envFrom:
      - configMapRef: {name: {{ $name }}-settings}
    env:
      - name: POD_NAMESPACE
        valueFrom: {fieldRef: {apiVersion: v1, fieldPath: metadata.namespace}}
      - name: POD_NAME
        valueFrom: {fieldRef: {apiVersion: v1, fieldPath: metadata.name}}
      - {name: SLA_PLANNER_STATE, value: /state/planner.sqlite}
      {{- if include "sla-planner.hasProfile" $root }}
      - {name: SLA_PLANNER_PROFILE_RESULTS_DIR, value: /profile}
      {{- end }}
      {{- if and $port (eq .command "run") }}
      - {name: PLANNER_PROMETHEUS_PORT, value: {{ $port | quote }}}
      {{- end }}
      {{- with $root.Values.env }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- if and $port (eq .command "run") }}
    ports:
      - {name: metrics, containerPort: {{ $port }}}
    livenessProbe:
      httpGet: {path: /healthz, port: metrics}
      periodSeconds: 30
      timeoutSeconds: 5
      failureThreshold: 3
    {{- end }}
    resources:
      {{- toYaml $root.Values.resources | nindent 6 }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
    volumeMounts:
      - {name: state, mountPath: /state}
      - {name: configuration, mountPath: /etc/sla-planner, readOnly: true}
      {{- if include "sla-planner.hasProfile" $root }}
      - {name: profile, mountPath: /profile, readOnly: true}
      {{- end }}
      - {name: temporary, mountPath: /tmp}
volumes:
  - name: state
    {{- if and $root.Values.persistence.enabled (not .forgets) }}
    persistentVolumeClaim:
      claimName: {{ $root.Values.persistence.existingClaim | default (printf "%s-state" $name) }}
    {{- else }}
    emptyDir: {sizeLimit: {{ $root.Values.persistence.size }}}
    {{- end }}
  - name: configuration
    configMap: {name: {{ $name }}-configuration}
  {{- if include "sla-planner.hasProfile" $root }}
  - name: profile
    configMap:
      name: {{ $root.Values.profile.existingConfigMap | default (printf "%s-profile" $name) }}
  {{- end }}
  - name: temporary
    emptyDir: {medium: Memory, sizeLimit: 16Mi}
{{- end -}}
