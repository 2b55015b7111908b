import type { ClientEndpoint } from '@proxycast/spec';

/**
 * The API's own bases (`/v1` is the default of @google/genai 3.1, seen 2026-11-24), and two under which it stands beside the
 * other dialects.
 */
const BASES = ['/v1beta', '/v1', '/v1/gemini', '/v1/gemini/v1beta'];

const METHODS = [
  { name: 'generateContent', operation: 'chat', stream: 'never' },
  { name: 'streamGenerateContent', operation: 'chat', stream: 'always' },
  { name: 'countTokens', operation: 'count-tokens', stream: 'never' },
  { name: 'embedContent', operation: 'embeddings', stream: 'never' },
  { name: 'batchEmbedContents', operation: 'embeddings-batch', stream: 'never' },
] as const;

export const endpoints: readonly ClientEndpoint[] = BASES.flatMap((base) =>
  METHODS.map(
    ({ name, operation, stream }): ClientEndpoint => ({
      method: 'POST',
      path: `${base}/models/{model}:${name}`,
      operation,
      model: 'path',
      stream,
    }),
  ),
);

export const modelListPaths: readonly string[] = BASES.map((base) => `${base}/models`);
