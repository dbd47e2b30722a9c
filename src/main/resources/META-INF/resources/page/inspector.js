import { hideAlternatives, leaveAlternatives, showAlternatives, startAlternatives } from './alternatives.js';
import { placeOf } from './answer.js';
import { byId } from './dom.js';
import { clearMemory, showMemory } from './memory-panel.js';

/** The token that the page tells of; `chosen` by the user, or simply the newest. */
let current = null;
let chosen = false;

function tell(place) {
  if (current && (current.answer !== place.answer || current.index !== place.index)) {
    current.answer.unselect();
  }
  current = place;
  showMemory(place.answer, place.index);
}

function choose(place) {
  chosen = true;
  tell(place);
  place.answer.select(place.index);
  showAlternatives(place.answer.token(place.index), place.answer.tokens[place.index], place.answer.tally.sharedSlots(place.index));
}

/** A token has come: tells of it unless the user has chosen another one of this answer. */
export function tokenCame(answer) {
  if (!chosen || current.answer !== answer) {
    chosen = false;
    tell({ answer, index: answer.tokens.length - 1 });
  } else {
    showMemory(current.answer, current.index);
  }
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
