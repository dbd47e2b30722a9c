package dev.loci.kernel;

import java.lang.foreign.MemorySegment;

/// Where the tokens of a step stand; the tokens of one sequence are given in order of position. Borrowed for a call.
/// @param positions `i32[count]`, 0-based
/// @param sequences `i32[count]`, rows of the page table
public record StepTokens(MemorySegment positions, MemorySegment sequences, int count) {}
