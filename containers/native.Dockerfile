# syntax=docker/dockerfile:1
# Loci as one executable. Build from the root of the repository:
#   docker buildx build -f containers/native.Dockerfile -t loci:native --platform linux/amd64 .
# GRAALVM is an image with a builder of native images for JDK 25 at GRAALVM_DIR; where it has none, as by default,
# tools/graalvm assembles one.
ARG BASE=debian:bookworm-slim
ARG JDK=eclipse-temurin:25-jdk
ARG GRAALVM=eclipse-temurin:25-jdk

FROM ${JDK} AS jdk
FROM ${GRAALVM} AS graalvm

FROM ${BASE} AS build
ARG GRAALVM_DIR=/opt/java/openjdk
RUN apt-get update \
    && apt-get install -y --no-install-recommends bash binutils cmake gcc libc6-dev make maven unzip xz-utils zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
COPY --from=jdk /opt/java/openjdk /opt/jdk
COPY --from=graalvm ${GRAALVM_DIR} /opt/graalvm
ENV JAVA_HOME=/opt/jdk
WORKDIR /src
COPY . .
RUN if [ -x /opt/graalvm/bin/native-image ]; then export GRAALVM_HOME=/opt/graalvm; fi \
    && ./loci --native --version \
    && containers/layout native /tree

FROM ${BASE}
# What the tokenizer's library needs of C++; the executable itself needs libc alone.
RUN apt-get update && apt-get install -y --no-install-recommends libstdc++6 && rm -rf /var/lib/apt/lists/*
COPY --from=build /tree/ /
ENV DJL_CACHE_DIR=/var/cache/loci HOME=/var/cache/loci
USER 65532:65532
VOLUME ["/models", "/var/cache/loci", "/tmp"]
EXPOSE 8080
# Run with --read-only, a model at /models, and writable volumes for the two others.
ENTRYPOINT ["/opt/loci/loci"]
CMD ["serve", "--model", "/models/default"]
