import type { ChatBlock, ChatResponse, JsonObject, ToolBridge } from '@proxycast/spec';
import { createCustomInputReader } from './custom-input-reader.ts';

/** The calls of a whole answer under the client's names again, custom input unwrapped. The same answer where none is concerned. */
export function restoreToolBlocks(response: ChatResponse, bridge: ToolBridge): ChatResponse {
  const isConcerned = (block: ChatBlock) => block.type === 'tool-call' && bridge.tools.has(block.name);
  if (!response.choices.some((choice) => choice.blocks.some(isConcerned))) return response;
  return {
    ...response,
    choices: response.choices.map((choice) => ({
      ...choice,
      blocks: choice.blocks.map((block) => restoreBlock(block, bridge)),
    })),
  };
}

function restoreBlock(block: ChatBlock, bridge: ToolBridge): ChatBlock {
  if (block.type !== 'tool-call') return block;
  const tool = bridge.tools.get(block.name);
  if (tool === undefined) return block;
  const isWrapped = tool.kind === 'custom' && block.kind === 'function';
  return { ...block, ...tool, ...(isWrapped ? { input: textOfWrapped(block.input) } : {}) };
}

function textOfWrapped(input: JsonObject | string): string {
  const reader = createCustomInputReader();
  const text = reader.push(typeof input === 'string' ? input : JSON.stringify(input));
  return text + reader.end();
}
