// OpenAI's client for Node: node openai-node.mjs URL; prints client, case, outcome, note.
import OpenAI from 'openai';
import assert from 'node:assert/strict';

const url = process.argv[2];
const client = new OpenAI({ baseURL: url + '/v1', apiKey: 'none', maxRetries: 0, timeout: 60000 });
const model = (await client.models.list()).data[0].id;
const messages = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Who are you?' }];
const completion = { model, prompt: 'Once upon a time', max_tokens: 8, temperature: 0 };
const chat = { model, messages, max_completion_tokens: 8, temperature: 0 };
const response = { model, input: 'Who are you?', instructions: 'Be brief.', max_output_tokens: 8, temperature: 0 };

async function refused(call, status, code, param) {
  try {
    await call();
  } catch (e) {
    assert.equal(e.status, status);
    assert.equal(e.code, code);
    assert.equal(e.param ?? null, param);
    return;
  }
  assert.fail('expected an error, found an answer');
}

const cases = {
  'models: list and retrieve': async () => {
    assert.equal((await client.models.retrieve(model)).id, model);
    await refused(() => client.models.retrieve('other'), 404, 'model_not_found', 'model');
  },
  'completions: whole and streamed': async () => {
    const whole = await client.completions.create({ ...completion, logprobs: 2 });
    assert.equal(whole.choices[0].logprobs.tokens.length, 8);
    let text = '';
    for await (const chunk of await client.completions.create({ ...completion, stream: true })) {
      text += chunk.choices[0]?.text ?? '';
    }
    assert.equal(text, whole.choices[0].text);
  },
  'completions: several prompts, n and best_of': async () => {
    const whole = await client.completions.create({ ...completion, prompt: ['a', 'b'], n: 2, best_of: 3, temperature: 1 });
    assert.deepEqual(whole.choices.map(choice => choice.index), [0, 1, 2, 3]);
  },
  'chat: whole and streamed, with usage': async () => {
    const whole = await client.chat.completions.create({ ...chat, logprobs: true, top_logprobs: 2 });
    assert.equal(whole.choices[0].logprobs.content.length, whole.usage.completion_tokens);
    let text = '';
    let usage = null;
    const options = { ...chat, stream: true, stream_options: { include_usage: true } };
    for await (const chunk of await client.chat.completions.create(options)) {
      text += chunk.choices[0]?.delta?.content ?? '';
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, whole.choices[0].message.content);
    assert.equal(usage.completion_tokens, whole.usage.completion_tokens);
  },
  'chat: the stream helper': async () => {
    const stream = client.chat.completions.stream(chat);
    const final = await stream.finalChatCompletion();
    assert.equal(final.choices[0].message.role, 'assistant');
    assert.ok(['stop', 'length'].includes(final.choices[0].finish_reason));
  },
  'responses: whole and streamed': async () => {
    const whole = await client.responses.create(response);
    assert.ok(whole.output_text.length > 0);
    let text = '';
    const types = [];
    for await (const event of await client.responses.create({ ...response, stream: true })) {
      types.push(event.type);
      text += event.type === 'response.output_text.delta' ? event.delta : '';
    }
    assert.equal(text, whole.output_text);
    assert.equal(types[0], 'response.created');
    assert.equal(types.at(-1), 'response.incomplete');
  },
  'responses: the stream helper': async () => {
    const final = await client.responses.stream(response).finalResponse();
    assert.equal(final.output[0].content[0].type, 'output_text');
  },
  'errors: names of what is not there': async () => {
    await refused(() => client.completions.create({ ...completion, suffix: 'x' }), 400, 'unsupported_value', 'suffix');
    const tools = [{ type: 'function', function: { name: 'f' } }];
    await refused(() => client.chat.completions.create({ ...chat, tools }), 400, 'unsupported_value', 'tools');
    await refused(() => client.responses.create({ ...response, store: true }), 400, 'unsupported_value', 'store');
    await refused(
      () => client.chat.completions.create({ ...chat, max_completion_tokens: 1 << 20, stream: true }),
      400, 'context_length_exceeded', 'max_completion_tokens');
  },
  'cancellation: an aborted stream ends its generation': async () => {
    const stream = await client.completions.create({ ...completion, max_tokens: 900, stream: true, ignore_eos: true });
    for await (const _ of stream) {
      stream.controller.abort();
      break;
    }
    const end = Date.now() + 20000;
    let running = 1;
    while (running > 0 && Date.now() < end) {
      running = (await (await fetch(url + '/q/stats')).json()).running;
    }
    assert.equal(running, 0);
  },
};

for (const [name, run] of Object.entries(cases)) {
  try {
    await run();
    console.log(['openai-node', name, 'ok', ''].join('\t'));
  } catch (e) {
    console.log(['openai-node', name, 'failed', String(e.message).replace(/\s+/g, ' ').slice(0, 200)].join('\t'));
  }
}
