# syntax=docker/dockerfile:1
# Loci on a JVM. Build from the root of the repository:
#   docker buildx build -f containers/jvm.Dockerfile -t loci:jvm --platform linux/amd64 .
# For the same bits again: give both bases with their digests, and SOURCE_DATE_EPOCH.
ARG BASE=debian:bookworm-slim
ARG JDK=eclipse-temurin:25-jdk

FROM ${JDK} AS jdk

FROM ${BASE} AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends bash binutils cmake gcc libc6-dev make maven \
    && rm -rf /var/lib/apt/lists/*
COPY --from=jdk /opt/java/openjdk /opt/jdk
ENV JAVA_HOME=/opt/jdk
WORKDIR /src
COPY . .
# The cache is made below, where the jars will lie.
RUN mvn -B --no-transfer-progress -Dquick -DskipTests -Daot.skip=true package \
    && containers/layout jvm /tree \
    && cp -a /tree/opt/loci /opt/loci \
    && tools/jvm/aot-cache /opt/loci/jdk /opt/loci/app/quarkus-run.jar model-store/loci-mini /tree/opt/loci/loci.aot

FROM ${BASE}
# What the tokenizer's library needs of C++.
RUN apt-get update && apt-get install -y --no-install-recommends libstdc++6 && rm -rf /var/lib/apt/lists/*
COPY --from=build /tree/ /
ENV DJL_CACHE_DIR=/var/cache/loci HOME=/var/cache/loci
USER 65532:65532
VOLUME ["/models", "/var/cache/loci", "/tmp"]
EXPOSE 8080
# Run with --read-only, a model at /models, and writable volumes for the two others.
ENTRYPOINT ["/opt/loci/jdk/bin/java", "@/opt/loci/options", "-XX:AOTCache=/opt/loci/loci.aot", \
    "-Xlog:aot*=off", "-Xlog:cds*=off", "-jar", "/opt/loci/app/quarkus-run.jar"]
CMD ["serve", "--model", "/models/default"]
