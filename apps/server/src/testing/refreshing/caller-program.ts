import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createRefreshCoordinator,
  type RefreshCoordinator,
  type RefreshCoordinatorParts,
} from '@proxycast/credentials';
import { parseCredentialId, Secret, type SharedRefreshes } from '@proxycast/spec';
import { openStorage } from '@proxycast/storage';
import type { CallerAnswer, CallerCommand, CallerSetUp } from './caller-messages.ts';
import { spendRefreshToken, tokensIn, toSecret } from './login-tokens.ts';

/** A process of callers, as a server of its own would have them: the same database, an own coordinator. */
const answer = (message: CallerAnswer): void => void process.send?.(JSON.stringify(message));
let coordinator: RefreshCoordinator | undefined;
let diskPath: string | undefined;

async function readDisk() {
  if (diskPath === undefined) return undefined;
  const tokens = tokensIn(await readFile(diskPath, 'utf8'));
  return { data: toSecret(tokens), expiresAt: tokens.expiresAt };
}

async function open(setUp: CallerSetUp): Promise<void> {
  const now = (): number => Date.now() + (setUp.aheadMs ?? 0);
  const { location } = setUp;
  const storage = await openStorage({
    location:
      location.type === 'postgres'
        ? { type: 'postgres', url: new Secret(location.url) }
        : { ...location, workerUrl: new URL(import.meta.resolve('@proxycast/storage/sqlite-worker')) },
    masterKey: new Uint8Array(32),
    backupsDirectory: setUp.backupsDirectory,
    now,
  });
  ({ diskPath } = setUp);
  const exchange: RefreshCoordinatorParts['exchange'] = async ({ data }) => {
    const { tokenUrl, clientId } = setUp;
    const reply = await spendRefreshToken(
      { tokenUrl, clientId, by: 'proxycast' },
      tokensIn(data.reveal()).refreshToken,
    );
    if (reply.type === 'down') return { type: 'failed', message: 'The service is down.' };
    if (reply.type === 'refused')
      return { type: 'refused', status: { type: 'needs_login', reason: reply.description } };
    return { type: 'renewed', data: toSecret(reply.tokens), expiresAt: reply.tokens.expiresAt };
  };
  coordinator = createRefreshCoordinator({
    ...stopping(setUp, storage.sharedState.refreshes, exchange),
    read: storage.pluginCredentials.getWithData,
    findElsewhere: readDisk,
    owner: setUp.owner,
    now,
    random: Math.random,
    sleep: (delayMs) => sleep(delayMs),
  });
  answer({ type: 'opened' });
}

function stopping(
  { stopAt }: CallerSetUp,
  refreshes: SharedRefreshes,
  exchange: RefreshCoordinatorParts['exchange'],
): Pick<RefreshCoordinatorParts, 'refreshes' | 'exchange'> {
  const whole = { refreshes, exchange };
  if (stopAt === undefined) return whole;
  const stop =
    <Args extends readonly unknown[], Result>(run: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      if (stopAt.when === 'after') await run(...args);
      answer({ type: 'stopped' });
      return await new Promise<never>(() => {});
    };
  switch (stopAt.step) {
    case 'take':
      return { ...whole, refreshes: { ...refreshes, take: stop(refreshes.take) } };
    case 'startAttempt':
      return { ...whole, refreshes: { ...refreshes, startAttempt: stop(refreshes.startAttempt) } };
    case 'exchange':
      return { ...whole, exchange: stop(exchange) };
    case 'save':
      return { ...whole, refreshes: { ...refreshes, save: stop(refreshes.save) } };
    case 'end':
      return { ...whole, refreshes: { ...refreshes, end: stop(refreshes.end) } };
  }
}

async function run(command: CallerCommand): Promise<void> {
  if (command.type === 'open') return await open(command);
  if (coordinator === undefined) throw new TypeError('It was not opened.');
  const id = parseCredentialId(command.id);
  if (command.type === 'adopt') {
    const found = await readDisk();
    return answer({ type: 'adopted', verdict: found === undefined ? 'nothing' : await coordinator.adopt(id, found) });
  }
  const { seenVersion, callers } = command;
  const { refresh } = coordinator;
  const outcomes: Record<string, number> = {};
  // Not all in one turn: those who come while one is under way, and just after it, count too.
  const one = async (n: number): Promise<void> => {
    if (n % 4 !== 0) await sleep(n % 23);
    const { type } = await refresh({ id, reason: 'rejected', seenVersion });
    outcomes[type] = (outcomes[type] ?? 0) + 1;
  };
  await Promise.all(Array.from({ length: callers }, (_, n) => one(n)));
  answer({ type: 'refreshed', outcomes });
}

process.on('message', (message) => {
  const command: CallerCommand = JSON.parse(String(message));
  run(command).catch((error: unknown) => answer({ type: 'failed', message: String(error) }));
});
// Whoever started it is gone.
process.on('disconnect', () => process.exit());
