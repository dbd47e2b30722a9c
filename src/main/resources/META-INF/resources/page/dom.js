/** The element with this id. */
export const byId = id => document.getElementById(id);

/**
 * A new element.
 * @param {string} tag
 * @param {string} className
 * @param {...(Node|string)} content strings become text, never markup
 */
export function element(tag, className, ...content) {
  const made = document.createElement(tag);
  if (className) {
    made.className = className;
  }
  made.append(...content);
  return made;
}

/** Runs `draw` in the next frame, once however often the result is called, and then not again for a pause. */
export function oncePerFrame(draw, pauseMillis = 0) {
  let waiting = false;
  let last = -Infinity;
  return () => {
    if (!waiting) {
      waiting = true;
      setTimeout(() => requestAnimationFrame(() => {
        waiting = false;
        last = performance.now();
        draw();
      }), Math.max(0, last + pauseMillis - performance.now()));
    }
  };
}

const MARKS = new Map([[' ', '␣'], ['\n', '⏎'], ['\r', '␍'], ['\t', '⇥'], ['\u00a0', '⍽']]);

/** A token's text with its white space made visible. */
export function visible(text) {
  return text === '' ? '∅' : [...text].map(c => MARKS.get(c) ?? c).join('');
}

const whole = new Intl.NumberFormat('en');

/** 65536 as 65,536. */
export const count = number => whole.format(number);

/** `1 slot`, `2 slots`. */
export const counted = (number, what) => count(number) + ' ' + what + (number === 1 ? '' : 's');

/** A probability for people: 87 %, 99.9 %, 0.4 %, < 0.01 %. */
export function percent(probability) {
  const value = 100 * probability;
  if (value < 0.01) {
    return '< 0.01 %';
  }
  const digits = value > 99 ? Math.floor(10 * value) / 10 : value >= 10 ? Math.round(value) : Number(value.toPrecision(2));
  return digits + ' %';
}
