package dev.loci.app;

import static io.restassured.RestAssured.given;

import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;

@QuarkusTest
final class ProbeTest {
    @Test
    void answers() {
        given().get("/probe").then().statusCode(200);
    }
}
