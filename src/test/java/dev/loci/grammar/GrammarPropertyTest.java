package dev.loci.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/// Whatever a schema of random keywords lets an answer be, another validator accepts.
final class GrammarPropertyTest {
    @Property(tries = 400)
    void eachTextThatASchemaAllowsIsAnInstance(@ForAll long seed) {
        Random random = new Random(seed);
        String schema = new RandomSchemas(random).schema(3);
        Grammar grammar;
        try {
            grammar = Grammar.jsonSchema(schema);
        } catch (GrammarException e) {
            assertThat(e).hasMessageContaining("expected").hasMessageStartingWith("#");
            return;
        }
        Grammar compiled = grammar;
        for (int i = 0; i < 5; i++) {
            RandomTexts.of(compiled, random).ifPresent(text -> {
                if (Schemas.exact(schema, text)) {
                    assertThat(Schemas.problems(schema, text))
                            .as(schema + " allows " + text)
                            .isEmpty();
                }
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                assertThat(compiled.first().after(bytes).complete()).isTrue();
            });
        }
    }

    @Property(tries = 400)
    void masksAllowExactlyTheTokensWhoseBytesMayFollow(@ForAll long seed) {
        Random random = new Random(seed);
        String schema = new RandomSchemas(random).schema(3);
        TokenGrammar grammar;
        try {
            grammar = new TokenGrammar(Grammar.jsonSchema(schema), Vocabularies.SMALL);
        } catch (GrammarException e) {
            return;
        }
        GrammarState state = grammar.first();
        for (int step = 0; step < 40; step++) {
            TokenMask mask = grammar.mask(state);
            int chosen = -1;
            int allowed = 0;
            for (int id = 0; id < Vocabularies.SMALL.size(); id++) {
                assertThat(mask.allows(id))
                        .as("token " + id + " in step " + step + " of " + schema)
                        .isEqualTo(grammar.allows(state, id));
                if (mask.allows(id) && random.nextInt(++allowed) == 0) {
                    chosen = id;
                }
            }
            assertThat(chosen).as("a token in step " + step + " of " + schema).isNotNegative();
            if (chosen == Vocabularies.END) {
                return;
            }
            state = grammar.after(state, chosen);
        }
    }
}
