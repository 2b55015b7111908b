import type { ServerToolKind } from '@proxycast/spec';

/** Tools of the service as a request declares them: the name of the field in `tools[]`. */
const DECLARED: ReadonlyMap<string, ServerToolKind> = new Map([
  ['googleSearch', 'web-search'],
  ['googleSearchRetrieval', 'web-search'],
  ['enterpriseWebSearch', 'web-search'],
  ['urlContext', 'web-fetch'],
  ['codeExecution', 'code-execution'],
  ['fileSearch', 'file-search'],
  ['retrieval', 'file-search'],
  ['googleMaps', 'maps'],
  ['computerUse', 'computer'],
  ['mcpServers', 'mcp'],
]);

/** Tools of the service as an answer names them: `toolType` of `toolCall` and `toolResponse`. */
const CALLED: ReadonlyMap<string, ServerToolKind> = new Map([
  ['GOOGLE_SEARCH_WEB', 'web-search'],
  ['GOOGLE_SEARCH_IMAGE', 'web-search'],
  ['URL_CONTEXT', 'web-fetch'],
  ['GOOGLE_MAPS', 'maps'],
  ['FILE_SEARCH', 'file-search'],
]);

export const mapDeclaredTool = (field: string): ServerToolKind => DECLARED.get(field) ?? 'other';

export const mapToolType = (toolType: unknown): ServerToolKind =>
  (typeof toolType === 'string' ? CALLED.get(toolType) : undefined) ?? 'other';

/** The field that declares a tool every service has in its own way; `undefined` for what this one has not. */
export function fieldOfServerTool(kind: ServerToolKind): string | undefined {
  switch (kind) {
    case 'web-search':
      return 'googleSearch';
    case 'web-fetch':
      return 'urlContext';
    case 'code-execution':
      return 'codeExecution';
    case 'maps':
      return 'googleMaps';
    default:
      return undefined;
  }
}
