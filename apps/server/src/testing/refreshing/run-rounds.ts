import type { RefreshBed } from './refresh-bed.ts';
import type { Caller } from './start-caller.ts';

/** In all, over the processes. */
const CALLERS = 500;
const PROCESSES = 3;

export interface RoundsReport {
  readonly rounds: number;
  /** The most that ProxyCast ever presented one refresh token. */
  readonly mostSpends: number;
  /** Rounds in which the official client spent the same token as ProxyCast. */
  readonly shared: number;
  /** How many callers got which outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Rounds after which what is stored opened nothing any more. */
  readonly lost: number;
  readonly meanMs: number;
}

/**
 * 500 callers in three processes find the same token refused, round after round. `official`: the official client, which
 * has the same login, refreshes in the same moment, and what it writes is adopted.
 */
export async function runRounds(
  bed: RefreshBed,
  rounds: number,
  { official }: { readonly official: boolean },
): Promise<RoundsReport> {
  const id = await bed.addLogin('shared');
  const callers = await Promise.all(
    Array.from({ length: PROCESSES }, () => bed.startCaller(official ? { diskPath: 'auth.json' } : {})),
  );
  const outcomes: Record<string, number> = {};
  let mostSpends = 0;
  let shared = 0;
  let lost = 0;
  const startedAt = performance.now();
  for (let round = 0; round < rounds; round++) {
    const { record, tokens } = await bed.stored(id);
    if (official) await bed.writeDisk(tokens);
    const ask = (caller: Caller, n: number) =>
      caller.refresh({ id, seenVersion: record.version, callers: Math.ceil((CALLERS - n) / PROCESSES) });
    const [first] = callers;
    const [answers] = await Promise.all([
      Promise.all(callers.map(ask)),
      official ? bed.refreshOfficially(tokens).then(() => first?.adopt(id)) : undefined,
    ]);
    for (const answer of answers) {
      for (const [type, count] of Object.entries(answer)) outcomes[type] = (outcomes[type] ?? 0) + count;
    }
    const spends = bed.provider.spends(tokens.refreshToken, 'proxycast');
    mostSpends = Math.max(mostSpends, spends);
    if (spends > 0 && bed.provider.spends(tokens.refreshToken, 'official') > 0) shared++;
    const after = await bed.stored(id);
    if (after.record.status.type !== 'active' || !bed.provider.isTaken(after.tokens.refreshToken)) lost++;
  }
  const meanMs = Math.round((performance.now() - startedAt) / rounds);
  return { rounds, mostSpends, shared, outcomes, lost, meanMs };
}
