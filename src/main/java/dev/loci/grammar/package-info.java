/// Structured output: JSON schemas, regular expressions and choices become automata over bytes, and
/// the automata say which tokens may come next. Plain Java; uses the tokenizer for the bytes of
/// tokens. Open [dev.loci.grammar.Grammar] first.
package dev.loci.grammar;
