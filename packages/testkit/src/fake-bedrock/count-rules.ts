import { isObject, type JsonObject } from '../json.ts';
import { findConverseFaults, type KnownSignatures } from './converse-rules.ts';

/** The members of ConverseTokensRequest (API reference of CountTokens, 2026-11). */
const COUNTED = ['messages', 'system', 'toolConfig', 'additionalModelRequestFields'];

/** What CountTokens would refuse: `{ input: { converse } }`, with what a model reads and nothing else. */
export function findCountFaults(body: JsonObject, known: KnownSignatures): readonly string[] {
  const { input, ...others } = body;
  const converse = isObject(input) ? input.converse : undefined;
  if (!isObject(converse) || Object.keys(others).length > 0) return ['input.converse is needed, and nothing beside it'];
  const extraneous = Object.keys(converse).filter((name) => !COUNTED.includes(name));
  return [
    ...extraneous.map((name) => `extraneous key [${name}] in input.converse is not permitted`),
    ...findConverseFaults(converse, known),
  ];
}
