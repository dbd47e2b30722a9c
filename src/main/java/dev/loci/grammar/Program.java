package dev.loci.grammar;

import java.util.Arrays;
import java.util.function.IntPredicate;

/// A recursive automaton: nodes that read a [Lexeme], call a rule, choose, or return. Built by one
/// thread, then read by any; nodes that are made lazily are added under the program's lock.
final class Program {
    static final int LEXEME = 0;
    static final int CALL = 1;
    static final int CHOICE = 2;
    static final int RETURN = 3;
    static final int LAZY = 4;
    private static final int MAX_NODES = 400_000;

    /// A part of a program that is made where a text comes to it.
    interface Part {
        /// Whether the part has an end, by what is known so far of rules.
        boolean ends(IntPredicate ruleEnds);

        /// The node that this part begins with.
        int make();

        /// Where the part's lexemes lead that were added with [#lexeme(Lexeme, Part, int)].
        int way(int target);
    }

    private static final int OPEN = -1;

    private volatile byte[] kinds = new byte[64];
    private volatile Part[] parts = new Part[64];
    private volatile Lexeme[] lexemes = new Lexeme[64];
    /// Where a node leads: for a lexeme by its target, for a call the node after it, for a choice all
    /// options.
    private volatile int[][] next = new int[64][];
    /// For a call: the rule.
    private volatile int[] rules = new int[64];
    private int size;
    private volatile int[] ruleStarts = new int[16];
    private int ruleCount;
    private boolean[] live = new boolean[0];

    private int node(int kind, int[] targets) {
        if (size == MAX_NODES) {
            throw GrammarException.of("#", "", "a schema of at most " + MAX_NODES + " nodes", "more");
        }
        if (size == kinds.length) {
            kinds = Arrays.copyOf(kinds, 2 * size);
            lexemes = Arrays.copyOf(lexemes, 2 * size);
            next = Arrays.copyOf(next, 2 * size);
            rules = Arrays.copyOf(rules, 2 * size);
            parts = Arrays.copyOf(parts, 2 * size);
        }
        byte[] all = kinds;
        all[size] = (byte) kind;
        next[size] = targets;
        // a volatile write, so that others see the node's fields
        kinds = all;
        return size++;
    }

    int lexeme(Lexeme lexeme, int... targets) {
        int node = node(LEXEME, targets);
        lexemes[node] = lexeme;
        return node;
    }

    /// A lexeme whose ways are made when they are taken.
    int lexeme(Lexeme lexeme, Part part, int ways) {
        int[] open = new int[ways];
        Arrays.fill(open, OPEN);
        int node = lexeme(lexeme, open);
        parts[node] = part;
        return node;
    }

    int lazy(Part part) {
        int node = node(LAZY, new int[] {OPEN});
        parts[node] = part;
        return node;
    }

    /// Where a lexeme leads from a state that it accepts.
    int way(int node, int target) {
        int to = next[node][target];
        if (to != OPEN || parts[node] == null) {
            return to;
        }
        synchronized (this) {
            if (next[node][target] == OPEN) {
                next[node][target] = parts[node].way(target);
            }
            return next[node][target];
        }
    }

    /// The node that a lazy one stands for.
    synchronized int made(int lazy) {
        if (next[lazy][0] == OPEN) {
            next[lazy][0] = parts[lazy].make();
        }
        return next[lazy][0];
    }

    /// Whether a rule has an end; known after [#prune].
    boolean ruleEnds(int rule) {
        return live[ruleStarts[rule]];
    }

    int call(int rule, int after) {
        int node = node(CALL, new int[] {after});
        rules[node] = rule;
        return node;
    }

    /// A choice whose options may still change.
    int choice(int... options) {
        return node(CHOICE, options);
    }

    void options(int choice, int... options) {
        next[choice] = options;
    }

    int end() {
        return node(RETURN, new int[0]);
    }

    int rule() {
        if (ruleCount == ruleStarts.length) {
            ruleStarts = Arrays.copyOf(ruleStarts, 2 * ruleCount);
        }
        ruleStarts[ruleCount] = -1;
        return ruleCount++;
    }

    void start(int rule, int node) {
        ruleStarts[rule] = node;
    }

    int start(int rule) {
        return ruleStarts[rule];
    }

    int size() {
        return size;
    }

    int rules() {
        return ruleCount;
    }

    int kind(int node) {
        return kinds[node];
    }

    Lexeme lexeme(int node) {
        return lexemes[node];
    }

    int[] next(int node) {
        return next[node];
    }

    int rule(int call) {
        return rules[call];
    }

    /// Takes away all ways that lead to no end.
    /// @return whether the first rule has a text at all
    boolean prune() {
        live = new boolean[size];
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int node = size - 1; node >= 0; node--) {
                if (!live[node] && ends(node)) {
                    live[node] = true;
                    changed = true;
                }
            }
        }
        for (int node = 0; node < size; node++) {
            if (kinds[node] == CHOICE) {
                next[node] = Arrays.stream(next[node]).filter(to -> live[to]).toArray();
            } else if (kinds[node] == LEXEME && lexemes[node] instanceof KeyTrie.View view) {
                int[] targets = next[node];
                lexemes[node] = view.only(key -> live[targets[key]]);
            }
        }
        return live[ruleStarts[0]];
    }

    private boolean ends(int node) {
        return switch (kinds[node]) {
            case RETURN -> true;
            case CALL -> ruleStarts[rules[node]] >= 0 && live[ruleStarts[rules[node]]] && live[next[node][0]];
            case LEXEME ->
                lexemes[node] instanceof KeyTrie.View view
                        ? view.anyKey(key -> live[next[node][key]])
                        : live[next[node][0]];
            case LAZY -> parts[node].ends(rule -> ruleStarts[rule] >= 0 && live[ruleStarts[rule]]);
            default -> Arrays.stream(next[node]).anyMatch(to -> live[to]);
        };
    }
}
