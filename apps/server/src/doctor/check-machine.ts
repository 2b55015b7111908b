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
  if (major < LEAST_NODE)
    return fault('runtime', `Node ${version} is too old: ${WANTED_NODE} is needed. "npm start" brings it along.`);
  if (major < WANTED_NODE)
    return warning(
      'runtime',
      `Node ${version} works; on ${WANTED_NODE} plugins are kept off the network by the runtime.`,
    );
  return ok('runtime', `Node ${version}`);
}

export function checkHome(path: string): readonly DoctorCheck[] {
  if (!existsSync(path)) return [ok('home', `${path} is not there yet; the first start makes it.`)];
  const checks: DoctorCheck[] = [];
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    const isOpen = process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0;
    checks.push(isOpen ? warning('home', `${path} can be read by others: chmod 700 ${path}`) : ok('home', path));
  } catch {
    checks.push(
      fault(
        'home',
        `${path} cannot be read and written by this user. Give it back to the user that runs ProxyCast, or set PROXYCAST_HOME.`,
      ),
    );
  }
  const { bavail, bsize } = statfsSync(path);
  const freeBytes = bavail * bsize;
  const free = `${Math.floor(freeBytes / 1024 / 1024)} MB free`;
  if (freeBytes < LOW_DISK_BYTES)
    checks.push(fault('disk', `Only ${free} at ${path}. Free some space: the ledger cannot be written without.`));
  else if (freeBytes < SMALL_DISK_BYTES) checks.push(warning('disk', `${free} at ${path}.`));
  else checks.push(ok('disk', free));
  return checks;
}

/** Who answers on the port: nobody, a ProxyCast, or another program. */
export async function checkPort({ host, port }: Pick<ServerConfig, 'host' | 'port'>): Promise<DoctorCheck> {
  const taken = await isTaken(host, port);
  if (!taken) return ok('port', `${host}:${port} is free.`);
  const address = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const isProxyCast = await fetch(`http://${address.includes(':') ? `[${address}]` : address}:${port}/health`, {
    signal: AbortSignal.timeout(2_000),
  }).then(
    async (response) => response.ok && (await response.text()).includes('"status"'),
    () => false,
  );
  return isProxyCast
    ? ok('port', `A ProxyCast runs at ${host}:${port}.`)
    : fault('port', `Another program listens at ${host}:${port}. Stop it, or set PROXYCAST_PORT to a free port.`);
}

function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE'));
    server.listen(port, host, () => server.close(() => resolve(false)));
  });
}
