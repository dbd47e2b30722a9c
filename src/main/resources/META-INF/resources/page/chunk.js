import { ApiError } from './api.js';

/**
 * @typedef {{text: string, probability: number}} Alternative
 * @typedef {{rows: number[], weights: number[], hits: number}} LayerHits
 * @typedef {object} Token
 * @property {string} shown what the answer's text gains with it; may be empty, or hold a character of tokens before
 * @property {string} text its own text
 * @property {?number} probability
 * @property {Alternative[]} alternatives most probable first
 * @property {LayerHits[]} layers what each memory layer hit for it
 */

const alternative = (text, logprob) => ({ text, probability: Math.exp(logprob) });

const byProbability = (a, b) => b.probability - a.probability;

function ofCompletion(logprobs) {
  return (logprobs?.tokens ?? []).map((text, i) => ({
    text,
    probability: logprobs.token_logprobs[i] === null ? null : Math.exp(logprobs.token_logprobs[i]),
    alternatives: Object.entries(logprobs.top_logprobs?.[i] ?? {}).map(each => alternative(...each)).sort(byProbability),
  }));
}

function ofChat(logprobs) {
  return (logprobs?.content ?? []).map(each => ({
    text: each.token,
    probability: Math.exp(each.logprob),
    alternatives: each.top_logprobs.map(one => alternative(one.token, one.logprob)).sort(byProbability),
  }));
}

/**
 * What a chunk of either endpoint brings: text, tokens, and in the last one why the answer ended.
 * @returns {{tokens: Token[], rest: string, finish: ?string}} `rest` is text that belongs to no token of the chunk
 */
export function read(chunk) {
  if (chunk.error) {
    throw new ApiError(0, chunk.error.code ?? '', chunk.error.message);
  }
  const choice = chunk.choices[0];
  if (!choice) {
    return { tokens: [], rest: '', finish: null };
  }
  const text = (choice.delta ? choice.delta.content : choice.text) ?? '';
  const scores = choice.delta ? ofChat(choice.logprobs) : ofCompletion(choice.logprobs);
  const traces = choice.memory_trace?.tokens ?? [];
  const known = Math.max(scores.length, traces.length);
  const plain = known === 0 && text !== '' && !choice.finish_reason ? 1 : 0;
  const tokens = Array.from({ length: known + plain }, (_, i) => ({
    shown: i === known + plain - 1 ? text : '',
    text: scores[i]?.text ?? text,
    probability: scores[i]?.probability ?? null,
    alternatives: scores[i]?.alternatives ?? [],
    layers: traces[i]?.layers ?? [],
  }));
  return { tokens, rest: tokens.length ? '' : text, finish: choice.finish_reason ?? null };
}
