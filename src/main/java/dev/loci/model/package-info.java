/// A model ready to run: weights bound to kernel records, layers, the forward pass of a step.
///
/// Open [Model] first, then [ForwardPass]. A step runs all new tokens of all sequences at once, one kernel call for
/// each op and layer; keys and values live in a cache that the caller owns and shows through [KvView].
package dev.loci.model;
