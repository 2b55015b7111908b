import { connect } from 'node:net';
import type { RunProcess } from './create-run-environment.ts';
import { pollUntil } from './poll-until.ts';

/** Waits until the process accepts connections. Throws with the last it wrote when it ends instead. */
export async function waitForPort(started: RunProcess, port: number, timeoutMs: number): Promise<void> {
  const ask = async (): Promise<true | undefined> => {
    if (started.child.exitCode !== null) throw new Error(`It ended by itself:\n${started.output().slice(-2000)}`);
    return (await isListening(port)) ? true : undefined;
  };
  await pollUntil(ask, { intervalMs: 10, timeoutMs, failure: `Nobody listens on port ${port}:\n${started.output()}` });
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
