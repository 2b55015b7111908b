import { parseSync, Visitor } from 'rolldown/utils';

export interface Import {
  readonly specifier: string;
  readonly line: number;
}

/**
 * Everything a source file imports by a fixed name: imports, exports from elsewhere, dynamic imports, types' `import()`.
 * Throws when the source cannot be parsed.
 */
export function readImports(path: string, source: string): readonly Import[] {
  const { program, errors } = parseSync(path, source);
  const error = errors.find(({ severity }) => severity === 'Error');
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);

  const found: { specifier: string; start: number }[] = [];
  const add = (node: { value: unknown; start: number } | null): void => {
    if (typeof node?.value === 'string') found.push({ specifier: node.value, start: node.start });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    ImportExpression: (node) => {
      if (node.source.type === 'Literal') add(node.source);
    },
    TSImportType: (node) => add(node.source),
  }).visit(program);
  return found.map(({ specifier, start }) => ({ specifier, line: source.slice(0, start).split('\n').length }));
}
