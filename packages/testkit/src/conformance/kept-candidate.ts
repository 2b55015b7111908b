import { isObject, type JsonObject, objectsOf } from '../json.ts';
import type { ConformanceDialect } from './conformance-dialect.ts';

/**
 * Of Gemini's answer what a client keeps: the first candidate, without a last part that is nothing but a signature where the
 * client has no place for it. To clients of Anthropic the last block is the answer, so that nothing may stand behind its text
 * (conversion.md, signatures).
 */
export function keptCandidate(body: JsonObject, client: ConformanceDialect): unknown {
  const [candidate] = Array.isArray(body.candidates) ? body.candidates : [];
  if (client.id !== 'anthropic' || !isObject(candidate) || !isObject(candidate.content)) return candidate;
  const parts = objectsOf(candidate.content.parts);
  const last = parts.at(-1);
  const isHomeless = last?.text === '' && last.thought !== true && last.functionCall === undefined;
  return isHomeless ? { content: { parts: parts.slice(0, -1) } } : candidate;
}
