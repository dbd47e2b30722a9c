// OpenAI's client for Node: node openai-node.mjs URL FULL; prints client, case, outcome, note.
// The server at FULL runs one request and lets one wait.
import OpenAI from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import assert from 'node:assert/strict';
import { z } from 'zod';

const [url, full] = process.argv.slice(2);
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

const Answer = z.object({
  colour: z.enum(['red', 'green', 'blue']),
  count: z.number().int().min(1).max(99),
  parts: z.array(z.enum(['a', 'b'])).max(3),
});

// How many of ten at once are answered.
async function crowd(maxRetries) {
  const many = new OpenAI({ baseURL: full + '/v1', apiKey: 'none', maxRetries, timeout: 60000 });
  const answers = await Promise.all(Array.from({ length: 10 }, async () => {
    try {
      await many.completions.create({ ...completion, max_tokens: 64, ignore_eos: true });
      return 1;
    } catch (e) {
      assert.equal(e.status, 429);
      assert.equal(e.code, 'queue_full');
      assert.match(e.headers.get('retry-after'), /^[0-9]+$/);
      return 0;
    }
  }));
  return answers.reduce((sum, one) => sum + one);
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
  'structured output: the parse helper of chat': async () => {
    const asked = { ...chat, max_completion_tokens: 100, response_format: zodResponseFormat(Answer, 'answer') };
    const found = (await client.chat.completions.parse(asked)).choices[0].message.parsed;
    assert.ok(Answer.safeParse(found).success);
    const streamed = await client.chat.completions.stream(asked).finalChatCompletion();
    assert.deepEqual(streamed.choices[0].message.parsed, found);
  },
  'structured output: the parse helper of responses': async () => {
    const asked = { ...response, max_output_tokens: 100, text: { format: zodTextFormat(Answer, 'answer') } };
    assert.ok(Answer.safeParse((await client.responses.parse(asked)).output_parsed).success);
  },
  'structured output: a schema that cannot be held to is refused': async () => {
    const schema = { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'array', uniqueItems: true } } };
    await refused(
      () => client.chat.completions.create({ ...chat, response_format: schema }),
      400, 'invalid_value', 'response_format.json_schema.schema');
  },
  'retries: a crowd before a full queue is answered': async () => {
    assert.ok(await crowd(0) < 10, 'expected a full queue, found room for ten');
    assert.equal(await crowd(20), 10);
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
