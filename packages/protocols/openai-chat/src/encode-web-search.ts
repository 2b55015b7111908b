import type { JsonObject, ReportChange, ServerTool, WebSearchOptions } from '@proxycast/spec';
import type { ChatQuirks } from './chat-variant.ts';
import { WEB_SEARCH_OPTIONS } from './decode-tools.ts';
import type { ModelTraits } from './model-traits.ts';

/** A tool among the others, or fields of the request. */
export interface EncodedSearch {
  readonly tool?: JsonObject;
  readonly fields?: JsonObject;
}

/** Web search in the words of the service; `undefined` where it has none. */
export function encodeWebSearch(
  { webSearch = {} }: ServerTool,
  index: number,
  target: { readonly quirks: ChatQuirks; readonly traits: ModelTraits; readonly report: ReportChange },
): EncodedSearch | undefined {
  const encoded = searchOf(webSearch, target.quirks, target.traits);
  const { allowedDomains, blockedDomains } = webSearch;
  if (encoded !== undefined && (allowedDomains !== undefined || blockedDomains !== undefined)) {
    target.report(`tools.${index}`, 'changed');
  }
  return encoded;
}

function searchOf(options: WebSearchOptions, quirks: ChatQuirks, traits: ModelTraits): EncodedSearch | undefined {
  switch (quirks.webSearch) {
    case 'search-models':
      return traits.isSearch ? { fields: { [WEB_SEARCH_OPTIONS]: optionsOf(options) } } : undefined;
    case 'always':
      return { fields: { [WEB_SEARCH_OPTIONS]: optionsOf(options) } };
    case 'enable_search':
      return { fields: { enable_search: true } };
    case 'openrouter':
      return { tool: { type: 'openrouter:web_search', ...parametersOf(options) } };
    case 'zhipu':
      return { tool: { type: 'web_search', web_search: { enable: true, search_result: true } } };
    case 'none':
      return undefined;
  }
}

function optionsOf({ contextSize, userLocation }: WebSearchOptions): JsonObject {
  return {
    ...(contextSize === undefined ? {} : { search_context_size: contextSize }),
    ...(userLocation === undefined ? {} : { user_location: { type: 'approximate', approximate: userLocation } }),
  };
}

function parametersOf({ contextSize, maxUses }: WebSearchOptions): JsonObject {
  const parameters = {
    ...(maxUses === undefined ? {} : { max_uses: maxUses }),
    ...(contextSize === undefined ? {} : { search_context_size: contextSize }),
  };
  return Object.keys(parameters).length === 0 ? {} : { parameters };
}
