package dev.loci.conformance;

import io.quarkus.test.junit.QuarkusTest;

@QuarkusTest
final class LangChain4jTest extends LangChain4j {}
