package dev.loci.kernel;

import java.lang.foreign.MemorySegment;

/// Work for a stopwatch: reads that do nothing else, and products that read nothing.
public interface LimitKernel {
    /// What is multiplied; codes are those of the kernel ABI.
    enum Product {
        F32(2),
        /// VNNI.
        INT8(3),
        /// AVX-512-BF16.
        BF16(4),
        /// AMX.
        TILE_INT8(5),
        /// AMX.
        TILE_BF16(6);

        private final int code;

        Product(int code) {
            this.code = code;
        }

        public int code() {
            return code;
        }
    }

    /// Reads all of `data`, a multiple of 64 bytes.
    /// @return the exclusive or of its longs
    long read(MemorySegment data);

    /// Reads rows in the order named.
    /// @param rowBytes a multiple of 8, at least 64
    /// @param stride   bytes from row to row, a multiple of 8, at least `rowBytes`
    /// @param rows     `i32`
    /// @param ahead    rows between a row's prefetch and its turn, 0 to 1024
    /// @return the exclusive or of the longs of all rows, of a row as often as it is named
    long rows(MemorySegment data, int rowBytes, int stride, MemorySegment rows, int ahead);

    /// Multiplies and adds registers on every thread.
    /// @param repeats of a loop in each part of the work, 1 to 2^20
    /// @return products that were summed, counted by the sums
    /// @throws KernelException where the instruction set has no such product
    long products(Product product, long repeats);
}
