package dev.loci.grammar;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The formats of JSON Schema that a regular expression tells exactly, or a part of which one does.
final class Formats {
    private static final String DATE = "(([0-9]{4})-(((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01]))"
            + "|((0[469]|11)-(0[1-9]|[12][0-9]|30))|(02-(0[1-9]|1[0-9]|2[0-8])))"
            + "|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)";
    private static final String HOUR = "([01][0-9]|2[0-3]):[0-5][0-9]";
    /// Up to what every library takes.
    private static final String OFFSET = "((0[0-9]|1[0-7]):[0-5][0-9]|18:00)";
    private static final String TIME = HOUR + ":[0-5][0-9](\\.[0-9]{1,9})?([Zz]|[+-]" + OFFSET + ")";
    private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final String IPV4 = "(" + BYTE + "\\.){3}" + BYTE;
    private static final String LABEL = "[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
    private static final String HOST = LABEL + "(\\." + LABEL + ")*";
    private static final int MAX_HOST = 253;
    private static final String ATOM = "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+";
    private static final String UNRESERVED = "[a-zA-Z0-9._~!$&'()*+,;=-]|%[0-9a-fA-F]{2}";
    private static final String PCHAR = "(" + UNRESERVED + "|[:@])";
    private static final String SEGMENTS = "(/" + PCHAR + "*)*";
    private static final String IPV6 = ipv6();
    private static final String AUTHORITY =
            "((" + UNRESERVED + "|:)*@)?(\\[" + IPV6 + "\\]|(" + UNRESERVED + ")*)(:[0-9]*)?";
    private static final String QUERY = "(\\?(" + PCHAR + "|[/?])*)?(#(" + PCHAR + "|[/?])*)?";
    private static final String PATH = "(//" + AUTHORITY + SEGMENTS + "|/(" + PCHAR + "+" + SEGMENTS + ")?";

    private static final Map<String, String> PATTERNS = patterns();
    /// Defined by a draft, but no set that is told exactly.
    private static final Set<String> INEXACT =
            Set.of("idn-email", "idn-hostname", "iri", "iri-reference", "uri-template", "regex", "color", "style");
    private static final Map<String, Dfa> KNOWN = new ConcurrentHashMap<>();

    private Formats() {}

    private static Map<String, String> patterns() {
        Map<String, String> all = new HashMap<>();
        all.put("date", DATE);
        all.put("time", TIME);
        all.put("date-time", DATE + "[Tt]" + TIME);
        all.put("duration", duration());
        all.put("uuid", "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");
        all.put("ipv4", IPV4);
        all.put("ip-address", IPV4);
        all.put("ipv6", IPV6);
        all.put("hostname", HOST);
        all.put("host-name", HOST);
        all.put("email", ATOM + "(\\." + ATOM + ")*@" + HOST);
        all.put("uri", "[a-zA-Z][a-zA-Z0-9+.-]*:" + PATH + "|" + PCHAR + "+" + SEGMENTS + "|)" + QUERY);
        all.put(
                "uri-reference",
                "([a-zA-Z][a-zA-Z0-9+.-]*:" + PATH + "|" + PCHAR + "+" + SEGMENTS + "|)|" + PATH + "|(" + UNRESERVED
                        + "|@)+" + SEGMENTS + "|))" + QUERY);
        all.put("json-pointer", "(/([^/~]|~[01])*)*");
        all.put("relative-json-pointer", "(0|[1-9][0-9]*)(#|(/([^/~]|~[01])*)*)");
        return all;
    }

    private static Dfa made(String format, String pattern) {
        Dfa texts = Dfa.whole(pattern).minimal();
        return switch (format) {
            // what stands before the sign has at most 64 characters
            case "email" -> texts.and(Dfa.whole("[^@]{1,64}@.*"));
            case "hostname", "host-name" -> texts.and(Dfa.lengths(1, MAX_HOST));
            default -> texts;
        };
    }

    /// A smaller machine for a format's texts than their automaton becomes, where there is one.
    static Optional<Lexeme> lexeme(Dfa texts) {
        boolean host = texts == KNOWN.get("hostname") || texts == KNOWN.get("host-name");
        return host ? Optional.of(Host.LEXEME) : Optional.empty();
    }

    /// Made when it is first needed. Host names are ASCII without escapes: a byte a character, and two quotes.
    private static final class Host {
        static final Lexeme LEXEME =
                new LimitedText(ByteDfa.jsonString(Dfa.whole(HOST).minimal()), MAX_HOST + 2);
    }

    private static String duration() {
        String time = "T([0-9]+H([0-9]+M)?([0-9]+S)?|[0-9]+M([0-9]+S)?|[0-9]+S)";
        String date = "([0-9]+Y([0-9]+M([0-9]+D)?)?|[0-9]+M([0-9]+D)?|[0-9]+D)";
        return "P(" + date + "(" + time + ")?|" + time + "|[0-9]+W)";
    }

    private static String ipv6() {
        String group = "[0-9a-fA-F]{1,4}";
        String last = "(" + group + ":" + group + "|" + IPV4 + ")";
        StringBuilder all = new StringBuilder("((" + group + ":){6}" + last);
        for (int before = 0; before <= 5; before++) {
            // so many groups at most before the double colon, so many exactly after it
            int after = 5 - before;
            String left = before == 0 ? "" : "((" + group + ":){0," + (before - 1) + "}" + group + ")?";
            all.append("|")
                    .append(left)
                    .append("::(")
                    .append(group)
                    .append(":){")
                    .append(after)
                    .append("}")
                    .append(last);
        }
        all.append("|((")
                .append(group)
                .append(":){0,5}")
                .append(group)
                .append(")?::")
                .append(group);
        all.append("|((").append(group).append(":){0,6}").append(group).append(")?::)");
        return all.toString();
    }

    /// The texts of a format; empty for one that no draft defines: it is an annotation.
    static Optional<Dfa> texts(String format, String path) {
        if (INEXACT.contains(format)) {
            throw GrammarException.unsupported(path, "format", format);
        }
        String pattern = PATTERNS.get(format);
        return Optional.ofNullable(pattern).map(text -> KNOWN.computeIfAbsent(format, _ -> made(format, text)));
    }
}
