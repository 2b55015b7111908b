import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { expect, test } from 'vitest';
import { dialectPairs } from '../conformance-dialect.ts';
import { runConversation } from './run-conversation.ts';

const SEEDS = 10_000;
/** Beyond the seeds that every change runs. */
const FIRST_SEED = 1_000_000;
const REPORT = new URL('../../../../../architecture/reports/conversations.md', import.meta.url);

/** Ten thousand conversations for each pair; the report is committed with the change that was looked at. */
test('ten thousand conversations of each pair, without a fault', { timeout: 3 * 60 * 60_000 }, () => {
  const rows = dialectPairs('all').map(([client, upstream]) => {
    const startedAt = performance.now();
    const faults: string[] = [];
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) faults.push(...faultsOf(client, upstream, seed));
    const seconds = (performance.now() - startedAt) / 1000;
    return { client: client.id, upstream: upstream.id, faults, seconds };
  });
  writeFileSync(REPORT, render(rows));
  expect(rows.flatMap(({ faults }) => faults).slice(0, 50)).toEqual([]);
});

type Pair = ReturnType<typeof dialectPairs>[number];

function faultsOf(client: Pair[0], upstream: Pair[1], seed: number): readonly string[] {
  try {
    return runConversation(client, upstream, seed);
  } catch (fault) {
    return [
      `${client.id} before ${upstream.id}, seed ${seed}: ${fault instanceof Error ? fault.stack : String(fault)}`,
    ];
  }
}

function render(
  rows: readonly {
    readonly client: string;
    readonly upstream: string;
    readonly faults: readonly string[];
    readonly seconds: number;
  }[],
): string {
  const total = rows.reduce((sum, { faults }) => sum + faults.length, 0);
  return `# Conversations that nobody had

Written by \`npm run soak\` (\`packages/testkit/src/conformance/fuzz\`), ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus()[0]?.model ?? 'unknown'}.
${SEEDS.toLocaleString('en')} conversations of two to five turns for each pair, seeds from ${FIRST_SEED.toLocaleString('en')}: **${total} faults**.

| Client | Upstream | Conversations | Faults | Seconds |
| --- | --- | --- | --- | --- |
${rows
  .map(
    ({ client, upstream, faults, seconds }) =>
      `| ${client} | ${upstream} | ${SEEDS.toLocaleString('en')} | ${faults.length} | ${seconds.toFixed(0)} |`,
  )
  .join('\n')}
`;
}
