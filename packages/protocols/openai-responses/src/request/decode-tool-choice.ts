import type { JsonObject, ToolChoice } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';
import { mapServerTool } from '../item/map-server-tool.ts';

export function decodeToolChoice(choice: unknown): ToolChoice | undefined {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice };
  return isObject(choice) ? decodeObject(choice) : undefined;
}

function decodeObject(choice: JsonObject): ToolChoice | undefined {
  const name = textOf(choice['name']);
  const { type } = choice;
  switch (type) {
    case 'function':
    case 'custom':
      return name === undefined ? undefined : { type: 'named', name, kind: type };
    case 'allowed_tools':
      return {
        type: 'allowed',
        mode: choice['mode'] === 'required' ? 'required' : 'auto',
        names: namesOf(choice['tools']),
      };
    default:
      if (typeof type !== 'string') return undefined;
      return { type: 'server', tool: mapServerTool(type), name: textOf(choice['server_label']) ?? type };
  }
}

function namesOf(tools: unknown): readonly string[] {
  if (!Array.isArray(tools)) return [];
  return tools.flatMap((tool: unknown): readonly string[] => {
    if (!isObject(tool)) return [];
    const name = textOf(tool['name']);
    return name === undefined ? [] : [name];
  });
}
