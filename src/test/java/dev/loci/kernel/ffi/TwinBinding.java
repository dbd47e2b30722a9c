package dev.loci.kernel.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Calls each function through Panama, puts back what it wrote, calls it again through JNI, and compares the statuses
/// and
/// every byte that an argument leads to. Functions that open, close or map are called once, in turn through the one and
/// the other.
final class TwinBinding implements Binding {
    private static final Set<NativeFunction> ONCE = EnumSet.of(
            NativeFunction.OPEN,
            NativeFunction.CLOSE,
            NativeFunction.MAP,
            NativeFunction.UNMAP,
            NativeFunction.GUARD_ADD,
            NativeFunction.GUARD_REMOVE,
            NativeFunction.LIMIT);

    private final Binding panama;
    private final Binding jni;
    private final Map<Long, NativeFunction> functions = new HashMap<>();
    private final Map<NativeFunction, Integer> calls = new HashMap<>();

    TwinBinding(Binding panama, Binding jni) {
        this.panama = panama;
        this.jni = jni;
    }

    /// Functions that were called through both.
    Set<NativeFunction> called() {
        Set<NativeFunction> called = EnumSet.noneOf(NativeFunction.class);
        calls.forEach((function, count) -> {
            if (count > 1 || !ONCE.contains(function)) {
                called.add(function);
            }
        });
        return called;
    }

    @Override
    public String name() {
        return "twin";
    }

    @Override
    public MemorySegment find(String symbol) {
        MemorySegment address = panama.find(symbol);
        assertThat(jni.find(symbol)).as(symbol).isEqualTo(address);
        for (NativeFunction function : NativeFunction.values()) {
            if (function.symbol().equals(symbol)) {
                functions.put(address.address(), function);
            }
        }
        return address;
    }

    @Override
    public int call(MemorySegment address, MemorySegment context, MemorySegment args) {
        NativeFunction function = functions.get(address.address());
        int count = calls.merge(function, 1, Integer::sum);
        if (ONCE.contains(function)) {
            return (count % 2 == 0 ? panama : jni).call(address, context, args);
        }
        try (Arena arena = Arena.ofConfined()) {
            List<MemorySegment> reached = reached(function, args);
            List<MemorySegment> before = copies(reached, arena);
            int expected = panama.call(address, context, args);
            List<MemorySegment> after = copies(reached, arena);
            for (int i = 0; i < reached.size(); i++) {
                if (reached.get(i).mismatch(before.get(i)) >= 0) {
                    reached.get(i).copyFrom(before.get(i));
                }
            }
            assertThat(jni.call(address, context, args)).as(function.symbol()).isEqualTo(expected);
            for (int i = 0; i < reached.size(); i++) {
                assertThat(reached.get(i).mismatch(after.get(i)))
                        .as(function.symbol() + ": first byte that differs, buffer " + i)
                        .isEqualTo(-1);
            }
            return expected;
        }
    }

    private static List<MemorySegment> copies(List<MemorySegment> segments, Arena arena) {
        return segments.stream()
                .map(segment -> arena.allocate(Math.max(1, segment.byteSize()))
                        .asSlice(0, segment.byteSize())
                        .copyFrom(segment))
                .toList();
    }

    private static List<MemorySegment> reached(NativeFunction function, MemorySegment args) {
        List<MemorySegment> reached = new ArrayList<>();
        for (int m = 0; m < function.members().size(); m++) {
            long offset = function.offset(m);
            int spans = switch (function.members().get(m).kind()) {
                case SPAN -> 1;
                case MATRIX, TOKENS -> 2;
                case KV -> 3;
                case POINTER, I64, I32, F32 -> 0;
            };
            for (int s = 0; s < spans; s++) {
                long at = offset + s * NativeCall.SPAN_BYTES;
                MemorySegment data = MemorySegment.ofAddress(args.get(ValueLayout.JAVA_LONG, at));
                long bytes = args.get(ValueLayout.JAVA_LONG, at + Long.BYTES);
                if (data.address() != 0 && bytes > 0) {
                    reached.add(data.reinterpret(bytes));
                }
            }
        }
        return reached;
    }
}
