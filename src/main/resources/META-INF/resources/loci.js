'use strict';

const byId = id => document.getElementById(id);
const log = byId('log');
const text = byId('text');
let model = null;
let running = null;
let messages = [];

const mode = () => document.querySelector('input[name=mode]:checked').value;

function turn(kind, content) {
  const element = document.createElement('div');
  element.className = 'turn ' + kind;
  element.textContent = content;
  log.append(element);
  log.scrollTop = log.scrollHeight;
  return element;
}

async function failure(response) {
  try {
    return (await response.json()).error.message;
  } catch {
    return 'HTTP ' + response.status;
  }
}

async function findModel() {
  const place = byId('model');
  try {
    const response = await fetch('/v1/models');
    if (!response.ok) {
      throw new Error(await failure(response));
    }
    model = (await response.json()).data[0].id;
    place.className = '';
    place.textContent = model;
  } catch (error) {
    place.className = 'error';
    place.textContent = error.message;
  }
}

/** Calls `each` with every event of a stream of server-sent events. */
async function events(response, each) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return;
    }
    const parts = (rest + value).split('\n\n');
    rest = parts.pop();
    for (const part of parts) {
      const data = part.replace(/^data: /, '');
      if (data !== '[DONE]') {
        each(JSON.parse(data));
      }
    }
  }
}

/** Sends the request; a chat that no longer fits the context is tried again without its oldest turns. */
async function ask(chat, body) {
  for (;;) {
    let response;
    try {
      response = await fetch(chat ? '/v1/chat/completions' : '/v1/completions', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
        signal: running.signal,
      });
    } catch (error) {
      throw error.name === 'AbortError' ? error : new Error('The server does not answer.');
    }
    if (response.ok) {
      return response;
    }
    const message = await failure(response);
    if (!chat || messages.length < 3 || !/^(messages|max_completion_tokens|max_tokens)/.test(message)) {
      throw new Error(message);
    }
    messages.splice(0, 2);
  }
}

async function send() {
  const given = text.value;
  if (running || !given.trim()) {
    return;
  }
  if (!model) {
    await findModel();
    if (!model) {
      return;
    }
  }
  const chat = mode() === 'chat';
  const body = { model, stream: true, temperature: Number(byId('temperature').value) };
  const tokens = Number(byId('tokens').value);
  let answer = '';
  let element;
  let asked = null;
  if (chat) {
    messages.push({ role: 'user', content: given });
    body.messages = messages;
    body.max_completion_tokens = tokens;
    asked = turn('user', given);
    element = turn('assistant', '');
  } else {
    body.prompt = given;
    body.max_tokens = tokens;
    element = turn('assistant', '');
    const start = document.createElement('span');
    start.className = 'given';
    start.textContent = given;
    element.append(start);
  }
  const out = element.appendChild(document.createTextNode(''));
  element.classList.add('running');
  text.value = '';
  running = new AbortController();
  byId('stop').disabled = false;
  byId('send').disabled = true;
  let refused = true;
  try {
    const response = await ask(chat, body);
    refused = false;
    await events(response, event => {
      if (event.error) {
        throw new Error(event.error.message);
      }
      const choice = event.choices[0];
      answer += (chat ? choice.delta.content : choice.text) ?? '';
      const following = log.scrollTop + log.clientHeight >= log.scrollHeight - 40;
      out.data = answer;
      if (following) {
        log.scrollTop = log.scrollHeight;
      }
    });
  } catch (error) {
    if (error.name === 'AbortError') {
      refused = false;
    } else {
      turn('error', error.message);
    }
  } finally {
    element.classList.remove('running');
    running = null;
    byId('stop').disabled = true;
    byId('send').disabled = false;
    if (refused) {
      element.remove();
      asked?.remove();
      text.value = given;
    }
    if (chat) {
      // a turn without an answer would be asked again with the next one
      if (answer) {
        messages.push({ role: 'assistant', content: answer });
      } else {
        messages.pop();
      }
    }
    text.focus();
  }
}

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
  if (event.key === 'Escape') {
    running?.abort();
  }
});
byId('stop').addEventListener('click', () => running?.abort());
byId('clear').addEventListener('click', () => {
  running?.abort();
  messages = [];
  log.replaceChildren();
  text.focus();
});
for (const radio of document.querySelectorAll('input[name=mode]')) {
  radio.addEventListener('change', () => {
    text.placeholder = mode() === 'chat' ? 'Ask something' : 'Begin a text';
  });
}
findModel();
