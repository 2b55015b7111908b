import { hashText } from '@proxycast/conversion';
import type { JsonObject, ServerToolCallBlock, ServerToolResultBlock } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { fieldsOf } from './field-names.ts';
import { mapToolType } from './server-tool-kinds.ts';

/** The fields of parts in which tools of the service speak. */
export const SERVER_PART_FIELDS = ['executableCode', 'codeExecutionResult', 'toolCall', 'toolResponse'] as const;

type ServerBlock = Omit<ServerToolCallBlock, 'extensions'> | Omit<ServerToolResultBlock, 'extensions'>;

/**
 * Reads the parts of tools that run at the service. Results belong to the call before them where they name none. One for
 * each history or answer.
 */
export class ServerPartDecoder {
  readonly #place: string;
  #count = 0;
  #lastId = '';

  /** `place` tells the ids made here from those of other answers. */
  constructor(place: string) {
    this.#place = place;
  }

  /** `undefined` for a part of another kind. What only this dialect says stays with the caller. */
  decode(part: JsonObject): ServerBlock | undefined {
    const { executableCode, codeExecutionResult, toolCall, toolResponse } = part;
    if (isObject(executableCode)) return this.#code(fieldsOf(executableCode));
    if (isObject(codeExecutionResult)) return this.#codeResult(fieldsOf(codeExecutionResult));
    if (isObject(toolCall)) return this.#call(fieldsOf(toolCall));
    return isObject(toolResponse) ? this.#response(fieldsOf(toolResponse)) : undefined;
  }

  #code({ id, ...input }: JsonObject): ServerBlock {
    return { type: 'server-tool-call', callId: this.#begin(id), tool: 'code-execution', name: 'executableCode', input };
  }

  #codeResult({ id, outcome, output }: JsonObject): ServerBlock {
    return {
      type: 'server-tool-result',
      callId: this.#idOf(id),
      tool: 'code-execution',
      ...(typeof outcome === 'string' && outcome !== 'OUTCOME_OK' ? { isError: true } : {}),
      ...(typeof output === 'string' ? { text: output } : {}),
    };
  }

  #call({ id, toolType, args }: JsonObject): ServerBlock {
    return {
      type: 'server-tool-call',
      callId: this.#begin(id),
      tool: mapToolType(toolType),
      name: typeof toolType === 'string' ? toolType : 'toolCall',
      input: isObject(args) ? args : {},
    };
  }

  #response({ id, toolType }: JsonObject): ServerBlock {
    return { type: 'server-tool-result', callId: this.#idOf(id), tool: mapToolType(toolType) };
  }

  #begin(id: unknown): string {
    this.#lastId =
      typeof id === 'string' && id !== '' ? id : `gtool_${hashText(`${this.#place}\n${this.#count}`, ID_LENGTH)}`;
    this.#count++;
    return this.#lastId;
  }

  #idOf(id: unknown): string {
    return typeof id === 'string' && id !== '' ? id : this.#lastId;
  }
}

const ID_LENGTH = 18;
