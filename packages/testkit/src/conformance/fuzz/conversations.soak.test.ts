import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { expect, test } from 'vitest';
import { dialectPairs } from '../conformance-dialect.ts';
import { runConversation } from './run-conversation.ts';

const SEEDS = 10_000;
/** Beyond the seeds that every change runs. */
const FIRST_SEED = 1_000_000;
/** After so many seeds the report is written again, so that a run that was stopped says how far it came. */
const SEEDS_BETWEEN_REPORTS = 250;
const REPORT = new URL('../../../../../architecture/reports/conversations.md', import.meta.url);

/** Ten thousand conversations of each pair; the report is committed with the change that was looked at. */
test('ten thousand conversations of each pair, without a fault', { timeout: 5 * 60 * 60_000 }, () => {
  const pairs = dialectPairs('all').map(([client, upstream]) => ({ client, upstream, faults: [] as string[] }));
  const startedAt = process.cpuUsage();
  for (let done = 1; done <= SEEDS; done++) {
    for (const { client, upstream, faults } of pairs) faults.push(...faultsOf(client, upstream, FIRST_SEED + done));
    if (done % SEEDS_BETWEEN_REPORTS > 0) continue;
    const { user, system } = process.cpuUsage(startedAt);
    writeFileSync(REPORT, render(pairs, done, Math.round((user + system) / 1e6)));
  }
  expect(pairs.flatMap(({ faults }) => faults).slice(0, 50)).toEqual([]);
});

type Pair = ReturnType<typeof dialectPairs>[number];

interface PairRun {
  readonly client: Pair[0];
  readonly upstream: Pair[1];
  readonly faults: readonly string[];
}

function faultsOf(client: Pair[0], upstream: Pair[1], seed: number): readonly string[] {
  try {
    return runConversation(client, upstream, seed);
  } catch (fault) {
    return [
      `${client.id} before ${upstream.id}, seed ${seed}: ${fault instanceof Error ? fault.stack : String(fault)}`,
    ];
  }
}

function render(pairs: readonly PairRun[], done: number, cpuSeconds: number): string {
  const faults = pairs.flatMap((pair) => pair.faults);
  const count = (number: number): string => number.toLocaleString('en');
  const rows = pairs.map(
    (pair) => `| ${pair.client.id} | ${pair.upstream.id} | ${count(done)} | ${count(pair.faults.length)} |`,
  );
  return `# Conversations that nobody had

Written by \`npm run soak\` (\`packages/testkit/src/conformance/fuzz\`) on ${new Date().toISOString().slice(0, 10)}: Node ${process.versions.node},
${cpus()[0]?.model ?? 'an unknown processor'}, ${count(cpuSeconds)} seconds of it.

${count(done)} of ${count(SEEDS)} seeds from ${count(FIRST_SEED + 1)}, each seed a conversation of two to five turns for each pair: ${count(done * pairs.length)} conversations,
**${count(faults.length)} faults**. Now and then a third service answers a turn. Each request is checked by the strict fake and held against what
was asked; each answer, streamed and whole, against what was said; each signature has to come home.

| Client | Upstream | Conversations | Faults |
| --- | --- | --- | --- |
${rows.join('\n')}
${
  faults.length === 0
    ? ''
    : `\nThe first faults:\n\n${faults
        .slice(0, 20)
        .map((fault) => `- ${fault.slice(0, 300)}`)
        .join('\n')}\n`
}`;
}
