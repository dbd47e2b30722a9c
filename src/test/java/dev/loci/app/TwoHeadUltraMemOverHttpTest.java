package dev.loci.app;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;

@QuarkusTest
@WithTestResource(
        value = GoldenDirectory.class,
        scope = TestResourceScope.RESTRICTED_TO_CLASS,
        initArgs = @ResourceArg(name = GoldenDirectory.NAME, value = "ultramem-v1-2head"))
final class TwoHeadUltraMemOverHttpTest extends GoldenOverHttp {
    TwoHeadUltraMemOverHttpTest() {
        super("ultramem-v1-2head");
    }
}
