# syntax=docker/dockerfile:1
# The build needs the network for Debian's packages and two Swift packages; what runs is one binary.
ARG SWIFT_IMAGE=swift:6.3-bookworm
ARG BASE_IMAGE=debian:bookworm-slim

FROM ${SWIFT_IMAGE} AS build
WORKDIR /swerve
COPY Scripts/setup Scripts/setup
RUN Scripts/setup
COPY Package.swift ./
COPY Sources Sources
# SwiftPM wants the folders of all targets, not what is in them.
COPY Tests Tests
RUN swift build --configuration release --static-swift-stdlib --product swerve \
    && install -D --strip .build/release/swerve /out/usr/local/bin/swerve

FROM ${BASE_IMAGE}
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libevent-core-2.1-7 libevent-extra-2.1-7 libstdc++6 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* \
    && useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin swerve
COPY --from=build /out/ /

LABEL org.opencontainers.image.title="Swerve" \
    org.opencontainers.image.description="An HTTP/1.1 load balancer that sends each client to the same backend." \
    org.opencontainers.image.version="0.2.0"

# The admin listener is what HEALTHCHECK asks; it is reachable from this container alone unless SWERVE_ADMIN says otherwise.
ENV SWERVE_ADMIN=127.0.0.1:8001
USER swerve
EXPOSE 8000 8001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["swerve", "healthcheck"]
ENTRYPOINT ["swerve"]
