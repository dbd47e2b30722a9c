import { byId } from './dom.js';

const STORED = 'loci-api-key';
let held = read();

function read() {
  try {
    return sessionStorage.getItem(STORED) ?? '';
  } catch {
    return '';
  }
}

function hold(value) {
  held = value;
  try {
    if (value) {
      sessionStorage.setItem(STORED, value);
    } else {
      sessionStorage.removeItem(STORED);
    }
  } catch {
    // storage is switched off: the key lasts as long as the page
  }
  byId('key-toggle').classList.toggle('set', value !== '');
}

/** The headers of a request: the key, where there is one. */
export const authorization = () => (held ? { Authorization: 'Bearer ' + held } : {});

export function showKeyForm(open) {
  byId('key-form').hidden = !open;
  byId('key-toggle').setAttribute('aria-expanded', String(open));
  if (open) {
    byId('key').focus();
  }
}

/** @param {() => void} changed runs with every other key */
export function startKey(changed) {
  byId('key').value = held;
  hold(held);
  byId('key-toggle').addEventListener('click', () => showKeyForm(byId('key-form').hidden));
  byId('key-form').addEventListener('submit', event => {
    event.preventDefault();
    take(byId('key').value.trim());
  });
  byId('key-forget').addEventListener('click', () => {
    byId('key').value = '';
    take('');
  });
  byId('key-form').addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      close();
    }
  });

  function take(value) {
    hold(value);
    close();
    changed();
  }

  function close() {
    showKeyForm(false);
    byId('key-toggle').focus();
  }
}
