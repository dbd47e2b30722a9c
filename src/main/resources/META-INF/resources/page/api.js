import { authorization } from './key.js';

/** What a server answers instead of an answer. Status 0: nothing at all. */
export class ApiError extends Error {
  /** @param {number} retryAfter seconds; 0 where the server names none */
  constructor(status, code, message, retryAfter = 0) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

async function refusal(response) {
  const retryAfter = Number(response.headers.get('Retry-After')) || 0;
  let error = {};
  try {
    error = (await response.json()).error ?? {};
  } catch {
    // a proxy's page, perhaps: the status says what there is to say
  }
  const message = typeof error.message === 'string' ? error.message : 'The server answers with status ' + response.status + '.';
  return new ApiError(response.status, error.code ?? '', message, retryAfter);
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, { cache: 'no-store', ...options, headers: { ...options.headers, ...authorization() } });
  } catch (error) {
    if (error.name === 'AbortError') {
      throw error;
    }
    throw new ApiError(0, 'unreachable', 'The server does not answer. Does it run, and is the network there?');
  }
  if (!response.ok) {
    throw await refusal(response);
  }
  return response;
}

/** The served model's card. */
export async function findModel() {
  const list = await (await ask('v1/models', {})).json();
  return list.data[0];
}

/** A streamed answer's response. */
export function post(path, body, signal) {
  return ask(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
}
