package dev.loci.conformance;

import io.quarkus.test.junit.QuarkusTest;

@QuarkusTest
final class OpenAiJavaTest extends OpenAiJava {}
