package dev.loci.app;

import io.quarkus.test.junit.QuarkusTest;

@QuarkusTest
final class StopsAnywhereTest extends StopsOverHttp {}
