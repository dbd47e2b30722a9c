import { byId } from './dom.js';

const ALTERNATIVES = 6;

/** What the server assumes where a request says nothing. */
const ASSUMED = {
  temperature: 1, top_p: 1, top_k: 0, min_p: 0, presence_penalty: 0, frequency_penalty: 0, repetition_penalty: 1,
};

const form = () => byId('settings-form');

const unescaped = line => line.replace(/\\(n|t|\\)/g, (_, c) => ({ n: '\n', t: '\t', '\\': '\\' })[c]);

/** Whether all fields hold what they may; if not, the first that does not is shown. */
export function settingsAreRight() {
  if (form().checkValidity()) {
    return true;
  }
  showSettings(true);
  form().reportValidity();
  return false;
}

/** The system message, or an empty text. */
export const systemMessage = () => form().elements.system.value.trim();

/** A request's parameters but model, prompt and messages. */
export function parameters(chat) {
  const fields = form().elements;
  const body = { stream: true };
  for (const [name, assumed] of Object.entries(ASSUMED)) {
    const value = Number(fields[name].value);
    if (value !== assumed) {
      body[name] = value;
    }
  }
  body[chat ? 'max_completion_tokens' : 'max_tokens'] = Number(fields.max_tokens.value);
  if (fields.seed.value !== '') {
    body.seed = Number(fields.seed.value);
  }
  const stop = fields.stop.value.split('\n').filter(line => line !== '').map(unescaped);
  if (stop.length > 0) {
    body.stop = stop;
  }
  if (fields.logprobs.checked) {
    Object.assign(body, chat ? { logprobs: true, top_logprobs: ALTERNATIVES } : { logprobs: ALTERNATIVES });
  }
  if (fields.memory_trace.checked) {
    body.memory_trace = true;
  }
  return body;
}

/** Opens or closes the settings where the window has no room for them beside the rest. */
export function showSettings(open) {
  byId('settings').classList.toggle('open', open);
  byId('settings-toggle').setAttribute('aria-expanded', String(open));
}

export function startSettings() {
  const toggle = byId('settings-toggle');
  toggle.addEventListener('click', () => showSettings(toggle.getAttribute('aria-expanded') === 'false'));
  form().addEventListener('submit', event => event.preventDefault());
}
