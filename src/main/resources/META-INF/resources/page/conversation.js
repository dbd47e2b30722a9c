import { ApiError, post } from './api.js';
import { parameters, systemMessage } from './settings.js';

/** What was said so far, as the chat endpoint takes it; without the system message. */
let messages = [];

export function forgetMessages() {
  messages = [];
}

/** Keeps a question and its answer for the next one. */
export function remember(question, answer) {
  messages.push({ role: 'user', content: question }, { role: 'assistant', content: answer });
}

/** Asks for a text that goes on with `given`. */
export function complete(model, given, signal) {
  return post('v1/completions', { model, prompt: given, ...parameters(false) }, signal);
}

/** Asks for an answer. A conversation that no longer fits the context loses its oldest turns. */
export async function chat(model, question, signal) {
  const system = systemMessage();
  for (;;) {
    const body = {
      model,
      messages: [
        ...(system ? [{ role: 'system', content: system }] : []),
        ...messages,
        { role: 'user', content: question },
      ],
      ...parameters(true),
    };
    try {
      return await post('v1/chat/completions', body, signal);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'context_length_exceeded' || messages.length === 0) {
        throw error;
      }
      messages.splice(0, 2);
    }
  }
}
