import { ApiError } from './api.js';

/** The JSON of a response's server-sent events, up to `[DONE]`. */
export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await read(reader);
      if (done) {
        throw new ApiError(0, 'broken_off', 'The answer broke off: the connection ended before it did.');
      }
      const parts = (rest + value).split('\n\n');
      rest = parts.pop();
      for (const part of parts) {
        const data = dataOf(part);
        if (data === '[DONE]') {
          return;
        }
        if (data !== '') {
          yield JSON.parse(data);
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** An event's data; empty where it has none, as a comment that keeps a connection open. */
function dataOf(event) {
  return event.split('\n').filter(line => line.startsWith('data:')).map(line => line.slice(5).trimStart()).join('\n');
}

async function read(reader) {
  try {
    return await reader.read();
  } catch (error) {
    if (error.name === 'AbortError') {
      throw error;
    }
    throw new ApiError(0, 'broken_off', 'The answer broke off: the connection was lost.');
  }
}
