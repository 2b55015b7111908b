import { isObject, isString, type JsonObject } from '../json.ts';

export interface SignedPart {
  readonly signature: string;
  /** What it signs: the text of the thinking, or the name of the call; empty where it signs what cannot be compared. */
  readonly signed: string;
}

const SERVICE_PARTS = ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse'];

/** Every signature and encrypted reasoning in a body of any of the dialects, in order. */
export function signaturesIn(value: unknown): readonly SignedPart[] {
  if (Array.isArray(value)) return value.flatMap(signaturesIn);
  if (!isObject(value)) return [];
  const own = ownSignature(value);
  return [...(own === undefined ? [] : [own]), ...Object.values(value).flatMap(signaturesIn)];
}

function ownSignature(part: JsonObject): SignedPart | undefined {
  const { type, signature, data, encrypted_content: encrypted, thoughtSignature: thought } = part;
  if (type === 'thinking' && isString(signature) && signature !== '')
    return { signature, signed: String(part.thinking) };
  if (type === 'redacted_thinking' && isString(data)) return { signature: data, signed: '' };
  if (type === 'reasoning' && isString(encrypted) && encrypted !== '') return { signature: encrypted, signed: '' };
  // A part of a tool of the service is lost in another dialect, and its signature with it.
  if (isString(thought) && thought !== '' && SERVICE_PARTS.every((field) => part[field] === undefined)) {
    return { signature: thought, signed: isObject(part.functionCall) ? String(part.functionCall.name) : '' };
  }
  return undefined;
}
