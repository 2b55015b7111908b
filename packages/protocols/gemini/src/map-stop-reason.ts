import { type StopReason, unreachable } from '@proxycast/spec';

/** By number, as Vertex AI writes it to those who ask for numbers. */
const NAMES_BY_NUMBER = [
  '',
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'RECITATION',
  'OTHER',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MALFORMED_FUNCTION_CALL',
  'MODEL_ARMOR',
];

/** The name of a reason in an answer; `undefined` for none yet. */
export function finishReasonName(value: unknown): string | undefined {
  const name = typeof value === 'number' ? (NAMES_BY_NUMBER[value] ?? 'OTHER') : value;
  if (typeof name !== 'string' || name === '' || name.endsWith('_UNSPECIFIED')) return undefined;
  return name;
}

const REASONS: ReadonlyMap<string, StopReason> = new Map([
  ['STOP', 'end'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'refusal'],
  ['RECITATION', 'refusal'],
  ['LANGUAGE', 'refusal'],
  ['BLOCKLIST', 'refusal'],
  ['PROHIBITED_CONTENT', 'refusal'],
  ['SPII', 'refusal'],
  ['MODEL_ARMOR', 'refusal'],
  ['IMAGE_SAFETY', 'refusal'],
  ['IMAGE_PROHIBITED_CONTENT', 'refusal'],
  ['IMAGE_RECITATION', 'refusal'],
  ['IMAGE_OTHER', 'refusal'],
  ['NO_IMAGE', 'other'],
  ['OTHER', 'other'],
  ['CONTINUATION', 'pause'],
]);

/** The dialect's → ours. A call of a tool ends like any other answer, so who reads it looks for calls. */
export const decodeStopReason = (name: string): StopReason => REASONS.get(name) ?? 'other';

/** Reasons with which an answer is none: the model's calls cannot be run, and a second try may do better. */
const BROKEN: ReadonlySet<string> = new Set(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS']);

export const isBrokenCall = (name: string): boolean => BROKEN.has(name);

/** Ours → the dialect's. The upstream's own word stays where it is one of this dialect. */
export function encodeStopReason(reason: StopReason, upstreamReason: string | undefined): string {
  if (upstreamReason !== undefined) {
    const known = REASONS.get(upstreamReason);
    if (known === reason || (reason === 'tool-use' && known !== undefined)) return upstreamReason;
  }
  return mapStopReason(reason);
}

function mapStopReason(reason: StopReason): string {
  switch (reason) {
    case 'end':
    case 'tool-use':
    case 'stop-sequence':
    case 'pause':
    case 'compaction':
    case 'other':
      return 'STOP';
    case 'length':
    case 'context-full':
      return 'MAX_TOKENS';
    case 'refusal':
      return 'SAFETY';
    default:
      return unreachable(reason);
  }
}
