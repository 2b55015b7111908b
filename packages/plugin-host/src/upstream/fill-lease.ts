import { createHash, randomUUID } from 'node:crypto';

/** What a lease's variables stand for in one request. */
export interface LeaseValues {
  readonly sessionId: string;
  readonly requestId: string;
  readonly model: string;
  readonly nowMs: number;
}

/** Texts of a lease with their places for variables, cut once. */
export type FilledText = (values: LeaseValues) => string;

const VARIABLE = /\{\{(uuid|session|session_uuid|request|model|now_ms|now_s)\}\}/;

/** Prepares a text, so that one without variables costs nothing at each use. */
export function compileText(text: string): string | FilledText {
  if (!text.includes('{{')) return text;
  // Every second piece is a variable's name.
  const pieces = text.split(VARIABLE);
  if (pieces.length === 1) return text;
  return (values) => pieces.map((piece, at) => (at % 2 === 0 ? piece : variableValue(piece, values))).join('');
}

export const fillText = (text: string | FilledText, values: LeaseValues): string =>
  typeof text === 'string' ? text : text(values);

/** A JSON value in which texts are filled; the value itself where there is nothing to fill. */
export function compileJson(value: unknown): {
  readonly fill: (values: LeaseValues) => unknown;
  readonly isFixed: boolean;
} {
  if (typeof value === 'string') {
    const text = compileText(value);
    return { fill: (values) => fillText(text, values), isFixed: typeof text === 'string' };
  }
  if (typeof value !== 'object' || value === null) return { fill: () => value, isFixed: true };
  const fields = Object.entries(value).map(([name, inner]) => [name, compileJson(inner)] as const);
  if (fields.every(([, { isFixed }]) => isFixed)) return { fill: () => value, isFixed: true };
  if (Array.isArray(value)) return { fill: (values) => fields.map(([, { fill }]) => fill(values)), isFixed: false };
  return {
    fill: (values) => Object.fromEntries(fields.map(([name, { fill }]) => [name, fill(values)])),
    isFixed: false,
  };
}

function variableValue(name: string, { sessionId, requestId, model, nowMs }: LeaseValues): string {
  switch (name) {
    case 'uuid':
      return randomUUID();
    case 'session':
      return sessionId;
    case 'session_uuid':
      return uuidOf(sessionId);
    case 'request':
      return requestId;
    case 'model':
      return model;
    case 'now_ms':
      return String(nowMs);
    default:
      return String(Math.floor(nowMs / 1000));
  }
}

/** The same UUID for the same text, in the form of version 5 (RFC 9562), of SHA-256 instead of SHA-1. */
function uuidOf(text: string): string {
  const bytes = createHash('sha256').update('proxycast session\0').update(text).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
