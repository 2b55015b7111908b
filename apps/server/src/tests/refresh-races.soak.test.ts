import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { createStorageBeds } from '@proxycast/storage/testing/storage-beds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRefreshBed } from '../testing/refreshing/refresh-bed.ts';
import { type RoundsReport, runRounds } from '../testing/refreshing/run-rounds.ts';

const ROUNDS = 1_000;
const REPORT = new URL('../../../../architecture/reports/refresh.md', import.meta.url);
const reports: { readonly engine: string; readonly service: string; readonly report: RoundsReport }[] = [];

describe.each(createStorageBeds())('a thousand rounds of 500 callers in three processes on one $engine', (bed) => {
  beforeAll(() => bed.start(), 60_000);
  afterAll(async () => {
    await bed.stop();
    writeFileSync(REPORT, render());
  }, 60_000);

  test.each([
    ['reuse ends the login', { graceMs: 0, revokesFamily: true }, false],
    ['2 s of grace, and the official client refreshes too', { graceMs: 2_000, revokesFamily: true }, true],
  ])('lose no login where %s', async (service, tokens, official) => {
    await using refreshing = await openRefreshBed(bed, tokens);
    const report = await runRounds(refreshing, ROUNDS, { official });
    reports.push({ engine: bed.engine, service, report });
    expect(report).toMatchObject({ rounds: ROUNDS, mostSpends: 1, lost: 0 });
  });
});

function render(): string {
  const rows = reports.map(({ engine, service, report }) => {
    const { rounds, mostSpends, shared, lost, meanMs, outcomes } = report;
    const callers = Object.entries(outcomes)
      .toSorted()
      .map(([type, count]) => `${count.toLocaleString('en')} ${type}`)
      .join(', ');
    return `| ${engine} | ${service} | ${rounds.toLocaleString('en')} | ${mostSpends} | ${shared} | ${lost} | ${meanMs} | ${callers} |`;
  });
  return `# Refreshes that meet

Written by \`npm run soak\` (\`apps/server/src/tests/refresh-races.soak.test.ts\`) on ${new Date().toISOString().slice(0, 10)}: Node ${process.versions.node},
${cpus().length} × ${cpus()[0]?.model ?? 'an unknown processor'}. In each round 500 callers in three processes find the same token refused, on one database.

| Database | Service | Rounds | Most often that ProxyCast spent one token | Rounds in which the official client spent it too | Logins lost | Milliseconds a round | What the callers got |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}
