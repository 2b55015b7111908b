import { isObject, type JsonObject, textOf } from '@proxycast/wire';

export interface ParsedModel {
  readonly id: string;
  readonly ownedBy?: string;
}

const MAX_MODELS = 10_000;

/** Where vendors put the rows of a list. */
const LISTS = [
  'data',
  'models',
  'publisherModels',
  'modelSummaries',
  'inferenceProfileSummaries',
  'result',
  'endpoints',
] as const;
/** What they call a row's model, the more exact first. */
const NAMES = ['inferenceProfileId', 'modelId', 'id', 'name'] as const;
/** What Gemini's models can do that a client could ask for. */
const CALLABLE = ['generateContent', 'embedContent'];

/** Reads a page of a vendor's model list in the shapes vendors use; `undefined` when it is none of them. */
export function parseModelList(value: unknown): readonly ParsedModel[] | undefined {
  const rows = Array.isArray(value) ? value : isObject(value) ? rowsOf(value) : undefined;
  // Cloudflare's ids are no names: its models are called by name.
  const names = isObject(value) && Array.isArray(value['result']) ? ['name', 'id'] : NAMES;
  return rows?.slice(0, MAX_MODELS).flatMap((row: unknown): readonly ParsedModel[] => {
    if (!isObject(row) || !isCallable(row)) return [];
    const name = names.map((field) => textOf(row[field])).find((text) => text !== undefined);
    if (name === undefined) return [];
    const owner = textOf(row['owned_by']) ?? textOf(row['providerName']);
    return [
      { id: name.replace(/^(?:publishers\/[^/]+\/)?models\//, ''), ...(owner === undefined ? {} : { ownedBy: owner }) },
    ];
  });
}

function rowsOf(value: JsonObject): readonly unknown[] | undefined {
  for (const field of LISTS) {
    const rows = value[field];
    if (Array.isArray(rows)) return rows;
  }
  return undefined;
}

function isCallable({ supportedGenerationMethods: methods, inferenceTypesSupported: types }: JsonObject): boolean {
  if (Array.isArray(methods)) return CALLABLE.some((method) => methods.includes(method));
  // A model of Bedrock that is served only through a profile is listed as that profile.
  return !Array.isArray(types) || types.includes('ON_DEMAND');
}
