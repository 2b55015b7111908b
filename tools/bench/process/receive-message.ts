import type { RunProcess } from './create-run-environment.ts';

/** The next message of a forked program. Throws with the last lines it wrote when it ends instead, or is late. */
export function receiveMessage({ child, output }: RunProcess, timeoutMs: number): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const fail = (why: string): void => reject(new Error(`${why}\n${output().trim().split('\n').slice(-12).join('\n')}`));
  const onExit = (): void => fail('A process of the benchmark ended by itself.');
  const timer = setTimeout(() => fail(`A process of the benchmark did not answer within ${timeoutMs} ms.`), timeoutMs);
  child.once('message', resolve);
  child.once('exit', onExit);
  return promise.finally(() => {
    clearTimeout(timer);
    child.off('message', resolve);
    child.off('exit', onExit);
  });
}
