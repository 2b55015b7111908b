import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { renderNginxConfig } from '../floors/render-nginx-config.ts';
import type { RunEnvironment } from '../process/create-run-environment.ts';
import { findFreePort } from '../process/find-free-port.ts';
import { waitForPort } from '../process/wait-for-port.ts';
import type { Upstream } from '../upstream/start-upstream.ts';
import { CLIENT_HEADERS, NGINX, type TargetKind } from './target.ts';

const START_MS = 5000;

/** Where nginx is, or undefined. Debian puts it where an ordinary PATH does not look. */
export function findNginx(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin'];
  return folders.map((folder) => join(folder, 'nginx')).find((path) => existsSync(path));
}

export function createNginxKind(environment: RunEnvironment, upstream: Upstream, executable: string): TargetKind {
  return {
    name: NGINX,
    async start() {
      const folder = environment.makeFolder();
      mkdirSync(join(folder, 'logs'));
      const port = await findFreePort();
      const path = join(folder, 'nginx.conf');
      const isRoot = process.getuid?.() === 0;
      writeFileSync(path, renderNginxConfig({ port, upstreamPort: upstream.port, folder, isRoot }));
      const started = environment.start(executable, ['-p', folder, '-e', 'stderr', '-c', path]);
      await waitForPort(started, port, START_MS);
      return {
        name: NGINX,
        host: '127.0.0.1',
        port,
        basePath: '',
        headers: CLIENT_HEADERS,
        pid: started.pid,
        isExact: true,
        isConverting: false,
        stop: started.stop,
      };
    },
  };
}
