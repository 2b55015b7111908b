import type { JsonObject, ToolChoice } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { extensionOf, fieldsOf, listOf } from './field-names.ts';

export interface DecodedToolConfig {
  readonly toolChoice?: ToolChoice;
  /** What of it only this dialect knows. */
  readonly kept?: JsonObject;
}

export function decodeToolConfig(toolConfig: unknown): DecodedToolConfig {
  if (!isObject(toolConfig)) return {};
  const { functionCallingConfig, ...rest } = fieldsOf(toolConfig);
  const { mode, allowedFunctionNames, ...callingRest } = isObject(functionCallingConfig)
    ? fieldsOf(functionCallingConfig)
    : {};
  const named = allowedFunctionNames === undefined ? [] : listOf(allowedFunctionNames);
  const names = named.filter((name) => typeof name === 'string');
  const toolChoice = mapToolMode(typeof mode === 'string' ? mode.toUpperCase() : '', names);
  // Held to the schemas, but not to a call: nobody else has a word for it.
  const isValidated = toolChoice?.type === 'auto' && String(mode).toUpperCase() === 'VALIDATED';
  const calling = extensionOf({ ...callingRest, ...(isValidated ? { mode: 'VALIDATED' } : {}) });
  const kept = extensionOf({ ...rest, ...(calling === undefined ? {} : { functionCallingConfig: calling }) });
  return { ...(toolChoice === undefined ? {} : { toolChoice }), ...(kept === undefined ? {} : { kept }) };
}

function mapToolMode(mode: string, names: readonly string[]): ToolChoice | undefined {
  const [name] = names;
  switch (mode) {
    case 'AUTO':
      return { type: 'auto' };
    case 'NONE':
      return { type: 'none' };
    case 'ANY':
      if (name === undefined) return { type: 'required' };
      return names.length === 1 ? { type: 'named', name } : { type: 'allowed', mode: 'required', names };
    case 'VALIDATED':
      return name === undefined ? { type: 'auto' } : { type: 'allowed', mode: 'auto', names };
    default:
      return undefined;
  }
}
