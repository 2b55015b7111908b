import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage } from '@proxycast/storage';
import { createFakeUpstream, createGate, type FakeUpstream, reply } from '@proxycast/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AppUnderTest, CLIENT_KEY, startApp } from '../testing/start-app.ts';
import { workerUrl } from '../worker-url.ts';

const TURNS = 50;
/** What a chain may add to a request. The median of many, so that one pause of the machine does not decide. */
const MAX_ADDED_MS = 5;
const SAMPLES = 25;

let home: string;
let upstream: FakeUpstream;
let app: AppUnderTest;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'proxycast-chains-'));
  upstream = await createFakeUpstream();
  app = await startApp({ home });
  await app.addProvider({ id: 'fake', type: 'anthropic', api_host: upstream.baseUrl, models: ['model'] }, 'key-1');
});
afterAll(async () => {
  await app.stop();
  await upstream.close();
  rmSync(home, { recursive: true, force: true });
});

interface Answer {
  readonly answer: unknown;
  readonly id: string;
  readonly overheadMs: number;
  readonly status: number;
}

async function create(body: Readonly<Record<string, unknown>>): Promise<Answer> {
  const response = await fetch(`${app.baseUrl}/v1/responses`, {
    method: 'POST',
    headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'model', ...body }),
  });
  const answer: unknown = await response.json();
  const id = typeof answer === 'object' && answer !== null && 'id' in answer ? String(answer.id) : '';
  return { answer, id, status: response.status, overheadMs: Number(response.headers.get('x-proxycast-overhead-ms')) };
}

const ask = async (body: Readonly<Record<string, unknown>>): Promise<unknown> => (await create(body)).answer;

async function retrieve(id: string): Promise<unknown> {
  const response = await fetch(`${app.baseUrl}/v1/responses/${id}`, {
    headers: { authorization: `Bearer ${CLIENT_KEY}` },
  });
  return response.json();
}

async function restart(): Promise<void> {
  await app.stop();
  app = await startApp({ home });
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const words = (turn: number): string => `turn ${turn}: ${'what was said in it, '.repeat(40)}`;

test(`a chain of ${TURNS} turns adds less than ${MAX_ADDED_MS} ms, from memory and after a restart`, async () => {
  let last: Answer | undefined;
  for (let turn = 0; turn < TURNS; turn++) {
    upstream.respond(reply.text(`answer ${words(turn)}`));
    last = await create({ input: words(turn), ...(last === undefined ? {} : { previous_response_id: last.id }) });
    expect(last.status).toBe(200);
  }
  const conversation = Array.from({ length: TURNS }, (_, turn) => [
    { role: 'user', content: words(turn) },
    { role: 'assistant', content: `answer ${words(turn)}` },
  ]).flat();
  const measure = async () => {
    const whole: number[] = [];
    const chained: number[] = [];
    for (let sample = 0; sample < SAMPLES; sample++) {
      // The same conversation, once sent by the client and once put together here.
      whole.push(
        (await create({ store: false, input: [...conversation, { role: 'user', content: 'Next?' }] })).overheadMs,
      );
      const answer = await create({ input: 'Next?', previous_response_id: last?.id });
      expect(answer.status).toBe(200);
      chained.push(answer.overheadMs);
    }
    expect(upstream.requests.at(-1)?.body.length).toBeGreaterThan(80_000);
    return { addedMs: median(chained) - median(whole), wholeMs: median(whole), chainedMs: median(chained) };
  };

  const warm = await measure();
  await restart();
  const cold = await create({ input: 'Again?', previous_response_id: last?.id });
  expect(cold.status).toBe(200);
  expect(upstream.requests.at(-1)?.body.toString('utf8')).toContain('turn 0:');
  const again = await measure();
  process.stdout.write(
    `a chain of ${TURNS} turns: +${warm.addedMs.toFixed(2)} ms in memory (${warm.chainedMs.toFixed(2)} against ${warm.wholeMs.toFixed(2)}), ` +
      `+${again.addedMs.toFixed(2)} ms after a restart, the first ${cold.overheadMs.toFixed(2)} ms\n`,
  );
  expect(warm.addedMs).toBeLessThan(MAX_ADDED_MS);
  expect(again.addedMs).toBeLessThan(MAX_ADDED_MS);
  expect(upstream.violations).toEqual([]);
});

test('what was kept a moment ago is there after a restart', async () => {
  const { id } = await create({ input: 'Hi' });
  await restart();
  expect(await retrieve(id)).toMatchObject({ id, status: 'completed' });
});

test('a stop ends what runs in the background, and says so', async () => {
  const gate = createGate();
  upstream.respond(reply.text(['one ', 'two'], { beforeChunk: gate }));
  gate.release(1);
  const before = upstream.requests.length;
  const { id } = await create({ input: 'Count', background: true });
  await upstream.waitForRequest(before + 1);
  await restart();
  expect(await retrieve(id)).toMatchObject({ id, status: 'failed', error: { message: expect.any(String) } });
  gate.open();
});

test('what ran in the background when the process was killed has failed, and says so', async () => {
  const gate = createGate();
  upstream.respond(reply.text(['one ', 'two'], { beforeChunk: gate }));
  const { id } = await create({ input: 'Count', background: true });
  await new Promise((resolve) => setTimeout(resolve, 300));
  // As a kill leaves it: the row as it was written while the answer was under way.
  cpSync(home, `${home}-killed`, { recursive: true });
  gate.open();
  await app.stop();
  rmSync(home, { recursive: true, force: true });
  cpSync(`${home}-killed`, home, { recursive: true });
  rmSync(`${home}-killed`, { recursive: true, force: true });
  rmSync(join(home, 'proxycast.pid'), { force: true });
  app = await startApp({ home });
  expect(await retrieve(id)).toMatchObject({
    id,
    status: 'failed',
    error: { code: 'server_error', message: expect.stringContaining('restarted') },
  });
});

test('an expired answer is told apart from one that never was', async () => {
  const { id } = await create({ input: 'Hi' });
  await app.stop();
  const storage = await openStorage({
    location: { type: 'sqlite', path: join(home, 'proxycast.db'), workerUrl: workerUrl('sqlite-worker') },
    masterKey: Buffer.alloc(32, 5),
    backupsDirectory: join(home, 'backups'),
    now: Date.now,
  });
  const [key] = await storage.clientKeys.list();
  const record = key && (await storage.keptResponses.find(key.id, id));
  if (record === undefined) throw new Error('The answer was not stored.');
  await storage.keptResponses.save([{ ...record, expiresAt: Date.now() - 1 }]);
  await storage.close();
  app = await startApp({ home });
  expect(await retrieve(id)).toMatchObject({
    error: { code: 'response_not_found', message: expect.stringContaining('has expired') },
  });
  expect(await ask({ input: 'On', previous_response_id: id })).toMatchObject({
    error: {
      code: 'previous_response_not_found',
      param: 'previous_response_id',
      message: expect.stringContaining('has expired'),
    },
  });
});
