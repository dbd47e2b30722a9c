import { byId, element, percent, visible } from './dom.js';

const MARGIN = 8;
const GAP = 6;
let shownFor = null;
let leaving = 0;

function row(text, probability, chosen) {
  const bar = element('span', 'bar');
  bar.style.setProperty('--share', String(probability));
  return element(
    'li',
    chosen ? 'chosen' : '',
    element('span', 'what', visible(text)),
    bar,
    element('span', 'much', percent(probability)),
    ...(chosen ? [element('span', 'hidden', ', chosen')] : []),
  );
}

function content(token, sharedSlots) {
  const parts = [];
  if (token.probability === null) {
    parts.push(element('p', 'note', 'Switch “Probabilities” on to see what else there was.'));
  } else {
    const list = element('ol', 'list');
    const others = token.alternatives;
    const listed = others.some(each => each.text === token.text);
    others.forEach(each => list.append(row(each.text, each.probability, each.text === token.text)));
    if (!listed) {
      list.append(row(token.text, token.probability, true));
    }
    parts.push(list);
  }
  const slots = token.layers.reduce((sum, layer) => sum + layer.rows.length, 0);
  if (slots > 0) {
    parts.push(element('p', 'note', slots + ' slots read, ' + sharedSlots + ' shared with other tokens'));
  }
  return parts;
}

function place(box, anchor) {
  const rects = anchor.getClientRects();
  const at = rects[rects.length - 1] ?? anchor.getBoundingClientRect();
  const left = Math.max(MARGIN, Math.min(at.left, innerWidth - box.offsetWidth - MARGIN));
  const below = at.bottom + GAP;
  const above = at.top - GAP - box.offsetHeight;
  box.style.left = left + 'px';
  box.style.top = (below + box.offsetHeight > innerHeight - MARGIN && above > MARGIN ? above : below) + 'px';
}

/** Shows beside a token's element what the model had in mind there. */
export function showAlternatives(anchor, token, sharedSlots) {
  clearTimeout(leaving);
  const box = byId('alternatives');
  shownFor?.removeAttribute('aria-describedby');
  shownFor = anchor;
  box.replaceChildren(...content(token, sharedSlots));
  box.hidden = false;
  place(box, anchor);
  anchor.setAttribute('aria-describedby', 'alternatives');
}

/** @returns {boolean} whether there was something to hide */
export function hideAlternatives() {
  clearTimeout(leaving);
  const was = shownFor !== null;
  shownFor?.removeAttribute('aria-describedby');
  shownFor = null;
  byId('alternatives').hidden = true;
  return was;
}

/** Hides them unless the pointer comes back, to the token or to them, or the token has the focus. */
export function leaveAlternatives() {
  clearTimeout(leaving);
  leaving = setTimeout(() => {
    if (document.activeElement !== shownFor) {
      hideAlternatives();
    }
  }, 200);
}

export function startAlternatives() {
  const box = byId('alternatives');
  box.addEventListener('pointerenter', () => clearTimeout(leaving));
  box.addEventListener('pointerleave', leaveAlternatives);
  addEventListener('resize', hideAlternatives);
  // a panel that opens beside or above it moves the token away
  new ResizeObserver(hideAlternatives).observe(byId('log'));
  byId('log').addEventListener('scroll', () => {
    if (shownFor) {
      place(box, shownFor);
    }
  });
}
