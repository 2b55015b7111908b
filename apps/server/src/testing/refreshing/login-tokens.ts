import { Secret } from '@proxycast/spec';

/** What a login is stored as here, and what the official client has in its file. */
export interface LoginTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt: number;
}

export type TokenReply =
  | { readonly type: 'tokens'; readonly tokens: LoginTokens }
  | { readonly type: 'refused'; readonly error: string; readonly description: string }
  | { readonly type: 'down' };

/** One refresh, as any OAuth client does it. Rejects where the connection broke. */
export async function spendRefreshToken(
  { tokenUrl, clientId, by }: { readonly tokenUrl: string; readonly clientId: string; readonly by: string },
  refreshToken: string,
): Promise<TokenReply> {
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: { 'user-agent': by },
    body: new URLSearchParams({ grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken }),
  });
  if (response.status >= 500) return { type: 'down' };
  const body: Readonly<Record<string, string | number | undefined>> = JSON.parse(await response.text());
  if (!response.ok) return { type: 'refused', error: `${body.error}`, description: `${body.error_description}` };
  const tokens = {
    accessToken: `${body.access_token}`,
    refreshToken: `${body.refresh_token ?? refreshToken}`,
    expiresAt: Date.now() + Number(body.expires_in) * 1_000,
  };
  return { type: 'tokens', tokens };
}

export const toSecret = (tokens: LoginTokens): Secret => new Secret(JSON.stringify(tokens));

export function tokensIn(text: string): LoginTokens {
  const tokens: LoginTokens = JSON.parse(text);
  return tokens;
}
