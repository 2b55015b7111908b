import { type DeclaredConfig, declaredConfigSchema } from '@proxycast/console-api';
import { LineCounter, parseDocument } from 'yaml';
import type { ConfigFault } from '../config/parse-server-config.ts';

export type ParsedDeclaration =
  | { readonly type: 'valid'; readonly config: DeclaredConfig }
  | { readonly type: 'faulty'; readonly faults: readonly ConfigFault[] };

/** Reads `proxycast.yaml`: the whole of it, or every fault with its place. An empty file declares nothing. */
export function parseDeclared(text: string): ParsedDeclaration {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: false });
  if (document.errors.length > 0) {
    return {
      type: 'faulty',
      faults: document.errors.map(({ message, pos }) => ({
        path: `proxycast.yaml line ${lines.linePos(pos[0]).line}`,
        message: `is no YAML: ${message}`,
      })),
    };
  }
  const value: unknown = document.toJS({ maxAliasCount: 100 }) ?? {};
  const result = declaredConfigSchema.safeParse(value);
  if (result.success) return { type: 'valid', config: result.data };
  return {
    type: 'faulty',
    faults: result.error.issues.map(({ path, message }) => ({
      path: `proxycast.yaml ${path.length === 0 ? '' : path.map(String).join('.')}`.trim(),
      message: `is wrong: ${message}`,
    })),
  };
}
