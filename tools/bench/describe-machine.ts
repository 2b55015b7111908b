import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Report } from './report/report.ts';

export function describeMachine(
  nginx: string | undefined,
): Pick<Report, 'node' | 'undici' | 'nginx' | 'cpu' | 'system' | 'loadAtStart'> {
  const [first] = cpus();
  const version = nginx === undefined ? undefined : spawnSync(nginx, ['-v'], { encoding: 'utf8' }).stderr.trim();
  return {
    node: process.versions.node,
    undici: readUndiciVersion(),
    ...(version === undefined ? {} : { nginx: version.replace('nginx version: ', '') }),
    cpu: { model: first?.model.trim() ?? 'unknown', count: cpus().length },
    system: `${type()} ${release()}`,
    loadAtStart: loadavg()[0] ?? 0,
  };
}

/** Of the package, not of the one inside Node, which `process.versions` tells. */
function readUndiciVersion(): string {
  const path = fileURLToPath(import.meta.resolve('undici/package.json'));
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(path, 'utf8'))).version;
}
