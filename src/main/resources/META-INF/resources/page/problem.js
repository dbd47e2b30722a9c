import { byId, element } from './dom.js';
import { authorization, showKeyForm } from './key.js';

let countdown = 0;

/** Whether it is the key that is wrong or missing. */
export const isRefused = error => error.status === 401 || error.status === 403;

function title(error) {
  switch (error.status) {
    case 0: return 'No answer';
    case 400: return 'The server refuses this request';
    case 401:
    case 403: return authorization().Authorization ? 'The server does not accept this API key' : 'The server requires an API key';
    case 404: return 'Not found';
    case 429: return 'The server is full';
    case 503: return 'The server is not ready';
    case 504: return 'It took too long';
    default: return 'The server failed';
  }
}

/** Enables the button when the server's time has passed, and says meanwhile how long that is. */
function waitWith(button, seconds) {
  const end = Date.now() + 1000 * seconds;
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? 'Try again in ' + left + ' s' : 'Try again';
    if (left <= 0) {
      clearInterval(countdown);
    }
  };
  countdown = setInterval(tick, 250);
  tick();
}

/**
 * Says what went wrong.
 * @param {import('./api.js').ApiError} error
 * @param {?() => void} again what “Try again” does; no such button without it
 */
export function showProblem(error, again) {
  clearProblem();
  const alert = element('div', 'problem-text', element('strong', '', title(error)), element('p', '', error.message));
  alert.setAttribute('role', 'alert');
  const actions = element('div', 'problem-actions');
  if (again) {
    const button = element('button', '', 'Try again');
    button.type = 'button';
    button.addEventListener('click', () => {
      clearProblem();
      again();
    });
    actions.append(button);
    if (error.retryAfter > 0) {
      waitWith(button, error.retryAfter);
    }
  }
  const close = element('button', 'quiet', 'Dismiss');
  close.type = 'button';
  close.addEventListener('click', () => {
    clearProblem();
    byId('text').focus();
  });
  actions.append(close);
  byId('problem').replaceChildren(alert, actions);
  byId('problem').hidden = false;
  if (isRefused(error)) {
    showKeyForm(true);
  }
}

export function clearProblem() {
  clearInterval(countdown);
  byId('problem').hidden = true;
  byId('problem').replaceChildren();
}
