import { type Credential, type CredentialChoice, unreachable } from '@proxycast/spec';

export interface ChoiceContext {
  readonly all: readonly Credential[];
  /** Indexes in `all` of those that may be used now; never empty, rising. */
  readonly usable: readonly number[];
  /** How often each was chosen since the process began. */
  readonly usesOf: (credential: Credential) => number;
  /** From 0 up to but not 1. */
  readonly random: () => number;
}

/** The index in `all` of the credential to use, for choices that look at all that are usable. */
export function chooseIndex(
  choice: Exclude<CredentialChoice, 'round_robin' | 'fill_first'>,
  context: ChoiceContext,
): number {
  switch (choice) {
    case 'random':
      return context.usable[Math.floor(context.random() * context.usable.length)] ?? 0;
    case 'least_used':
      return leastUsed(context);
    case 'weighted':
      return byWeight(context);
    default:
      return unreachable(choice);
  }
}

function leastUsed({ usable, all, usesOf }: ChoiceContext): number {
  let best = usable[0] ?? 0;
  let fewest = Number.POSITIVE_INFINITY;
  for (const index of usable) {
    const credential = all[index];
    const uses = credential === undefined ? fewest : usesOf(credential);
    if (uses < fewest) {
      fewest = uses;
      best = index;
    }
  }
  return best;
}

function byWeight({ usable, all, random }: ChoiceContext): number {
  let total = 0;
  for (const index of usable) total += weightOf(all[index]);
  let point = random() * total;
  for (const index of usable) {
    point -= weightOf(all[index]);
    if (point < 0) return index;
  }
  return usable[usable.length - 1] ?? 0;
}

const weightOf = (credential: Credential | undefined): number => credential?.weight ?? 1;
