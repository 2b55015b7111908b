import { isObject, isString, type JsonObject, objectsOf } from '../../json.ts';

export interface AnthropicTurn {
  readonly role: string;
  readonly blocks: readonly JsonObject[];
}

/** The messages as the service sees them: strings as text blocks, neighbours of one role merged. */
export function readTurns(body: JsonObject): readonly AnthropicTurn[] {
  const turns: { role: string; blocks: JsonObject[] }[] = [];
  for (const message of objectsOf(body.messages)) {
    const role = isString(message.role) ? message.role : '';
    const blocks = blocksOf(message.content);
    const last = turns.at(-1);
    if (last !== undefined && last.role === role) last.blocks.push(...blocks);
    else turns.push({ role, blocks: [...blocks] });
  }
  return turns;
}

export function blocksOf(content: unknown): readonly JsonObject[] {
  if (isString(content)) return [{ type: 'text', text: content }];
  return objectsOf(content).filter(isObject);
}
