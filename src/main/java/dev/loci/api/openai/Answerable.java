package dev.loci.api.openai;

/// A validated request, and how its answer is written.
record Answerable(Order order, AnswerFormat format) {
    static Answerable completion(RequestFields fields, ServedModel model) {
        Order order = CompletionParser.parse(fields, model);
        return new Answerable(order, new CompletionFormat(order, model));
    }

    static Answerable chat(RequestFields fields, ServedModel model) {
        Order order = ChatParser.parse(fields, model);
        return new Answerable(order, new ChatFormat(order, model));
    }

    /// The same on behalf of a client.
    Answerable onBehalfOf(String clientKey) {
        return new Answerable(order.onBehalfOf(clientKey), format);
    }
}
