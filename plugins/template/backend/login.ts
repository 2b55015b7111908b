import { createDeviceLogin, requestToken } from '@proxycast/plugin-sdk';
import { toData } from './credential.ts';
import { addressOf } from './service.ts';

export const login = createDeviceLogin<{ readonly deviceCode: string }>({
  async begin(_params, context) {
    const answer = await context.host.http.request({ method: 'POST', url: addressOf('/device', context) });
    const body = await answer.json();
    const fields: Readonly<Record<string, unknown>> = typeof body === 'object' && body !== null ? { ...body } : {};
    const { device_code, user_code, verification_uri, interval, expires_in } = fields;
    if (typeof device_code !== 'string' || typeof user_code !== 'string' || typeof verification_uri !== 'string') {
      return { failed: `The service answered ${answer.status} and gave no code.` };
    }
    return {
      userCode: user_code,
      verificationUrl: verification_uri,
      intervalMs: Number(interval ?? 5) * 1000,
      expiresInMs: Number(expires_in ?? 600) * 1000,
      kept: { deviceCode: device_code },
    };
  },
  poll: ({ deviceCode }, context) =>
    requestToken({
      http: context.host.http,
      url: addressOf('/token', context),
      fields: { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: deviceCode },
      now: context.now,
      signal: context.signal,
    }),
  async finish(tokens) {
    const { expiresAt } = tokens;
    return {
      auth_type: 'device',
      data: toData(tokens),
      ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
    };
  },
});
