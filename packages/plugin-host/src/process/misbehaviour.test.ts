import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, describe, expect, test } from 'vitest';
import { buildPlugin } from '../testing/build-plugin.ts';
import {
  createPluginBed,
  NO_OUTER,
  type PluginBed,
  type PluginBedInput,
  sampleAttempt,
} from '../testing/plugin-bed.ts';
import { sampleManifest } from '../testing/sample-manifest.ts';
import type { ExitReason } from './exit-reason.ts';

const hostile = await buildPlugin(new URL('../testing/hostile/hostile-plugin.ts', import.meta.url), sampleManifest());
const good = await buildPlugin(
  new URL('../testing/plugins/sample-plugin.ts', import.meta.url),
  sampleManifest({ network: ['api.sample.example'] }),
);
afterAll(async () => {
  await hostile[Symbol.asyncDispose]();
  await good[Symbol.asyncDispose]();
});

/** Short, so that a test does not wait for what is seconds at a person's. */
const HEALTH = { pingEveryMs: 300, pingDeadlineMs: 1500, suspectDeadlineMs: 500, memoryEveryMs: 50 };
const MEMORY = { heapMb: 64, residentMb: 200 };

async function startHostile(input: Partial<PluginBedInput> = {}): Promise<PluginBed> {
  const bed = await createPluginBed({ folder: hostile.folder, health: HEALTH, memory: MEMORY, ...input });
  const state = await bed.unit.supervisor.start();
  if (state.type !== 'running') throw new Error(`It is ${JSON.stringify(state)}.`);
  return bed;
}

const misbehave = (bed: PluginBed, how: string): Promise<string> =>
  bed.unit.port.prepare(sampleAttempt({ model: how })).then(
    (prepared) => (prepared.type === 'refused' ? prepared.error.code : 'call'),
    (error: { readonly code: string }) => error.code,
  );

test.each<{ how: string; ends: Partial<ExitReason>; code: string }>([
  { how: 'crashes', ends: { type: 'crashed' }, code: 'plugin_crashed' },
  { how: 'aborts', ends: { type: 'crashed' }, code: 'plugin_crashed' },
  { how: 'eats the heap', ends: { type: 'crashed' }, code: 'plugin_crashed' },
  { how: 'hangs for ever', ends: { type: 'hung' }, code: 'plugin_crashed' },
  { how: 'announces four gigabytes', ends: { type: 'breach' }, code: 'plugin_protocol' },
  { how: 'announces a large attachment', ends: { type: 'breach' }, code: 'plugin_protocol' },
  { how: 'prints on stdout', ends: { type: 'breach' }, code: 'plugin_protocol' },
  { how: 'nests deep', ends: { type: 'breach' }, code: 'plugin_protocol' },
  { how: 'answers what nobody asked', ends: { type: 'breach' }, code: 'plugin_protocol' },
  { how: 'answers twice', ends: { type: 'breach' }, code: 'plugin_protocol' },
  { how: 'answers with garbage', ends: { type: 'breach' }, code: 'plugin_protocol' },
  { how: 'sends chunks nobody asked for', ends: { type: 'breach' }, code: 'plugin_protocol' },
  { how: 'calls with the same id', ends: { type: 'breach' }, code: 'plugin_protocol' },
])('a plugin that $how is ended, and started again', async ({ how, ends, code }) => {
  await using bed = await startHostile();
  expect(await misbehave(bed, how)).toBe(code);
  await expect.poll(() => bed.exits.length, { timeout: 10_000 }).toBe(1);
  expect(bed.exits[0]).toMatchObject(ends);
  await expect.poll(() => bed.unit.supervisor.state.type, { timeout: 10_000 }).toBe('running');
  expect(await misbehave(bed, 'no such thing')).toBe('unknown');
});

test.each([
  { with: 'an outer boundary', input: {} },
  { with: 'the watch alone', input: { outer: NO_OUTER } },
])('memory outside of the heap is bounded with $with', async ({ input }) => {
  await using bed = await startHostile(input);
  // The last bound (prlimit) makes its allocations fail; the watch ends it for what it has got until then.
  expect(['could_not', 'plugin_crashed']).toContain(await misbehave(bed, 'eats memory by buffers'));
  await expect.poll(() => bed.exits.length, { timeout: 10_000 }).toBe(1);
  expect(bed.exits[0]?.type).toBe('memory');
  await expect.poll(() => bed.unit.supervisor.state.type, { timeout: 10_000 }).toBe('running');
});

test('a plugin that never answers costs its own calls their deadline, and nothing else', async () => {
  await using bed = await startHostile();
  const call = bed.unit.supervisor.call(
    'request.prepare',
    {
      stream_id: 's',
      request_id: 'r',
      operation: 'chat',
      protocol: 'openai',
      model: 'never answers',
      is_stream: false,
      credential: { id: 'c', auth_type: 'a', data: {} },
      session_id: 's',
      attempt: 1,
    },
    { deadlineMs: 200 },
  );
  await expect(call).rejects.toMatchObject({ code: 'plugin_timeout', kind: 'timeout' });
  expect(await misbehave(bed, 'no such thing')).toBe('unknown');
  expect(bed.exits).toEqual([]);
});

describe('a flood', () => {
  test.each(['floods with notices', 'floods with large notices', 'floods its log'])(
    'a plugin that %s takes no time from the others',
    async (how) => {
      await using bed = await startHostile();
      await using other = await createPluginBed({ folder: good.folder });
      await other.unit.supervisor.start();
      const delay = monitorEventLoopDelay({ resolution: 5 });
      const before = process.cpuUsage();
      const startedAt = performance.now();
      const flood = misbehave(bed, how);
      delay.enable();
      let slowestMs = 0;
      let answers = 0;
      while (performance.now() - startedAt < 1500) {
        const askedAt = performance.now();
        await other.unit.port.prepare(sampleAttempt({ model: `sample-${answers++}` }));
        slowestMs = Math.max(slowestMs, performance.now() - askedAt);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      delay.disable();
      const { user, system } = process.cpuUsage(before);
      // Wide, since the machine may be busy: without the hold-up the host reads and parses all the time, and answers none.
      expect(answers).toBeGreaterThan(20);
      expect(slowestMs).toBeLessThan(1500);
      expect(delay.percentile(99) / 1e6).toBeLessThan(400);
      // The host reads some of it and leaves the rest on the pipe.
      expect((user + system) / 1000 / (performance.now() - startedAt)).toBeLessThan(0.9);
      expect(bed.logs.length).toBeLessThan(10_000);
      await bed.unit.supervisor.stop(0);
      await flood;
    },
  );
});

test('crashes in a row leave the other plugin, its leases and the host as they were', async () => {
  await using bed = await startHostile();
  await using other = await createPluginBed({ folder: good.folder });
  await other.unit.supervisor.start();
  await other.unit.port.prepare(sampleAttempt());
  const pid = process.memoryUsage().rss;
  for (let crash = 1; crash <= 10; crash++) {
    await bed.unit.supervisor.start();
    const crashing = misbehave(bed, 'crashes');
    for (let request = 0; request < 20; request++) {
      expect(other.unit.port.leased(sampleAttempt())).toBeDefined();
      const prepared = await other.unit.port.prepare(sampleAttempt({ model: `m-${crash}-${request}` }));
      expect(prepared.type).toBe('call');
    }
    expect(await crashing).toBe('plugin_crashed');
    await expect.poll(() => bed.exits.length, { timeout: 10_000 }).toBe(crash);
  }
  expect(other.exits).toEqual([]);
  expect(bed.unit.supervisor.crashes).toBe(10);
  expect(process.memoryUsage().rss - pid).toBeLessThan(100 * 1024 * 1024);
});

test('a stop lets running calls end', async () => {
  await using bed = await createPluginBed({ folder: good.folder });
  await bed.unit.supervisor.start();
  const running = Array.from({ length: 20 }, (_, at) => bed.unit.port.prepare(sampleAttempt({ model: `drain-${at}` })));
  const stopping = bed.unit.supervisor.stop(5000);
  expect((await Promise.all(running)).every(({ type }) => type === 'call')).toBe(true);
  await stopping;
  expect(bed.exits).toEqual([{ type: 'stopped' }]);
  expect(bed.unit.supervisor.state.type).toBe('stopped');
});
