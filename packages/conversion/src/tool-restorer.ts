import type { BlockId, StreamEvent, ToolBridge } from '@proxycast/spec';
import { type CustomInputReader, createCustomInputReader } from './custom-input-reader.ts';

/**
 * The calls of an answer under the client's names again, the text of custom tools unwrapped while it comes. One for each
 * stream; the same array where no event is concerned.
 */
export function createToolRestorer(bridge: ToolBridge): (events: readonly StreamEvent[]) => readonly StreamEvent[] {
  const readers = new Map<BlockId, CustomInputReader>();

  /** What goes out instead; the event itself where it is not concerned. */
  const restore = (event: StreamEvent): StreamEvent | readonly StreamEvent[] => {
    switch (event.type) {
      case 'tool-call-start': {
        const tool = bridge.tools.get(event.name);
        if (tool === undefined) return event;
        if (tool.kind === 'custom' && event.kind === 'function') readers.set(event.block, createCustomInputReader());
        return { ...event, ...tool };
      }
      case 'tool-input-delta': {
        const text = readers.get(event.block)?.push(event.json);
        if (text === undefined) return event;
        return text === '' ? [] : { ...event, json: text };
      }
      case 'block-end': {
        const text = readers.get(event.block)?.end();
        if (text === undefined) return event;
        readers.delete(event.block);
        return text === '' ? event : [{ type: 'tool-input-delta', block: event.block, json: text }, event];
      }
      default:
        return event;
    }
  };

  return (events) => {
    let restored: StreamEvent[] | undefined;
    for (let index = 0; index < events.length; index++) {
      const event = events[index];
      if (event === undefined) continue;
      const instead = restore(event);
      if (instead === event) {
        restored?.push(event);
        continue;
      }
      restored ??= events.slice(0, index);
      if (isList(instead)) restored.push(...instead);
      else restored.push(instead);
    }
    return restored ?? events;
  };
}

const isList = (value: StreamEvent | readonly StreamEvent[]): value is readonly StreamEvent[] => Array.isArray(value);
