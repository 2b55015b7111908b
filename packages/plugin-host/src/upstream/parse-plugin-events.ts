import { ERROR_KINDS, SERVER_TOOL_KINDS, STOP_REASONS, type StreamEvent, UpstreamError } from '@proxycast/spec';
import { EVENT_FIELDS, type EventFieldKind, type PluginEvent } from '@proxycast/spec/plugin';

/** A plugin's events are not what the contract says. `at` counts from the first event of the batch. */
export class PluginEventFault extends Error {
  constructor(at: number, message: string) {
    super(`event ${at} ${message}`);
    this.name = 'PluginEventFault';
  }
}

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount: Check = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isText: Check = (value) => typeof value === 'string';
const oneOf = (words: readonly string[]): Check => {
  const known = new Set(words);
  return (value) => typeof value === 'string' && known.has(value);
};
const isSignature: Check = (value) => isObject(value) && isText(value['value']);
const isErrorKind = oneOf(ERROR_KINDS);
const isSource: Check = (value) => {
  if (!isObject(value)) return false;
  const { type, data, mediaType, url, text } = value;
  switch (type) {
    case 'base64':
      return isText(data) && isText(mediaType);
    case 'url':
      return isText(url);
    case 'text':
      return isText(text);
    default:
      // A file of an upload belongs to an upstream, and a plugin speaks for its own alone.
      return false;
  }
};

const CHECKS: Readonly<Record<EventFieldKind, Check>> = {
  count: isCount,
  'count?': isCount,
  text: isText,
  'text?': isText,
  'flag?': (value) => typeof value === 'boolean',
  object: isObject,
  'object?': isObject,
  'list?': Array.isArray,
  signature: isSignature,
  'signature?': isSignature,
  source: isSource,
  'stop-reason': oneOf(STOP_REASONS),
  'tool-kind': oneOf(SERVER_TOOL_KINDS),
  'call-kind': oneOf(['function', 'custom']),
  'thinking-kind': oneOf(['full', 'summary']),
  failure: (value) =>
    isObject(value) && isText(value['code']) && isText(value['message']) && isErrorKind(value['kind']),
};

interface FieldRule {
  readonly name: string;
  readonly isOptional: boolean;
  readonly check: Check;
}

/** The table of the contract, ready to be walked. */
const RULES: ReadonlyMap<string, readonly FieldRule[]> = new Map(
  Object.entries(EVENT_FIELDS).map(([type, fields]) => [
    type,
    Object.entries(fields).map(([name, kind]) => ({ name, isOptional: kind.endsWith('?'), check: CHECKS[kind] })),
  ]),
);

/** More blocks than any answer has: what counts beyond them is not a name but an attack on whoever keeps a list. */
const MAX_BLOCK = 100_000;

/**
 * Parses the events of one `response.decode`. Every signature gets `origin`: a plugin cannot speak for another's upstream.
 * Throws PluginEventFault.
 */
export function parsePluginEvents(text: string, origin: string): readonly StreamEvent[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new PluginEventFault(0, 'is no JSON');
  }
  if (!Array.isArray(parsed)) throw new PluginEventFault(0, 'is in no list');
  for (let at = 0; at < parsed.length; at++) checkEvent(parsed[at], at);
  const events: readonly PluginEvent[] = parsed;
  return events.map((event) => stamp(event, origin));
}

function checkEvent(event: unknown, at: number): void {
  if (!isObject(event)) throw new PluginEventFault(at, 'is no object');
  const { type } = event;
  const rules = typeof type === 'string' ? RULES.get(type) : undefined;
  if (rules === undefined) throw new PluginEventFault(at, 'has an unknown type');
  for (const { name, isOptional, check } of rules) {
    const value = event[name];
    if (value === undefined ? !isOptional : !check(value)) {
      throw new PluginEventFault(at, `(${String(type)}): ${name} is ${value === undefined ? 'missing' : 'wrong'}`);
    }
  }
  const { block } = event;
  if (typeof block === 'number' && block > MAX_BLOCK)
    throw new PluginEventFault(at, `(${String(type)}): block is too high`);
}

function stamp(event: PluginEvent, origin: string): StreamEvent {
  if (event.type === 'error') {
    const { code, kind, message, retryAfterMs } = event.error;
    return {
      type: 'error',
      error: new UpstreamError({
        code: code.slice(0, 64),
        kind,
        message: message.slice(0, 4096),
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      }),
    };
  }
  if (!('signature' in event) || event.signature === undefined) return event;
  return { ...event, signature: { ...event.signature, origin } };
}
