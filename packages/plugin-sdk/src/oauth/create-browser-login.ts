import type { LoginEnded, NewPluginCredential, PluginParams } from '@proxycast/spec/plugin';
import type { CallContext, LoginCapability } from '../provider-definition.ts';
import { createPendingLogins } from './pending-logins.ts';
import { createPkce, createState, type Pkce } from './pkce.ts';
import { readCallback } from './read-callback.ts';

export interface BrowserLoginStart {
  readonly params: PluginParams<'login.start'>;
  readonly pkce: Pkce;
  readonly state: string;
}

export interface BrowserLoginCode extends BrowserLoginStart {
  readonly code: string;
  /** The one that `authorize` gave. */
  readonly redirectUri: string;
}

export interface BrowserLoginParts {
  /** The page to open, and where it sends the browser. Without a callback address of the host's, a page that shows the code. */
  authorize(
    start: BrowserLoginStart,
    context: CallContext,
  ):
    | Promise<{ readonly url: string; readonly redirectUri: string }>
    | { readonly url: string; readonly redirectUri: string };
  /** Turns the code into a credential, or says why not. */
  exchange(code: BrowserLoginCode, context: CallContext): Promise<NewPluginCredential | { readonly failed: string }>;
  /** How long a person may take; absent means ten minutes. */
  readonly expiresInMs?: number;
}

interface Pending extends BrowserLoginStart {
  readonly redirectUri: string;
}

/**
 * The authorization code flow with PKCE (RFC 6749, 7636, 8252): the browser comes back to the host's loopback listener,
 * or a person pastes what the page showed. The code is exchanged once.
 */
export function createBrowserLogin(parts: BrowserLoginParts): LoginCapability {
  const { expiresInMs = 10 * 60_000 } = parts;
  const pending = createPendingLogins<Pending>();
  return {
    async start(params, context) {
      const start: BrowserLoginStart = { params, pkce: createPkce(), state: createState() };
      const { url, redirectUri } = await parts.authorize(start, context);
      const expiresAt = context.now() + expiresInMs;
      pending.add(params.login_id, { ...start, redirectUri }, expiresAt, context.now());
      return {
        type: 'browser',
        url,
        ends_by: params.callback_url === undefined ? ['paste'] : ['callback', 'paste'],
        expires_at: expiresAt,
      };
    },
    async complete({ login_id: loginId, callback_query: query, pasted }, context): Promise<LoginEnded> {
      const login = pending.get(loginId, context.now());
      if (login === undefined) return failed('expired', 'This login has ended or taken too long. Start it again.');
      const reading = readCallback(query === undefined ? (pasted ?? '') : `?${query}`, login.state);
      if (reading.type === 'refused') {
        // Something that was pasted wrong can be pasted again; a page that said no has said it.
        if (query !== undefined && reading.code !== 'state_mismatch') pending.remove(loginId);
        return failed(reading.code, reading.message);
      }
      pending.remove(loginId);
      const outcome = await parts.exchange({ ...login, code: reading.code }, context);
      return 'failed' in outcome ? failed('exchange_failed', outcome.failed) : { type: 'done', credential: outcome };
    },
    cancel: (loginId) => pending.remove(loginId),
  };
}

const failed = (code: string, message: string): LoginEnded => ({ type: 'failed', code, message });
