package dev.loci.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ResourceStackTest {
    @Test
    void closesInReverseEvenWhereOneFails() {
        List<String> closed = new ArrayList<>();
        ResourceStack stack = new ResourceStack();
        stack.add("first", closed::add);
        stack.add("second", name -> {
            throw new IllegalStateException(name);
        });
        stack.add("third", closed::add);
        assertThatThrownBy(stack::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("second");
        assertThat(closed).containsExactly("third", "first");
        stack.close();
        assertThat(closed).hasSize(2);
    }
}
