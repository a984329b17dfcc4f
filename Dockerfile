# docker build -t registry.example.com/sla-planner:0.2.0 .
# The final image holds what scripts/build-image-root puts together: the binary, its libraries, CA
# certificates. No shell, no package manager, no root.

FROM swift:6.3-bookworm AS build
RUN apt-get update -qq \
  && apt-get install -y -qq --no-install-recommends \
    libcurl4-openssl-dev libsqlite3-dev zlib1g-dev pkg-config ca-certificates tzdata
WORKDIR /source
COPY . .
RUN swift build -c release --static-swift-stdlib --product sla-planner \
  && scripts/build-image-root --no-check \
    --binary "$(swift build -c release --static-swift-stdlib --product sla-planner --show-bin-path)/sla-planner" \
    /image-root

FROM scratch
COPY --from=build /image-root/ /
# 65532:65532, as the CronJob says. A number: Kubernetes can't check a name against runAsNonRoot.
USER 65532:65532
VOLUME /state
ENV SLA_PLANNER_STATE=/state/planner.sqlite
ENTRYPOINT ["/usr/bin/sla-planner"]
CMD ["run"]
