import { hash } from 'node:crypto';
import { type ClientKeyRepository, type EpochMs, parseClientKeyId, Secret } from '@proxycast/spec';

export interface FirstKey {
  readonly key: Secret;
}

export interface EnsureClientKeysParts {
  readonly clientKeys: ClientKeyRepository;
  /** From the environment; becomes a client key when it is none yet. */
  readonly fixed?: Secret;
  readonly newId: () => string;
  readonly now: () => EpochMs;
  readonly randomBytes: (size: number) => Uint8Array;
}

const KEY_BYTES = 32;
const PREFIX_CHARACTERS = 8;

/** Makes sure that there is a client key to begin with. Answers the one it generated. */
export async function ensureClientKeys(parts: EnsureClientKeysParts): Promise<FirstKey | undefined> {
  const known = await parts.clientKeys.list();
  const { fixed } = parts;
  if (fixed !== undefined) {
    const isKnown = known.some(({ sha256 }) => sha256 === digest(fixed));
    if (!isKnown) await insert(parts, 'environment', fixed);
    return undefined;
  }
  if (known.length > 0) return undefined;
  const key = new Secret(`pc-${Buffer.from(parts.randomBytes(KEY_BYTES)).toString('base64url')}`);
  await insert(parts, 'first', key);
  return { key };
}

async function insert({ clientKeys, newId, now }: EnsureClientKeysParts, name: string, key: Secret): Promise<void> {
  const createdAt = now();
  await clientKeys.insert({
    id: parseClientKeyId(newId()),
    name,
    sha256: digest(key),
    prefix: key.reveal().slice(0, PREFIX_CHARACTERS),
    createdAt,
    updatedAt: createdAt,
  });
}

function digest(key: Secret): string {
  return hash('sha256', key.reveal(), 'hex');
}
