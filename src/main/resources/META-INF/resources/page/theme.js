import { byId, element } from './dom.js';

const ORDER = ['system', 'light', 'dark'];
const LABELS = { system: ['◐', 'Auto'], light: ['☀', 'Light'], dark: ['☾', 'Dark'] };
const listeners = [];

const current = () => document.documentElement.dataset.theme ?? 'system';

function remember(theme) {
  try {
    if (theme === 'system') {
      localStorage.removeItem('loci-theme');
    } else {
      localStorage.setItem('loci-theme', theme);
    }
  } catch {
    // storage is switched off: the choice lasts as long as the page
  }
}

function show() {
  const button = byId('theme');
  const [sign, word] = LABELS[current()];
  button.replaceChildren(element('span', 'sign', sign), element('span', 'word', word));
  button.setAttribute('aria-label', 'Theme: ' + (current() === 'system' ? 'as the system' : current()));
  listeners.forEach(listener => listener());
}

/** `listener` runs whenever the page's colours change. */
export function onThemeChange(listener) {
  listeners.push(listener);
}

export function startTheme() {
  byId('theme').addEventListener('click', () => {
    const next = ORDER[(ORDER.indexOf(current()) + 1) % ORDER.length];
    if (next === 'system') {
      delete document.documentElement.dataset.theme;
    } else {
      document.documentElement.dataset.theme = next;
    }
    remember(next);
    show();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', show);
  show();
}
