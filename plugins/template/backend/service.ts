import type { PluginContext } from '@proxycast/plugin-sdk';

const API = 'https://api.sample.example';

/** Where the service is. A person may set another address: a test does, and so does whoever follows a move. */
export function addressOf(path: string, { settings }: PluginContext): string {
  const { endpoints } = settings;
  const api = typeof endpoints === 'object' && endpoints !== null && 'api' in endpoints ? endpoints.api : undefined;
  return `${typeof api === 'string' && api !== '' ? api : API}${path}`;
}
