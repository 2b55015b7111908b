import type { Target, TargetKind } from '../targets/target.ts';

/** Starts all, lends them, and stops them, whatever happens. */
export async function withTargets<Result>(
  kinds: readonly TargetKind[],
  use: (targets: readonly Target[]) => Promise<Result>,
): Promise<Result> {
  const targets: Target[] = [];
  try {
    for (const kind of kinds) targets.push(await kind.start());
    return await use(targets);
  } finally {
    await Promise.all(targets.map(({ stop }) => stop()));
  }
}
