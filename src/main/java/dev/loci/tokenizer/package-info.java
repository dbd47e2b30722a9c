/// Text to ids and back: `tokenizer.json`, streaming decoding, chat templates.
///
/// Open [Tokenizer] first.
package dev.loci.tokenizer;
