import { Answer } from './answer.js';
import { ApiError } from './api.js';
import { read } from './chunk.js';
import { chat, complete, remember } from './conversation.js';
import { byId, element } from './dom.js';
import { events } from './events.js';
import { tokenCame } from './inspector.js';
import { loadModel, modelName } from './model.js';
import { clearProblem, showProblem } from './problem.js';
import { settingsAreRight } from './settings.js';

const MOMENT_MILLIS = 30;

/** @type {?AbortController} of the answer under way */
let running = null;

/** Ends the answer under way: the server stops with it. */
export const stop = () => running?.abort();

export const isRunning = () => running !== null;

function setRunning(controller) {
  const focused = document.activeElement;
  running = controller;
  byId('stop').hidden = controller === null;
  byId('send').hidden = controller !== null;
  if (focused === byId('send')) {
    byId('stop').focus();
  } else if (focused === byId('stop')) {
    byId('text').focus();
  }
}

const nearEnd = log => log.scrollTop + log.clientHeight >= log.scrollHeight - 60;

/**
 * Shows an answer's chunks, all that came within a moment together: laying the page out for each token would take more time than
 * there is between tokens.
 */
class Display {
  #answer;
  #chunks = [];
  #timer = 0;

  constructor(answer) {
    this.#answer = answer;
  }

  add(chunk) {
    this.#chunks.push(chunk);
    this.#timer ||= setTimeout(() => this.flush(), MOMENT_MILLIS);
  }

  flush() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const log = byId('log');
    const following = nearEnd(log);
    const before = this.#answer.tokens.length;
    for (const chunk of this.#chunks.splice(0)) {
      chunk.tokens.forEach(token => this.#answer.add(token));
      this.#answer.addText(chunk.rest);
    }
    if (this.#answer.tokens.length > before) {
      tokenCame(this.#answer);
    }
    if (following) {
      log.scrollTop = log.scrollHeight;
    }
  }
}

/** Reads the answer to its end. @returns {Promise<string>} why it ended */
async function follow(response, answer, signal) {
  const display = new Display(answer);
  let reason = 'failed';
  try {
    for await (const event of events(response)) {
      signal.throwIfAborted();
      const chunk = read(event);
      display.add(chunk);
      reason = chunk.finish ?? reason;
    }
  } finally {
    display.flush();
  }
  return reason;
}

/** Sends what the text field holds, and shows the answer as it comes. */
export async function send() {
  const field = byId('text');
  const given = field.value;
  if (running || given.trim() === '' || !settingsAreRight()) {
    return;
  }
  clearProblem();
  const controller = new AbortController();
  setRunning(controller);
  if (modelName() === null) {
    await loadModel();
  }
  if (modelName() !== null && !controller.signal.aborted) {
    await ask(given, document.querySelector('input[name=mode]:checked').value === 'chat', controller.signal);
  }
  setRunning(null);
}

async function ask(given, isChat, signal) {
  const field = byId('text');
  const log = byId('log');
  const question = isChat ? element('article', 'turn user', given) : null;
  const answer = new Answer(isChat ? '' : given);
  question?.setAttribute('aria-label', 'You');
  byId('welcome').hidden = true;
  log.append(...(question ? [question] : []), answer.element);
  log.scrollTop = log.scrollHeight;
  field.value = '';
  let begun = false;
  try {
    const response = await (isChat ? chat : complete)(modelName(), given, signal);
    begun = true;
    answer.end(await follow(response, answer, signal));
  } catch (error) {
    if (error.name === 'AbortError') {
      begun = true;
      answer.end('stopped');
    } else {
      answer.end('failed');
      showProblem(error instanceof ApiError ? error : new ApiError(0, '', String(error.message)), begun ? null : send);
    }
  }
  if (!begun) {
    question?.remove();
    answer.element.remove();
    byId('welcome').hidden = log.querySelector('.turn') !== null;
    field.value ||= given;
  } else if (isChat && answer.text !== '' && answer.element.isConnected) {
    remember(given, answer.text);
  }
}
