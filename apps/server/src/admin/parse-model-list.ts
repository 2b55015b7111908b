export interface ParsedModel {
  readonly id: string;
  readonly ownedBy?: string;
}

const MAX_MODELS = 10_000;

/**
 * Reads a vendor's model list in the shapes vendors use: `{data: [{id}]}`, `{models: [{name: "models/x"}]}`, a bare
 * array. Answers `undefined` when it is none of them.
 */
export function parseModelList(text: string): readonly ParsedModel[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const rows = rowsOf(value);
  return rows?.slice(0, MAX_MODELS).flatMap((row): readonly ParsedModel[] => {
    const fields = asRecord(row);
    const name = fields?.['id'] ?? fields?.['name'];
    if (typeof name !== 'string' || name === '') return [];
    const owner = fields?.['owned_by'];
    return [{ id: name.replace(/^models\//, ''), ...(typeof owner === 'string' ? { ownedBy: owner } : {}) }];
  });
}

function rowsOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  const fields = asRecord(value);
  const rows = fields?.['data'] ?? fields?.['models'];
  return Array.isArray(rows) ? rows : undefined;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : undefined;
}
