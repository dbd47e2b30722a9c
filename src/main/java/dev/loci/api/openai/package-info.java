/// The OpenAI-compatible HTTP API: requests are validated whole before the first byte of an answer, every parameter
/// works
/// or is refused by name, and a client that goes away ends its generations.
///
/// Open [OpenAiResource] first. What is served comes in through [ModelSource]; engine and tokenizer are all it knows.
package dev.loci.api.openai;
