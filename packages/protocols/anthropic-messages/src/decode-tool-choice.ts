import type { ChatTool, ToolChoice } from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';
import { fieldsBeside, ownFields } from './dialect.ts';
import { invalidField } from './invalid-field.ts';

export interface DecodedToolChoice {
  readonly toolChoice?: ToolChoice;
  readonly allowsParallelTools?: boolean;
  /** What only this dialect says of it. */
  readonly fields?: JsonObject;
}

const KNOWN = new Set(['type', 'name', 'disable_parallel_tool_use']);

export function decodeToolChoice(choice: unknown, tools: readonly ChatTool[]): DecodedToolChoice {
  if (choice === undefined || choice === null) return {};
  if (!isObject(choice)) throw invalidField('tool_choice', 'must be an object with a type.');
  const { disable_parallel_tool_use: isSerial } = choice;
  const fields = fieldsBeside(choice, KNOWN);
  return {
    toolChoice: readChoice(choice, tools),
    ...(typeof isSerial === 'boolean' ? { allowsParallelTools: !isSerial } : {}),
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
  };
}

function readChoice({ type, name }: JsonObject, tools: readonly ChatTool[]): ToolChoice {
  switch (type) {
    case 'auto':
    case 'none':
      return { type };
    case 'any':
      return { type: 'required' };
    case 'tool': {
      if (typeof name !== 'string' || name === '')
        throw invalidField('tool_choice.name', 'the name of a tool is required.');
      if (tools.some((tool) => tool.type !== 'server' && tool.name === name)) return { type: 'named', name };
      const server = tools.find((tool) => tool.type === 'server' && ownFields(tool.extensions).name === name);
      return server?.type === 'server' ? { type: 'server', tool: server.tool, name } : { type: 'named', name };
    }
    default:
      throw invalidField('tool_choice.type', 'must be "auto", "any", "tool" or "none".');
  }
}
