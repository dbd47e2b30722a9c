package dev.loci.engine;

import java.util.List;
import java.util.Optional;

/// Finds stop strings in a text that arrives in pieces. Used by one thread.
///
/// Text that may be the beginning of a stop string is held back until it is known not to be one.
final class StopStrings {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();

    StopStrings(List<String> stops) {
        this.stops = stops;
    }

    /// @param text    what can be shown
    /// @param matched the stop string that was found; `text` then ends where it begins, and nothing is held back
    record Shown(String text, Optional<String> matched) {}

    /// Whether there are none: every text can be shown as it comes.
    boolean isEmpty() {
        return stops.isEmpty();
    }

    Shown push(String piece) {
        if (stops.isEmpty()) {
            return new Shown(piece, Optional.empty());
        }
        held.append(piece);
        int first = Integer.MAX_VALUE;
        Optional<String> matched = Optional.empty();
        for (String stop : stops) {
            int at = held.indexOf(stop);
            if (at >= 0 && at < first) {
                first = at;
                matched = Optional.of(stop);
            }
        }
        if (matched.isPresent()) {
            String text = held.substring(0, first);
            held.setLength(0);
            return new Shown(text, matched);
        }
        int showable = held.length() - longestBeginning();
        String text = held.substring(0, showable);
        held.delete(0, showable);
        return new Shown(text, Optional.empty());
    }

    /// What is held back when the text ends.
    String finish() {
        String text = held.toString();
        held.setLength(0);
        return text;
    }

    /// Length of the longest end of the held text with which a stop string begins.
    private int longestBeginning() {
        int longest = 0;
        for (String stop : stops) {
            int length = Math.min(stop.length() - 1, held.length());
            while (length > longest && !endsWithBeginning(stop, length)) {
                length--;
            }
            longest = Math.max(longest, length);
        }
        return longest;
    }

    private boolean endsWithBeginning(String stop, int length) {
        int start = held.length() - length;
        for (int i = 0; i < length; i++) {
            if (held.charAt(start + i) != stop.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
