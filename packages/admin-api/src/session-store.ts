import type { EpochMs } from '@proxycast/spec';
import { randomToken } from './random-token.ts';
import { sha256Hex } from './sha256-hex.ts';

const SESSION_LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;
const LOGIN_LINK_LIFETIME_MS = 10 * 60 * 1000;
const MAX_SESSIONS = 100;
const MAX_LOGIN_LINKS = 20;

export interface Session {
  readonly csrfToken: string;
  readonly expiresAt: EpochMs;
}

export interface OpenedSession {
  /** The cookie's value; known here only by its SHA-256 afterwards. */
  readonly token: string;
  readonly session: Session;
}

export interface LoginLink {
  /** Goes into the link; opens one session. */
  readonly token: string;
  readonly expiresAt: EpochMs;
}

/** Sessions of the console and the one-time links that open them, in memory: a restart ends them. */
export interface SessionStore {
  createLoginLink(): LoginLink;
  /** Whether the token was good; it is not good again. */
  redeemLoginLink(token: string): boolean;
  /** When there are too many, the oldest ends. */
  open(): OpenedSession;
  find(token: string): Session | undefined;
  close(token: string): void;
}

export interface SessionStoreParts {
  now(): EpochMs;
  randomBytes(size: number): Uint8Array;
}

export function createSessionStore({ now, randomBytes }: SessionStoreParts): SessionStore {
  // Both maps are in order of creation, and all lifetimes in a map are equal, so the first expires first.
  const sessions = new Map<string, Session>();
  const loginLinks = new Map<string, EpochMs>();

  function makeRoom(map: Map<string, unknown>, limit: number): void {
    for (const key of map.keys()) {
      if (map.size < limit) return;
      map.delete(key);
    }
  }

  return {
    createLoginLink() {
      makeRoom(loginLinks, MAX_LOGIN_LINKS);
      const token = randomToken(randomBytes);
      const expiresAt = now() + LOGIN_LINK_LIFETIME_MS;
      loginLinks.set(sha256Hex(token), expiresAt);
      return { token, expiresAt };
    },
    redeemLoginLink(token) {
      const key = sha256Hex(token);
      const expiresAt = loginLinks.get(key);
      loginLinks.delete(key);
      return expiresAt !== undefined && now() < expiresAt;
    },
    open() {
      makeRoom(sessions, MAX_SESSIONS);
      const token = randomToken(randomBytes);
      const session = { csrfToken: randomToken(randomBytes), expiresAt: now() + SESSION_LIFETIME_MS };
      sessions.set(sha256Hex(token), session);
      return { token, session };
    },
    find(token) {
      const key = sha256Hex(token);
      const session = sessions.get(key);
      if (session === undefined || now() < session.expiresAt) return session;
      sessions.delete(key);
      return undefined;
    },
    close(token) {
      sessions.delete(sha256Hex(token));
    },
  };
}
