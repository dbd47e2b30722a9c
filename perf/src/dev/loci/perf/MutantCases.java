package dev.loci.perf;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// Requests that come of right ones by a few slips: in the body, with its length put right, in the whole, or nothing
/// but random bytes.
final class MutantCases {
    private static final List<String> BODIES = List.of(
            "/v1/completions {\"model\":\"MODEL\",\"prompt\":\"Once upon\",\"max_tokens\":2,\"temperature\":0.5,"
                    + "\"top_p\":0.9,\"logprobs\":2,\"echo\":true,\"stop\":[\"a\",\"b\"],\"logit_bias\":{\"5\":-1.5}}",
            "/v1/completions {\"prompt\":[[1,2,3],[4,5]],\"max_tokens\":1,\"stream\":true,"
                    + "\"stream_options\":{\"include_usage\":true},\"seed\":7,\"n\":2}",
            "/v1/chat/completions {\"model\":\"MODEL\",\"messages\":[{\"role\":\"system\",\"content\":\"Be brief\"},"
                    + "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Hi\"}]}],\"max_tokens\":2,"
                    + "\"logprobs\":true,\"top_logprobs\":1,\"presence_penalty\":-0.5,\"user\":\"u\"}",
            "/v1/responses {\"input\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"instructions\":\"Be brief\","
                    + "\"max_output_tokens\":2,\"stream\":true,\"text\":{\"format\":{\"type\":\"text\"}}}",
            "/tokenize {\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"add_generation_prompt\":true}",
            "/tokenize {\"prompt\":\"\u4F60\u597D <|user|>\",\"return_token_strs\":true}",
            "/detokenize {\"tokens\":[1,2,300,4000]}");
    private static final List<String> GETS = List.of("/v1/models", "/v1/models/MODEL", "/q/stats", "/q/openapi", "/");
    /// What tends to be read wrongly.
    private static final List<String> PIECES = List.of(
            "null", "true", "-1", "1e999", "18446744073709551616", "\"\\ud800\"", "\"\\u0000\"", "{}", "[]", "[[", "}",
            "\"", "\\", ",", ":", "NaN", "\r\n", "\r\n\r\n", "%00", "../", "{{7*7}}", "{% for x in y %}", "<|user|>",
            "Transfer-Encoding: chunked\r\n", "Content-Length: 5\r\n", "Expect: 100-continue\r\n", "\u00E9\uD83D\uDE00");

    private MutantCases() {}

    static byte[] draw(SplittableRandom random, String model) {
        int kind = random.nextInt(10);
        if (kind == 0) {
            byte[] noise = new byte[random.nextInt(600)];
            random.nextBytes(noise);
            return noise;
        }
        if (kind == 1) {
            return mutated(random, get(GETS.get(random.nextInt(GETS.size())).replace("MODEL", model)));
        }
        String seed = BODIES.get(random.nextInt(BODIES.size())).replace("MODEL", model);
        String path = seed.substring(0, seed.indexOf(' '));
        byte[] body = seed.substring(path.length() + 1).getBytes(StandardCharsets.UTF_8);
        return kind < 4 ? mutated(random, post(path, body)) : post(path, mutated(random, body));
    }

    private static byte[] get(String path) {
        return ("GET " + path + " HTTP/1.1\r\nHost: loci\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] post(String path, byte[] body) {
        byte[] head = ("POST " + path + " HTTP/1.1\r\nHost: loci\r\nContent-Type: application/json\r\n"
                        + "Connection: close\r\nContent-Length: " + body.length + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        return joined(head, body, new byte[0]);
    }

    private static byte[] joined(byte[] first, byte[] second, byte[] third) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(first);
        out.writeBytes(second);
        out.writeBytes(third);
        return out.toByteArray();
    }

    private static byte[] mutated(SplittableRandom random, byte[] bytes) {
        byte[] now = bytes;
        for (int slips = 1 + random.nextInt(4); slips > 0; slips--) {
            now = slip(random, now);
        }
        return now;
    }

    private static byte[] slip(SplittableRandom random, byte[] bytes) {
        int from = random.nextInt(bytes.length + 1);
        int to = from + random.nextInt(Math.min(20, bytes.length - from) + 1);
        byte[] before = Arrays.copyOfRange(bytes, 0, from);
        byte[] part = Arrays.copyOfRange(bytes, from, to);
        byte[] after = Arrays.copyOfRange(bytes, to, bytes.length);
        return switch (random.nextInt(6)) {
            case 0 -> joined(before, new byte[0], after);
            case 1 -> joined(before, joined(part, part, part), after);
            case 2 -> before;
            case 3 -> {
                byte[] flipped = bytes.clone();
                if (flipped.length > 0) {
                    flipped[Math.min(from, flipped.length - 1)] ^= (byte) (1 << random.nextInt(8));
                }
                yield flipped;
            }
            case 4 -> joined(before, piece(random), joined(part, after, new byte[0]));
            default -> joined(before, piece(random), after);
        };
    }

    private static byte[] piece(SplittableRandom random) {
        return PIECES.get(random.nextInt(PIECES.size())).getBytes(StandardCharsets.UTF_8);
    }
}
