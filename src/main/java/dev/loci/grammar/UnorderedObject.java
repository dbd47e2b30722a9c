package dev.loci.grammar;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/// An object whose named keys may come in any order, each once. The nodes after a set of keys are
/// made when a text comes there: there are too many sets to make all.
///
/// From every set an end is reached by the required keys that are missing, so no limit on their
/// number is allowed.
final class UnorderedObject {
    private final Program program;
    private final KeyTrie trie;
    private final List<Integer> rules;
    private final BitSet required;
    private final List<Lexeme> others;
    private final List<Integer> otherRules;
    private final int close;
    private final Map<BitSet, Integer> nodes = new HashMap<>();

    /// @param rules      of the values of the trie's keys
    /// @param others     lexemes of further keys, each with the rule of its values
    UnorderedObject(
            Program program,
            KeyTrie trie,
            List<Integer> rules,
            BitSet required,
            List<Lexeme> others,
            List<Integer> otherRules,
            int close) {
        this.program = program;
        this.trie = trie;
        this.rules = rules;
        this.required = required;
        this.others = others;
        this.otherRules = otherRules;
        this.close = close;
    }

    int start() {
        return after(new BitSet());
    }

    /// @param seen keys so far; the bit after the last key's says that there was any
    private int after(BitSet seen) {
        Integer known = nodes.get(seen);
        if (known == null) {
            known = program.lazy(new After(seen));
            nodes.put(seen, known);
        }
        return known;
    }

    private final class After implements Program.Part {
        private final BitSet seen;

        After(BitSet seen) {
            this.seen = seen;
        }

        @Override
        public boolean ends(IntPredicate ruleEnds) {
            return required.stream().allMatch(key -> seen.get(key) || ruleEnds.test(rules.get(key)));
        }

        @Override
        public int make() {
            boolean any = seen.get(rules.size());
            BitSet missing = (BitSet) required.clone();
            missing.andNot(seen);
            int[] keys = new int[others.size() + 1];
            int count = 0;
            if (!rules.isEmpty()) {
                KeyTrie.View view = trie.between(0, rules.size() - 1)
                        .only(key -> !seen.get(key) && program.ruleEnds(rules.get(key)));
                keys[count++] = program.lexeme(view, this, rules.size());
            }
            for (int i = 0; i < others.size(); i++) {
                if (program.ruleEnds(otherRules.get(i))) {
                    keys[count++] = program.lexeme(others.get(i), program.call(otherRules.get(i), with(rules.size())));
                }
            }
            int next = program.choice(Arrays.copyOf(keys, count));
            int more = any ? program.lexeme(JsonLexemes.COMMA, next) : next;
            boolean possible = count > 1 || (count == 1 && left());
            if (!missing.isEmpty()) {
                return more;
            }
            return possible ? program.choice(close, more) : close;
        }

        /// Whether a named key may follow, or there is none and another may.
        private boolean left() {
            for (int key = 0; key < rules.size(); key++) {
                if (!seen.get(key) && program.ruleEnds(rules.get(key))) {
                    return true;
                }
            }
            return rules.isEmpty();
        }

        @Override
        public int way(int key) {
            return program.call(rules.get(key), with(key));
        }

        private int with(int key) {
            BitSet more = (BitSet) seen.clone();
            more.set(key);
            more.set(rules.size());
            return after(more);
        }
    }
}
