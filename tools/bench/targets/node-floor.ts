import { join } from 'node:path';
import type { RunEnvironment } from '../process/create-run-environment.ts';
import { receivePort } from '../process/receive-port.ts';
import type { Upstream } from '../upstream/start-upstream.ts';
import { CLIENT_HEADERS, NODE_FLOOR, type TargetKind } from './target.ts';

const PROGRAM = join(import.meta.dirname, '../floors/node-floor.ts');

export function createNodeFloorKind(environment: RunEnvironment, upstream: Upstream): TargetKind {
  return {
    name: NODE_FLOOR,
    async start() {
      const started = environment.forkProgram(PROGRAM, [upstream.origin]);
      return {
        name: NODE_FLOOR,
        host: '127.0.0.1',
        port: await receivePort(started),
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
