// The plugin that is measured; bundled by main.ts, and started as every plugin is.
import { defineProvider, type PluginEvent } from '@proxycast/plugin-sdk';
import { createOwnDecoder, wrapBody } from './own-dialect.ts';

export default defineProvider({
  id: 'bench',
  credential: { parse: () => ({ type: 'refused', faults: [{ message: 'None.' }] }) },
  request: {
    transform: 'rpc',
    transformModels: ['prepared*'],
    prepare({ model, body }, { settings }) {
      const target = {
        method: 'POST' as const,
        url: `${String(settings['upstream'])}/v1/chat`,
        headers: [['authorization', 'Bearer bench']],
      };
      if (model.startsWith('prepared')) {
        return { type: 'call', ...target, read: { dialect: 'openai' }, body: wrapBody(body) };
      }
      const read = model.startsWith('own') ? { dialect: 'plugin', framing: 'sse' as const } : { dialect: 'openai' };
      return { type: 'lease', ...target, read, ttl_ms: 600_000 };
    },
  },
  response: {
    open() {
      const decoder = createOwnDecoder();
      const toEvents = (events: ReturnType<typeof decoder.push>): readonly PluginEvent[] =>
        events.filter((event) => event.type !== 'error');
      return {
        push: (frames) => toEvents(decoder.push(frames.map((frame) => ({ data: frame.text() })))),
        end: () => toEvents(decoder.end()),
      };
    },
  },
});
