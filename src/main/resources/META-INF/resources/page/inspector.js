import { hideAlternatives, leaveAlternatives, showAlternatives, startAlternatives } from './alternatives.js';
import { placeOf } from './answer.js';
import { byId } from './dom.js';
import { clearMemory, showGrowingMemory, showMemory } from './memory-panel.js';

/** The token that the page tells of; `chosen` by the user, or simply the newest. */
let current = null;
let chosen = false;

function turnTo(place) {
  if (current && (current.answer !== place.answer || current.index !== place.index)) {
    current.answer.unselect();
  }
  current = place;
}

function choose(place) {
  chosen = true;
  turnTo(place);
  showMemory(place.answer, place.index);
  place.answer.select(place.index);
  showAlternatives(place.answer.token(place.index), place.answer.tokens[place.index], place.answer.tally.sharedSlots(place.index));
}

/** A token has come: tells of it unless the user has chosen another one of this answer. */
export function tokenCame(answer) {
  if (!chosen || current.answer !== answer) {
    chosen = false;
    turnTo({ answer, index: answer.tokens.length - 1 });
  }
  showGrowingMemory(current.answer, current.index);
}

/** Forgets everything shown. */
export function forgetTokens() {
  hideAlternatives();
  current = null;
  chosen = false;
  clearMemory();
}

export function startInspector() {
  const log = byId('log');
  startAlternatives();
  log.addEventListener('pointerover', event => {
    const place = placeOf(event.target);
    if (place) {
      choose(place);
    }
  });
  log.addEventListener('pointerout', event => {
    if (placeOf(event.target)) {
      leaveAlternatives();
    }
  });
  log.addEventListener('focusin', event => {
    const place = placeOf(event.target);
    if (place) {
      choose(place);
    }
  });
  log.addEventListener('focusout', hideAlternatives);
}
