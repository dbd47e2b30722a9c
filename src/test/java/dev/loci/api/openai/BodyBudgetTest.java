package dev.loci.api.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@QuarkusTest
@TestProfile(FakeModel.Profile.class)
@Timeout(60)
final class BodyBudgetTest {
    private static final int BUDGET = 4 << 20;
    /// Takes 3 MiB of the budget.
    private static final int LARGE = 3 << 18;

    @Inject
    FakeModel model;

    @Inject
    BodyBudget bodies;

    @TestHTTPResource("/")
    URI server;

    @BeforeEach
    void bound() {
        model.setLimits(new RequestLimits(16, Optional.empty(), BUDGET));
    }

    @AfterEach
    void reset() {
        model.setLimits(RequestLimits.defaults());
        model.generator().playAnswer();
    }

    /// A body whose last byte is still to come.
    private record Half(Socket socket) implements AutoCloseable {
        String end() throws IOException {
            socket.getOutputStream().write('}');
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static String padded(int bytes) {
        String start = "{\"prompt\":\"a\",\"max_tokens\":1";
        return start + " ".repeat(bytes - start.length() - 1) + "}";
    }

    private Half send(String body) throws IOException {
        Socket socket = new Socket(server.getHost(), server.getPort());
        String head = "POST /v1/completions HTTP/1.1\r\nHost: test\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n";
        socket.getOutputStream()
                .write((head + body.substring(0, body.length() - 1)).getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return new Half(socket);
    }

    private void awaitHeld(long least, long most) {
        while (bodies.held() < least || bodies.held() > most) {
            Thread.onSpinWait();
        }
    }

    private static void assertRefused(String answer) {
        assertThat(answer).startsWith("HTTP/1.1 429 ").containsIgnoringCase("\r\nretry-after: 1\r\n");
        assertThat(answer)
                .contains("{\"error\":{\"message\":\"bodies that are being decoded: expected at most 4194304 bytes of "
                        + "memory, found ")
                .endsWith(" more\",\"type\":\"rate_limit_error\",\"param\":null,\"code\":\"bodies_full\"}}");
    }

    @Test
    void aBodyThatFindsNoRoomIsRefusedAndLaterOnesAreNot() throws IOException {
        try (Half first = send(padded(LARGE))) {
            awaitHeld(4L * (LARGE - 1), 4L * LARGE);
            try (Half second = send(padded(LARGE))) {
                assertRefused(second.end());
            }
            try (Half small = send(padded(1000))) {
                assertThat(small.end()).startsWith("HTTP/1.1 200 ");
            }
            assertThat(first.end()).startsWith("HTTP/1.1 200 ");
        }
        awaitHeld(0, 0);
        try (Half third = send(padded(LARGE))) {
            assertThat(third.end()).startsWith("HTTP/1.1 200 ");
        }
        awaitHeld(0, 0);
    }

    @Test
    void aTreeCountsForMoreThanItsText() throws IOException {
        try (Half first = send(padded(LARGE))) {
            awaitHeld(4L * (LARGE - 1), 4L * LARGE);
            try (Half tree = send("{\"prompt\":[" + "{},".repeat(10_000) + "{}]}")) {
                assertRefused(tree.end());
            }
            assertThat(first.end()).startsWith("HTTP/1.1 200 ");
        }
        awaitHeld(0, 0);
    }

    @Test
    void aBodyAloneAlwaysFits() throws IOException {
        try (Half alone = send(padded(3 * BUDGET))) {
            assertThat(alone.end()).startsWith("HTTP/1.1 200 ");
        }
        awaitHeld(0, 0);
    }

    @Test
    void whatAClientLeavesBehindIsGivenBack() throws IOException {
        try (Half _ = send(padded(LARGE))) {
            awaitHeld(4L * (LARGE - 1), 4L * LARGE);
        }
        awaitHeld(0, 0);
    }

    @Test
    void manyBodiesAtOnceStayWithinTheBudget() throws IOException {
        List<Half> all = new ArrayList<>();
        int answered = 0;
        try {
            for (int i = 0; i < 40; i++) {
                all.add(send(padded(LARGE)));
                assertThat(bodies.held()).isLessThanOrEqualTo(BUDGET);
            }
            for (Half each : all) {
                String answer = each.end();
                if (answer.startsWith("HTTP/1.1 200 ")) {
                    answered++;
                } else {
                    assertRefused(answer);
                }
            }
        } finally {
            for (Half each : all) {
                each.close();
            }
        }
        assertThat(answered).isBetween(1, 39);
        awaitHeld(0, 0);
    }

    @Test
    void sharesAreBoundedTogether() {
        BodyBudget budget = new BodyBudget();
        try (BodyBudget.Share other = budget.open(10)) {
            try (BodyBudget.Share one = budget.open(10)) {
                one.take(100);
                assertThatThrownBy(() -> other.take(1))
                        .hasMessage(
                                "bodies that are being decoded: expected at most 10 bytes of memory, found 100 and 1 more");
            }
            try (BodyBudget.Share third = budget.open(10)) {
                other.take(8);
                third.take(2);
                assertThatThrownBy(() -> third.take(1)).isInstanceOf(ApiException.class);
                assertThat(budget.held()).isEqualTo(10);
            }
        }
        assertThat(budget.held()).isZero();
    }
}
