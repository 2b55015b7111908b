import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import type { ServerConfig } from '../config/parse-server-config.ts';
import { type DoctorCheck, fault, ok, warning } from './doctor-check.ts';

const LOW_DISK_BYTES = 200 * 1024 * 1024;
const SMALL_DISK_BYTES = 1024 * 1024 * 1024;
const WANTED_NODE = 26;
const LEAST_NODE = 24;

export function checkRuntime(version: string): DoctorCheck {
  const major = Number(version.split('.')[0]);
  if (major < LEAST_NODE) return fault('runtime', 'runtime_too_old', { version, wanted: WANTED_NODE });
  if (major < WANTED_NODE) return warning('runtime', 'runtime_old', { version, wanted: WANTED_NODE });
  return ok('runtime', 'runtime_ok', { version });
}

export function checkHome(path: string): readonly DoctorCheck[] {
  if (!existsSync(path)) return [ok('home', 'home_new', { path })];
  const checks: DoctorCheck[] = [];
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    const isOpen = process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0;
    checks.push(isOpen ? warning('home', 'home_open', { path }) : ok('home', 'home_ok', { path }));
  } catch {
    checks.push(fault('home', 'home_denied', { path }));
  }
  const { bavail, bsize } = statfsSync(path);
  const freeBytes = bavail * bsize;
  const free = Math.floor(freeBytes / 1024 / 1024);
  if (freeBytes < LOW_DISK_BYTES) checks.push(fault('disk', 'disk_full', { free, path }));
  else if (freeBytes < SMALL_DISK_BYTES) checks.push(warning('disk', 'disk_small', { free, path }));
  else checks.push(ok('disk', 'disk_ok', { free }));
  return checks;
}

/** Who answers on the port: nobody, a ProxyCast, or another program. */
export async function checkPort({ host, port }: Pick<ServerConfig, 'host' | 'port'>): Promise<DoctorCheck> {
  const fields = { address: `${host}:${port}` };
  const taken = await isTaken(host, port);
  if (!taken) return ok('port', 'port_free', fields);
  const address = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const isProxyCast = await fetch(`http://${address.includes(':') ? `[${address}]` : address}:${port}/health`, {
    signal: AbortSignal.timeout(2_000),
  }).then(
    async (response) => response.ok && (await response.text()).includes('"status"'),
    () => false,
  );
  return isProxyCast ? ok('port', 'port_ours', fields) : fault('port', 'port_taken', fields);
}

function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE'));
    server.listen(port, host, () => server.close(() => resolve(false)));
  });
}
