import type { PluginEvent, ResponseCapability } from '@proxycast/plugin-sdk';

/**
 * Lines of JSON: `{"say":"…"}` any number of times, then `{"done":{"in":1,"out":2}}`. A client that asked for a whole answer
 * gets it in one frame, which then holds all of them.
 */
export const response: ResponseCapability = {
  open({ streamId, model }) {
    let isDone = false;
    let hasBegun = false;
    const begin = (): readonly PluginEvent[] => {
      if (hasBegun) return [];
      hasBegun = true;
      return [
        { type: 'message-start', id: streamId, model },
        { type: 'text-start', block: 0 },
      ];
    };
    const readLine = (text: string): readonly PluginEvent[] => {
      const line: unknown = JSON.parse(text);
      if (typeof line !== 'object' || line === null) return [];
      if ('say' in line) return [...begin(), { type: 'text-delta', block: 0, text: String(line.say) }];
      if (!('done' in line)) return [];
      isDone = true;
      const done: object = typeof line.done === 'object' && line.done !== null ? line.done : {};
      return [
        ...begin(),
        { type: 'block-end', block: 0 },
        {
          type: 'usage',
          usage: {
            ...('in' in done ? { input: Number(done.in) } : {}),
            ...('out' in done ? { output: Number(done.out) } : {}),
          },
        },
        { type: 'message-end', reason: 'end' },
      ];
    };
    return {
      push: (frames) =>
        frames
          .flatMap((frame) => frame.text().split('\n'))
          .filter((line) => line !== '')
          .flatMap(readLine),
      // A service that left half-way has not said everything: never a clean end.
      end: () =>
        isDone
          ? []
          : [
              {
                type: 'error',
                error: { code: 'upstream_cut', kind: 'upstream-failed', message: 'The service left half-way.' },
              },
            ],
    };
  },
};
