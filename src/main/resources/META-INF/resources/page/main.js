import { hideAlternatives } from './alternatives.js';
import { forgetMessages } from './conversation.js';
import { byId } from './dom.js';
import { forgetTokens, startInspector } from './inspector.js';
import { startKey } from './key.js';
import { refreshMemory, startMemory } from './memory-panel.js';
import { loadModel } from './model.js';
import { clearProblem } from './problem.js';
import { isRunning, send, stop } from './run.js';
import { startSettings } from './settings.js';
import { onThemeChange, startTheme } from './theme.js';

const text = byId('text');

function showMode() {
  const chat = document.querySelector('input[name=mode]:checked').value === 'chat';
  text.placeholder = chat ? 'Ask something' : 'Begin a text';
  byId('system-field').hidden = !chat;
}

function clear() {
  stop();
  forgetMessages();
  forgetTokens();
  clearProblem();
  byId('log').querySelectorAll('.turn').forEach(turn => turn.remove());
  byId('welcome').hidden = false;
  text.focus();
}

function startMemoryToggle() {
  const toggle = byId('memory-toggle');
  toggle.addEventListener('click', () => {
    const open = byId('memory').classList.toggle('open');
    toggle.setAttribute('aria-expanded', String(open));
  });
}

startTheme();
startKey(loadModel);
startSettings();
startInspector();
startMemory();
startMemoryToggle();
onThemeChange(refreshMemory);
byId('form').addEventListener('submit', event => {
  event.preventDefault();
  send();
});
text.addEventListener('keydown', event => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send();
  }
});
document.addEventListener('keydown', event => {
  if (event.key === 'Escape' && !hideAlternatives() && isRunning()) {
    stop();
  }
});
byId('stop').addEventListener('click', stop);
byId('clear').addEventListener('click', clear);
document.querySelectorAll('input[name=mode]').forEach(radio => radio.addEventListener('change', showMode));
showMode();
loadModel();
text.focus();
