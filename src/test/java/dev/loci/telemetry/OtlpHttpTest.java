package dev.loci.telemetry;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;

@QuarkusTest
@WithTestResource(
        value = OtlpReceiver.class,
        scope = TestResourceScope.RESTRICTED_TO_CLASS,
        initArgs = @ResourceArg(name = OtlpReceiver.PROTOCOL, value = "http/protobuf"))
final class OtlpHttpTest extends ExportedTelemetry {}
