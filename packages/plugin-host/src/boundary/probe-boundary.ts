import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BoundaryReport, Protection, ProtectionReport } from './boundary-report.ts';
import { PROTECTIONS } from './boundary-report.ts';
import { createLaunchPlan, DEFAULT_MEMORY } from './launch-plan.ts';
import type { OuterBoundary } from './outer-boundary.ts';
import { PROBE_PROGRAM } from './probe-program.ts';

const run = promisify(execFile);
const LIMIT_MS = 10_000;

export interface ProbeParts {
  readonly node: string;
  readonly nodeVersion: string;
  readonly outer: OuterBoundary;
}

/**
 * What holds on this machine, found out by trying: a program is started as plugins are, once behind the runtime's wall alone
 * and once behind the outer one alone, and tells what it could do. Takes a tenth of a second; once for a host is enough.
 */
export async function probeBoundary({ node, nodeVersion, outer }: ProbeParts): Promise<BoundaryReport> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'proxycast-probe-')));
  const listener = createServer((socket) => socket.destroy());
  try {
    const folder = join(home, 'plugin');
    const outside = join(home, 'outside');
    await mkdir(folder);
    await writeFile(outside, 'a secret', { mode: 0o600 });
    await writeFile(join(folder, 'probe.mjs'), PROBE_PROGRAM);
    await symlink(outside, join(folder, 'link-out'));
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(0, '127.0.0.1', resolve);
    });
    const address = listener.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const behind = async (wall: OuterBoundary, withoutRuntimeBoundary: boolean): Promise<ReadonlySet<string>> => {
      const plan = createLaunchPlan({
        folder,
        entry: 'probe.mjs',
        runtime: 'node',
        node,
        outer: wall,
        memory: DEFAULT_MEMORY,
        withoutRuntimeBoundary,
        // The runtime's own wall includes the flag that takes SQLite away; the outer one has to hold without it.
        withSqlite: withoutRuntimeBoundary,
      });
      const { stdout } = await run(plan.command, [...plan.args, outside, String(port), String(process.pid)], {
        env: plan.env,
        cwd: plan.cwd,
        timeout: LIMIT_MS,
      });
      return parseProbe(stdout);
    };
    const none: OuterBoundary = { type: 'none', why: 'to see what the runtime does by itself' };
    const openInRuntime = await behind(none, false);
    const openInOuter = outer.type === 'none' ? undefined : await behind(outer, true);
    return {
      node: nodeVersion,
      outer,
      protections: Object.fromEntries(
        PROTECTIONS.map((name): [Protection, ProtectionReport] => [
          name,
          {
            runtime: openInRuntime.has(name) ? 'open' : 'holds',
            outer: openInOuter === undefined ? 'absent' : openInOuter.has(name) ? 'open' : 'holds',
          },
        ]),
      ) as Readonly<Record<Protection, ProtectionReport>>,
    };
  } finally {
    listener.close();
    await rm(home, { recursive: true, force: true });
  }
}

function parseProbe(text: string): ReadonlySet<string> {
  const could: unknown = JSON.parse(text);
  if (typeof could !== 'object' || could === null) throw new TypeError('The probe said nothing that can be read.');
  const entries = Object.entries(could);
  // Silence would look like safety.
  for (const name of PROTECTIONS) {
    if (!entries.some(([one]) => one === name)) throw new TypeError(`The probe did not try ${name}.`);
  }
  return new Set(entries.filter(([, isOpen]) => isOpen === true).map(([name]) => name));
}
