import {
  type CallContext,
  type CredentialCapability,
  type PluginCredential,
  requestToken,
  type TokenAnswer,
} from '@proxycast/plugin-sdk';
import { addressOf } from './service.ts';

/** What the host keeps for each login, encrypted. */
export interface SampleData {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** Throws when the host hands back what this plugin never made. */
export function parseData({ data }: Pick<PluginCredential, 'data'>): SampleData {
  const { access_token, refresh_token } = data;
  if (typeof access_token !== 'string' || typeof refresh_token !== 'string') {
    throw new TypeError('The credential is of another version of this plugin. Log in again.');
  }
  return { access_token, refresh_token };
}

export const toData = ({
  accessToken,
  refreshToken = '',
}: TokenAnswer): { readonly [Key in keyof SampleData]: string } => ({
  access_token: accessToken,
  refresh_token: refreshToken,
});

export const credential: CredentialCapability = {
  parse({ auth_type, form = {} }) {
    const { refresh_token } = form;
    if (typeof refresh_token !== 'string' || refresh_token.trim() === '') {
      return { type: 'refused', faults: [{ field: 'refresh_token', message: 'Paste the refresh token.' }] };
    }
    // No access token yet: it is due for a refresh at once.
    const data = { access_token: '', refresh_token: refresh_token.trim() };
    return { type: 'parsed', credential: { auth_type, data, expires_at: 0 } };
  },

  async refresh(credential, _reason, context) {
    const { refresh_token } = parseData(credential);
    const answer = await requestToken({
      http: context.host.http,
      url: addressOf('/token', context),
      fields: { grant_type: 'refresh_token', refresh_token },
      now: context.now,
      signal: context.signal,
    });
    if (answer.type === 'tokens') {
      const { expiresAt } = answer;
      return {
        type: 'refreshed',
        data: toData({ ...answer, refreshToken: answer.refreshToken ?? refresh_token }),
        ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
      };
    }
    const { error, description, retryAfterMs } = answer;
    return {
      type: 'failed',
      code: error,
      message: description || 'The service did not renew the login.',
      ...(error === 'invalid_grant'
        ? { condition: { type: 'needs_login', reason: 'The login was used or revoked.' } }
        : {}),
      ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
    };
  },

  async validate(credential, context) {
    const { status } = await askAccount(credential, context);
    return status === 200
      ? { type: 'valid' }
      : { type: 'invalid', message: `The service answered ${status}.`, condition: { type: 'refresh' } };
  },

  async usage(credential, context) {
    const { body } = await askAccount(credential, context);
    const { used, limit, resets_at } =
      typeof body === 'object' && body !== null ? { ...emptyUsage, ...body } : emptyUsage;
    if (typeof used !== 'number' || typeof limit !== 'number' || typeof resets_at !== 'number') return { windows: [] };
    return { windows: [{ name: 'Requests', used, limit, resets_at }] };
  },
};

const emptyUsage: Readonly<Record<'used' | 'limit' | 'resets_at', unknown>> = { used: 0, limit: 0, resets_at: 0 };

async function askAccount(
  credential: PluginCredential,
  context: CallContext,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const answer = await context.host.http.request({
    url: addressOf('/account', context),
    headers: [['authorization', `Bearer ${parseData(credential).access_token}`]],
    credentialId: credential.id,
    signal: context.signal,
  });
  return { status: answer.status, body: await answer.json() };
}
