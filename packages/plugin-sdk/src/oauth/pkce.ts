import { createHash, randomBytes } from 'node:crypto';

/** Proof Key for Code Exchange, RFC 7636, with S256. */
export interface Pkce {
  /** Kept until the code is exchanged. */
  readonly verifier: string;
  readonly challenge: string;
  readonly method: 'S256';
}

/** `bytes`: of randomness in the verifier, 32 to 96. */
export function createPkce(bytes = 32, random: (bytes: number) => Uint8Array = randomBytes): Pkce {
  const verifier = Buffer.from(random(bytes)).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url'), method: 'S256' };
}

/** What a callback has to bring back, so that nobody else's code is taken (RFC 6749, 10.12). */
export function createState(random: (bytes: number) => Uint8Array = randomBytes): string {
  return Buffer.from(random(24)).toString('base64url');
}
