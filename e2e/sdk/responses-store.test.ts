import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createFakeUpstream,
  createGate,
  type FakeUpstream,
  type RunningServer,
  reply,
  startServer,
} from '@proxycast/testkit';
import OpenAI, { BadRequestError, NotFoundError } from 'openai';
import { ResponsesWS } from 'openai/resources/responses/ws';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ProviderType, provide } from '../support/create-target.ts';
import { expectNoViolations } from '../support/expect-no-violations.ts';

const UPSTREAMS: readonly { readonly type: ProviderType; readonly model: string }[] = [
  { type: 'anthropic', model: 'claude-of-store' },
  { type: 'openai', model: 'chat-of-store' },
  { type: 'openai-response', model: 'responses-of-store' },
  { type: 'gemini', model: 'gemini-3-of-store' },
];
const KEY = 'sk-upstream-0123456789abcdef';

const look: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: 'look',
  description: 'Looks at something',
  parameters: { type: 'object', properties: { at: { type: 'string' } }, required: ['at'], additionalProperties: false },
  strict: true,
};

let home: string;
let environment: Readonly<Record<string, string>>;
let server: RunningServer;
let upstream: FakeUpstream;
let client: OpenAI;
let stranger: OpenAI;
let strangerKey: string;

async function start(): Promise<void> {
  server = await startServer({ home, env: environment });
  client = new OpenAI({ apiKey: environment.PROXYCAST_API_KEY ?? '', baseURL: `${server.baseUrl}/v1`, maxRetries: 0 });
  stranger = new OpenAI({ apiKey: strangerKey, baseURL: `${server.baseUrl}/v1`, maxRetries: 0 });
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'proxycast-store-'));
  environment = {
    PROXYCAST_API_KEY: 'sk-client-of-the-store-tests-0123456789',
    PROXYCAST_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  };
  upstream = await createFakeUpstream({ keys: [KEY], checksSignatures: true });
  strangerKey = 'sk-nobody';
  await start();
  for (const { type, model } of UPSTREAMS) {
    const apiHost = type === 'anthropic' || type === 'gemini' ? upstream.baseUrl : `${upstream.baseUrl}/v1`;
    await provide(server, { id: `store-${type}`, type, apiHost, models: [model], keys: [KEY] });
  }
  const { body } = await server.adminFetch('/client-keys', { method: 'POST', body: { name: 'stranger' } });
  strangerKey = String(Object.entries(body as object).find(([name]) => name === 'key')?.[1]);
  stranger = new OpenAI({ apiKey: strangerKey, baseURL: `${server.baseUrl}/v1`, maxRetries: 0 });
});
afterAll(async () => {
  await server?.stop();
  await upstream?.close();
  await rm(home, { recursive: true, force: true });
});
beforeEach(() => upstream.reset());

const lastSent = (): string => upstream.requests.at(-1)?.body.toString('utf8') ?? '';

async function poll(id: string): Promise<OpenAI.Responses.Response> {
  for (;;) {
    const response = await client.responses.retrieve(id);
    if (response.status !== 'queued' && response.status !== 'in_progress') return response;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe.each(UPSTREAMS)('on an upstream of the type $type', ({ type, model }) => {
  const isKeptThere = type === 'openai-response';

  test.each([false, true])('a conversation goes on by the id of its last answer, streaming: %j', async (isStream) => {
    const send = (turn: {
      readonly input: string | OpenAI.Responses.ResponseInput;
      readonly previous_response_id?: string;
    }) => {
      const body = { ...turn, model, tools: [look], reasoning: { effort: 'low', summary: 'auto' } as const };
      return isStream ? client.responses.stream(body).finalResponse() : client.responses.create(body);
    };
    upstream.enqueue([
      reply.message({ thinking: 'Look.', calls: [{ id: 'call_1', name: 'look', input: { at: 'Köln 🌧️' } }] }),
      reply.message({ thinking: 'Rain.', text: 'Es regnet in Köln.' }),
      reply.text('Köln.'),
    ]);
    const first = await send({ input: 'Weather?' });
    const call = [...first.output].find(
      (item): item is OpenAI.Responses.ResponseFunctionToolCall => item.type === 'function_call',
    );
    if (call === undefined) throw new Error('The call was lost.');
    const second = await send({
      previous_response_id: first.id,
      input: [{ type: 'function_call_output', call_id: call.call_id, output: 'rain' }],
    });
    expect(second.output_text).toBe('Es regnet in Köln.');
    expect(second.previous_response_id).toBe(first.id);
    const third = await send({ previous_response_id: second.id, input: 'Where?' });
    expect(third.output_text).toBe('Köln.');
    if (!isKeptThere) {
      for (const said of ['Weather?', 'Köln 🌧️', 'rain', 'Es regnet in Köln.', 'Where?'])
        expect(lastSent()).toContain(said);
    }
    expectNoViolations(upstream);
  });

  test('an answer is retrieved, its input listed page by page, and deleted', async () => {
    upstream.respond(reply.text('Hello.'));
    const first = await client.responses.create({ model, input: 'one', metadata: { topic: 'greeting' } });
    expect(first).toMatchObject({ store: true });
    expect(await client.responses.retrieve(first.id)).toMatchObject({
      id: first.id,
      status: 'completed',
      output_text: 'Hello.',
      metadata: { topic: 'greeting' },
    });
    const second = await client.responses.create({ model, input: 'two', previous_response_id: first.id });
    const texts: string[] = [];
    for await (const item of client.responses.inputItems.list(second.id, { limit: isKeptThere ? 20 : 1 })) {
      if (item.type === 'message') texts.push(item.content.map((part) => ('text' in part ? part.text : '')).join(''));
    }
    expect(texts).toEqual(isKeptThere ? ['two'] : ['two', 'Hello.', 'one']);
    await client.responses.delete(second.id);
    await expect(client.responses.retrieve(second.id)).rejects.toThrow(NotFoundError);
    const failure = await client.responses
      .create({ model, input: 'x', previous_response_id: second.id })
      .catch((error) => error);
    expect(failure).toBeInstanceOf(BadRequestError);
    expect(failure).toMatchObject({ code: 'previous_response_not_found', param: 'previous_response_id' });
  });

  test('nobody else finds it', async () => {
    const { id } = await client.responses.create({ model, input: 'mine' });
    await expect(stranger.responses.retrieve(id)).rejects.toThrow(NotFoundError);
    await expect(stranger.responses.delete(id)).rejects.toThrow(NotFoundError);
    await expect(stranger.responses.create({ model, input: 'x', previous_response_id: id })).rejects.toMatchObject({
      code: 'previous_response_not_found',
    });
    expect((await client.responses.retrieve(id)).id).toBe(id);
  });

  test('a conversation goes on after a restart', async () => {
    upstream.respond(reply.text('Heron.'));
    const first = await client.responses.create({ model, input: 'Name a bird.' });
    await server.stop();
    await start();
    upstream.respond(reply.text('A heron.'));
    const second = await client.responses.create({ model, input: 'Which?', previous_response_id: first.id });
    expect(second.output_text).toBe('A heron.');
    if (isKeptThere) expect(lastSent()).toContain(first.id);
    else expect(lastSent()).toContain('Heron.');
    expect((await client.responses.retrieve(first.id)).output_text).toBe('Heron.');
    expectNoViolations(upstream);
  });

  test('a socket of the SDK carries a conversation that is stored nowhere', async () => {
    const socket = new ResponsesWS(client);
    const ask = (fields: Partial<OpenAI.Responses.ResponseCreateParamsNonStreaming>) =>
      new Promise<OpenAI.Responses.Response>((resolve, reject) => {
        socket.once('response.completed', ({ response }) => resolve(response));
        socket.once('error', reject);
        socket.send({ type: 'response.create', model, store: false, ...fields });
      });
    upstream.respond(reply.text('Heron.'));
    const first = await ask({ input: 'Name a bird.' });
    upstream.respond(reply.text('Grey.'));
    const second = await ask({ input: 'What colour?', previous_response_id: first.id });
    expect(JSON.stringify(second.output)).toContain('Grey.');
    expect(lastSent()).toContain('Heron.');
    await expect(client.responses.retrieve(second.id)).rejects.toThrow(NotFoundError);
    socket.close();
    expectNoViolations(upstream);
  });
});

describe.each(UPSTREAMS.filter(({ type }) => type !== 'openai-response'))(
  'on an upstream of the type $type, which knows no background',
  ({ model }) => {
    test('it works in the background: polled and read along', async () => {
      const gate = createGate();
      upstream.respond(reply.text(['one ', 'two ', 'three'], { beforeChunk: gate }));
      const queued = await client.responses.create({ model, input: 'Count', background: true });
      expect(queued).toMatchObject({ status: 'queued', background: true, output_text: '' });
      gate.release(4);
      const texts: string[] = [];
      const numbers: number[] = [];
      const reading = (async () => {
        for (let attempt = 0; ; attempt++) {
          try {
            const stream = await client.responses.retrieve(queued.id, { stream: true, starting_after: 1 });
            for await (const event of stream) {
              numbers.push(event.sequence_number);
              if (event.type === 'response.output_text.delta') texts.push(event.delta);
            }
            return;
          } catch (error) {
            if (attempt > 20) throw error;
          }
        }
      })();
      gate.open();
      expect(await poll(queued.id)).toMatchObject({ status: 'completed', output_text: 'one two three' });
      await reading;
      expect(texts.join('')).toBe('one two three');
      expect(numbers).toEqual(numbers.map((_number, index) => index + 2));
      const next = await client.responses.create({ model, input: 'And?', previous_response_id: queued.id });
      expect(next.status).toBe('completed');
    });

    test('it is cancelled in the background', async () => {
      const gate = createGate();
      upstream.respond(reply.text(['one ', 'two'], { beforeChunk: gate }));
      const { id } = await client.responses.create({ model, input: 'Count', background: true });
      const request = await upstream.waitForRequest(1);
      expect(await client.responses.cancel(id)).toMatchObject({ id, status: 'cancelled' });
      expect(await request.ended).toMatchObject({ type: 'aborted-by-peer' });
      expect((await poll(id)).status).toBe('cancelled');
      gate.open();
    });
  },
);

test('one conversation goes over every upstream that keeps nothing, and stays whole', async () => {
  let previous: string | undefined;
  for (const [index, { model }] of [...UPSTREAMS, ...UPSTREAMS].entries()) {
    upstream.respond(reply.message({ thinking: 'Hm.', text: `answer ${index}` }));
    const response = await client.responses.create({
      model,
      input: `question ${index}`,
      reasoning: { effort: 'low' },
      ...(previous === undefined ? {} : { previous_response_id: previous }),
    });
    for (let said = 0; said < index; said++) {
      expect(lastSent()).toContain(`question ${said}`);
      expect(lastSent()).toContain(`answer ${said}`);
    }
    previous = response.id;
  }
  expectNoViolations(upstream);
});
