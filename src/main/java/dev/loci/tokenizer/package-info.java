/// Text to ids and back: `tokenizer.json`, streaming decoding, chat templates.
///
/// Open [Tokenizer] first; [ChatTemplate] turns a conversation into ids. Plain Java over the native library of
/// Hugging Face tokenizers and over jinjava.
package dev.loci.tokenizer;
