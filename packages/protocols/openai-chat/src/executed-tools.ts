import type { JsonObject, ServerToolKind } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';

/** Tools that Groq's compound models ran, seen 2025-09-17. */
export interface ExecutedTool {
  readonly index: number;
  readonly type: string;
  readonly kind: ServerToolKind;
  readonly input: string;
  /** Absent while it runs. */
  readonly output?: string;
  readonly sources: readonly { readonly url: string; readonly title?: string }[];
}

const KINDS: ReadonlyMap<string, ServerToolKind> = new Map([
  ['search', 'web-search'],
  ['visit', 'web-fetch'],
  ['browser_automation', 'other'],
  ['python', 'code-execution'],
  ['code_interpreter', 'code-execution'],
]);

export function decodeExecutedTools(value: unknown): readonly ExecutedTool[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isObject).map((tool, place) => {
    const type = textOf(tool.type) ?? 'tool';
    const output = textOf(tool.output);
    return {
      index: typeof tool.index === 'number' ? tool.index : place,
      type,
      kind: KINDS.get(type) ?? 'other',
      input: textOf(tool.arguments) ?? '',
      ...(output === undefined ? {} : { output }),
      sources: sourcesOf(tool.search_results),
    };
  });
}

function sourcesOf(value: unknown): ExecutedTool['sources'] {
  const results: unknown = isObject(value) ? value.results : value;
  if (!Array.isArray(results)) return [];
  return results.filter(isObject).flatMap(({ url, title }: JsonObject) => {
    if (textOf(url) === undefined) return [];
    return [{ url: String(url), ...(textOf(title) === undefined ? {} : { title: String(title) }) }];
  });
}
