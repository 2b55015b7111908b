import type { PluginDefinition } from '@proxycast/plugin-sdk';
import { addressOf } from './service.ts';

export const models: NonNullable<PluginDefinition['models']> = {
  async list(_credential, context) {
    const answer = await context.host.http.request({ url: addressOf('/models', context), signal: context.signal });
    const body = await answer.json();
    const listed = typeof body === 'object' && body !== null && 'models' in body ? body.models : [];
    return Array.isArray(listed) ? listed.filter((id) => typeof id === 'string').map((id) => ({ id })) : [];
  },
};
