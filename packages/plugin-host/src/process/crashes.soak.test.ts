import { expect, test } from 'vitest';
import { buildPlugin } from '../testing/build-plugin.ts';
import { createPluginBed, sampleAttempt } from '../testing/plugin-bed.ts';
import { sampleManifest } from '../testing/sample-manifest.ts';

const ENDS = 1000;
/** Hangs cost their deadlines, so they are fewer. */
const HANG_EVERY = 50;

test('a thousand crashes and hangs of one plugin: the others see nothing, and nothing grows', async () => {
  await using hostile = await buildPlugin(
    new URL('../testing/hostile/hostile-plugin.ts', import.meta.url),
    sampleManifest(),
  );
  await using good = await buildPlugin(
    new URL('../testing/plugins/sample-plugin.ts', import.meta.url),
    sampleManifest({ network: ['api.sample.example'] }),
  );
  await using bed = await createPluginBed({
    folder: hostile.folder,
    health: { pingEveryMs: 200, pingDeadlineMs: 400, suspectDeadlineMs: 300 },
  });
  await using other = await createPluginBed({ folder: good.folder });
  await other.unit.supervisor.start();
  await other.unit.port.prepare(sampleAttempt());
  let isOver = false;
  let answered = 0;
  /** A lease of the sample is good for a minute, and among many models for less. */
  let renewed = 0;
  const slow: number[] = [];
  // Beside it, requests of the other plugin: by a lease, and by a call each time.
  const load = (async () => {
    while (!isOver) {
      if (other.unit.port.leased(sampleAttempt()) === undefined) {
        renewed++;
        await other.unit.port.prepare(sampleAttempt());
      }
      const askedAt = performance.now();
      const prepared = await other.unit.port.prepare(sampleAttempt({ model: `m-${answered++}` }));
      if (prepared.type !== 'call') throw new Error('A request of the other plugin was refused.');
      slow.push(performance.now() - askedAt);
      if (slow.length > 10_000) slow.shift();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  let residentAfterFirst = 0;
  for (let end = 1; end <= ENDS; end++) {
    await bed.unit.supervisor.start();
    const how = end % HANG_EVERY === 0 ? 'hangs for ever' : 'crashes';
    const code = await bed.unit.port.prepare(sampleAttempt({ model: how })).then(
      () => 'answered',
      (error: { readonly code: string }) => error.code,
    );
    expect(code).toBe('plugin_crashed');
    await expect.poll(() => bed.exits.length, { timeout: 10_000, interval: 5 }).toBe(end);
    if (end === 100) residentAfterFirst = process.memoryUsage.rss();
  }
  isOver = true;
  await load;
  slow.sort((a, b) => a - b);
  process.stdout.write(
    `${ENDS} ends; ${answered} requests of the other, slowest of a hundred ${slow[Math.floor(slow.length * 0.99)]?.toFixed(0)} ms; ` +
      `${Math.round((process.memoryUsage.rss() - residentAfterFirst) / 1e6)} MB more than after the first hundred\n`,
  );
  expect(other.exits).toEqual([]);
  expect(renewed / answered).toBeLessThan(0.02);
  expect(bed.exits.filter(({ type }) => type === 'hung')).toHaveLength(ENDS / HANG_EVERY);
  expect(process.memoryUsage.rss() - residentAfterFirst).toBeLessThan(100e6);
});
