import { counted, element, percent, visible } from './dom.js';
import { roving } from './roving.js';
import { Speech } from './speech.js';
import { Tally } from './tally.js';

const ENDS = {
  stop: 'ended by itself',
  length: 'limit of tokens reached',
  stopped: 'stopped',
  failed: 'broken off',
};

/** Seconds; what came in one piece says nothing of the pace. */
const SHORTEST_RATED = 0.25;

/** Which answer and token a token's element shows. */
const places = new WeakMap();

/** @returns {?{answer: Answer, index: number}} the token that an element shows or is in */
export const placeOf = target => places.get(target.closest?.('.token')) ?? null;

/** One answer as it grows: its tokens, and what is known of each. */
export class Answer {
  tally = new Tally();
  /** @type {import('./chunk.js').Token[]} */
  tokens = [];
  text = '';
  #elements = [];
  #box = element('span', 'tokens');
  #meta = element('p', 'meta');
  #started = 0;
  #speech;
  #stop;

  /** @param {string} given the text that the answer goes on with, shown before it */
  constructor(given) {
    this.#box.setAttribute('role', 'listbox');
    this.#box.setAttribute('aria-orientation', 'horizontal');
    this.#box.setAttribute('aria-label', 'Tokens of the answer');
    this.#box.setAttribute('aria-live', 'off');
    const spoken = element('div', 'hidden spoken');
    this.#speech = new Speech(spoken);
    this.#stop = roving(this.#box, '.token').stopAt;
    const body = element('div', 'body');
    if (given) {
      const start = element('span', 'given', given);
      start.setAttribute('aria-live', 'off');
      body.append(start);
    }
    body.append(this.#box);
    this.element = element('article', 'turn assistant running', spoken, body, this.#meta);
    this.element.setAttribute('aria-label', 'Answer');
  }

  /** @param {import('./chunk.js').Token} token */
  add(token) {
    if (this.tokens.length === 0) {
      this.#started = performance.now();
    }
    const index = this.tokens.push(token) - 1;
    this.tally.add(token.layers);
    this.#append(token.shown);
    const made = element('span', 'token', token.shown);
    made.setAttribute('role', 'option');
    made.setAttribute('aria-selected', 'false');
    made.tabIndex = -1;
    if (token.shown === '') {
      made.classList.add('silent');
      made.dataset.mark = token.text === '' || token.text.startsWith('bytes:') ? '·' : token.text;
    } else if (token.shown.includes('\n')) {
      made.classList.add('break');
    }
    const name = token.shown.trim() === '' ? visible(token.text) : token.shown;
    if (token.probability !== null) {
      made.style.setProperty('--unlikely', String(1 - token.probability));
      made.setAttribute('aria-label', name + ', ' + percent(token.probability));
    } else if (name !== token.shown) {
      made.setAttribute('aria-label', name);
    }
    places.set(made, { answer: this, index });
    this.#elements.push(made);
    this.#box.append(made);
    if (index === 0) {
      this.#stop(made);
    }
  }

  /** Text that belongs to no token. */
  addText(text) {
    if (text !== '') {
      this.#append(text);
      this.#box.append(text);
    }
  }

  #append(text) {
    this.text += text;
    this.#speech.add(text);
  }

  /** @param {'stop'|'length'|'stopped'|'failed'} reason */
  end(reason) {
    const seconds = (performance.now() - this.#started) / 1000;
    const rate = this.tokens.length > 1 && seconds >= SHORTEST_RATED ? ' · ' + Math.round((this.tokens.length - 1) / seconds) + ' a second' : '';
    this.element.classList.remove('running');
    this.#meta.textContent = counted(this.tokens.length, 'token') + rate + ' · ' + (ENDS[reason] ?? reason);
    this.#speech.end();
    if (this.tokens.length === 0) {
      this.#box.removeAttribute('role');
    }
  }

  token(index) {
    return this.#elements[index];
  }

  /** Marks the token that the page tells of, and those that share its slots. */
  select(index) {
    this.unselect();
    const companions = this.tally.companions(index);
    const most = Math.max(1, ...companions.values());
    companions.forEach((slots, other) => {
      this.#elements[other].classList.add('companion');
      this.#elements[other].style.setProperty('--shared', String(slots / most));
    });
    this.#elements[index].classList.add('current');
    this.#elements[index].setAttribute('aria-selected', 'true');
  }

  unselect() {
    for (const each of this.#box.querySelectorAll('.current, .companion')) {
      each.classList.remove('current', 'companion');
      each.setAttribute('aria-selected', 'false');
    }
  }

  /** Marks the tokens that hit one slot; none with an empty list. */
  mark(indexes) {
    for (const each of this.#box.querySelectorAll('.hit')) {
      each.classList.remove('hit');
    }
    indexes.forEach(index => this.#elements[index].classList.add('hit'));
  }
}
