import { originalCallId, readSignature } from '@proxycast/conversion';
import type { ChatBlock, ChatTurn } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { restoreSignatures } from './carry-signature.ts';
import { type BlockReading, decodeBlocks } from './decode-block.ts';
import { asExtensions, DIALECT, fieldsBeside } from './dialect.ts';
import { invalidField } from './invalid-field.ts';

const READING: BlockReading = {
  origin: DIALECT,
  readSignature: (text) => readSignature(text, DIALECT),
  readCallId: originalCallId,
};

/** `system` is a turn at the front. */
export function decodeSystem(system: unknown): readonly ChatTurn[] {
  if (system === undefined || system === null) return [];
  const blocks = decodeBlocks(system, 'system', READING);
  return blocks.length === 0 ? [] : [{ role: 'system', blocks }];
}

export function decodeTurns(messages: unknown): readonly ChatTurn[] {
  if (!Array.isArray(messages)) throw invalidField('messages', 'a list of messages is required.');
  if (messages.length === 0) throw invalidField('messages', 'at least one message is required.');
  return messages.flatMap((message: unknown, index) => decodeMessage(message, `messages.${index}`));
}

const MESSAGE = new Set(['role', 'content']);

function decodeMessage(message: unknown, field: string): readonly ChatTurn[] {
  if (!isObject(message)) throw invalidField(field, 'a message must be an object with role and content.');
  const { role } = message;
  if (role !== 'user' && role !== 'assistant' && role !== 'system') {
    throw invalidField(`${field}.role`, 'must be "user", "assistant" or "system".');
  }
  const blocks = decodeBlocks(message.content, `${field}.content`, READING);
  const own = asExtensions(fieldsBeside(message, MESSAGE));
  if (role === 'assistant') return [{ role, blocks: restoreSignatures(blocks), ...own }];
  return role === 'user' ? decodeUserTurn(blocks, own) : [{ role, blocks, ...own }];
}

/** The results of a user's message are a turn of their own, in front of what the user said. */
function decodeUserTurn(blocks: readonly ChatBlock[], own: Pick<ChatTurn, 'extensions'>): readonly ChatTurn[] {
  const results = blocks.filter(({ type }) => type === 'tool-result');
  if (results.length === 0) return [{ role: 'user', blocks, ...own }];
  const tool: ChatTurn = { role: 'tool', blocks: results, ...own };
  if (results.length === blocks.length) return [tool];
  return [tool, { role: 'user', blocks: blocks.filter(({ type }) => type !== 'tool-result') }];
}
