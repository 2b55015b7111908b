import { hashText } from '@proxycast/conversion';
import type { ChatBlock, DecodeAnswerContext } from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';
import { decodeBlock } from './decode-block.ts';

/** A content block of an answer. What a compatible server leaves out is filled in; throws InvalidRequestError for no block. */
export function decodeAnswerBlock(
  block: unknown,
  place: { readonly answerId: string; readonly index: number },
  { origin }: DecodeAnswerContext,
): ChatBlock {
  return decodeBlock(isObject(block) ? completeBlock(block, place) : block, `content.${place.index}`, {
    origin,
    readSignature: (value) => ({ origin, value }),
    readCallId: (id) => id,
  });
}

function completeBlock(block: JsonObject, place: { readonly answerId: string; readonly index: number }): JsonObject {
  switch (block.type) {
    case 'text':
      return typeof block.text === 'string' ? block : { ...block, text: '' };
    case 'thinking':
      return typeof block.thinking === 'string' ? block : { ...block, thinking: '' };
    case 'tool_use':
      return {
        ...block,
        // The same in every turn, so that a history is the same bytes again.
        id: isFilled(block.id) ? block.id : `toolu_${hashText(`${place.answerId}\n${place.index}`, 24)}`,
        name: typeof block.name === 'string' ? block.name : '',
        input: isObject(block.input) || typeof block.input === 'string' ? block.input : {},
      };
    default:
      return block;
  }
}

const isFilled = (value: unknown): boolean => typeof value === 'string' && value !== '';
