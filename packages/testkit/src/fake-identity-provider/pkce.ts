import { createHash } from 'node:crypto';
import { OAuthRefusal, required } from './oauth-answer.ts';

/** Source: RFC 7636 sections 4.1 and 4.2: SHA-256 is 32 bytes, 43 characters without padding. */
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;

/** The challenge of an authorization request; `plain` is not taken. */
export function readChallenge(query: URLSearchParams): string {
  const challenge = required(query, 'code_challenge');
  if (required(query, 'code_challenge_method') !== 'S256') {
    throw new OAuthRefusal('invalid_request', 'code_challenge_method has to be S256.');
  }
  if (!CHALLENGE.test(challenge)) {
    throw new OAuthRefusal('invalid_request', 'code_challenge has to be 43 characters of base64url.');
  }
  return challenge;
}

export function checkVerifier(form: URLSearchParams, challenge: string): void {
  const verifier = required(form, 'code_verifier');
  if (!VERIFIER.test(verifier)) throw new OAuthRefusal('invalid_grant', 'code_verifier is not one.');
  if (createHash('sha256').update(verifier).digest('base64url') !== challenge) {
    throw new OAuthRefusal('invalid_grant', 'code_verifier does not belong to the challenge.');
  }
}
