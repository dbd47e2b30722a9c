package dev.loci.api.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import java.io.IOException;

/// Takes memory from the budget for the tree that is made of a parser's brackets, names and values.
final class CountedTokens extends JsonParserDelegate {
    /// What a tree takes for each at most, beside its text.
    private static final int BYTES_EACH = 100;

    private static final int AT_ONCE = 64;

    private final BodyBudget.Share share;
    private int count;

    CountedTokens(JsonParser parser, BodyBudget.Share share) {
        super(parser);
        this.share = share;
    }

    @Override
    public JsonToken nextToken() throws IOException {
        if (count++ % AT_ONCE == 0) {
            share.take(AT_ONCE * BYTES_EACH);
        }
        return super.nextToken();
    }
}
