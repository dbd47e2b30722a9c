package dev.loci.engine;

/// Free numbers, last in, first out.
final class IntStack {
    private final int[] numbers;
    private int size;

    private IntStack(int capacity) {
        this.numbers = new int[capacity];
    }

    /// Holds 0 to count - 1; 0 is on top.
    static IntStack descending(int count) {
        IntStack stack = new IntStack(count);
        for (int number = count - 1; number >= 0; number--) {
            stack.push(number);
        }
        return stack;
    }

    int size() {
        return size;
    }

    void push(int number) {
        numbers[size++] = number;
    }

    int pop() {
        return numbers[--size];
    }
}
