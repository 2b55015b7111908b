import type { JsonObject, ToolChoice } from '@proxycast/spec';
import { unreachable } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';

/**
 * How calls are chosen. `names` are those of the functions that are declared: without any there is nothing to choose.
 * `kept` is what a client of this dialect said besides.
 */
export function encodeToolConfig(
  choice: ToolChoice | undefined,
  names: ReadonlySet<string>,
  kept: unknown,
): JsonObject | undefined {
  const { functionCallingConfig, ...rest }: JsonObject = isObject(kept) ? kept : {};
  const calling = {
    ...mapToolChoice(choice, names),
    ...(isObject(functionCallingConfig) ? functionCallingConfig : {}),
  };
  const config = { ...rest, ...(Object.keys(calling).length === 0 ? {} : { functionCallingConfig: calling }) };
  return Object.keys(config).length === 0 ? undefined : config;
}

function mapToolChoice(choice: ToolChoice | undefined, names: ReadonlySet<string>): JsonObject {
  if (choice === undefined || names.size === 0) return {};
  switch (choice.type) {
    case 'auto':
      return { mode: 'AUTO' };
    case 'none':
      return { mode: 'NONE' };
    case 'required':
      return { mode: 'ANY' };
    case 'named':
      return names.has(choice.name) ? { mode: 'ANY', allowedFunctionNames: [choice.name] } : { mode: 'ANY' };
    case 'allowed': {
      const allowed = choice.names.filter((name) => names.has(name));
      const mode = choice.mode === 'required' ? 'ANY' : allowed.length === 0 ? 'AUTO' : 'VALIDATED';
      return { mode, ...(allowed.length === 0 ? {} : { allowedFunctionNames: allowed }) };
    }
    case 'server':
      return {};
    default:
      return unreachable(choice);
  }
}
