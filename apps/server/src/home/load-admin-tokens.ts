import { hash } from 'node:crypto';
import { Secret } from '@proxycast/spec';
import { createPrivateFile, readPrivateFile } from './private-file.ts';

export interface AdminToken {
  readonly token: Secret;
  /** Lower-case hex. */
  readonly sha256: string;
}

const TOKEN_BYTES = 32;

/**
 * The tokens that open the admin API: the fixed one, and the one in a file that only the owner of the home folder may
 * read, which the command line uses.
 */
export function loadAdminTokens(parts: {
  readonly path: string;
  readonly fixed?: Secret;
  readonly randomBytes: (size: number) => Uint8Array;
}): readonly AdminToken[] {
  const { path, fixed, randomBytes } = parts;
  const stored =
    readPrivateFile(path) ??
    createPrivateFile(path, `pca-${Buffer.from(randomBytes(TOKEN_BYTES)).toString('base64url')}`);
  const tokens = stored === '' ? [] : [new Secret(stored)];
  if (fixed !== undefined) tokens.push(fixed);
  return tokens.map((token) => ({ token, sha256: hash('sha256', token.reveal(), 'hex') }));
}
