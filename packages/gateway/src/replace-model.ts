import type { ChunkedBytes } from '@proxycast/wire';
import type { ClientRequest } from './stages/read-request.ts';

/** The body with the model's value replaced, every other byte as it was. */
export function replaceModel(
  { body, modelSpan }: Pick<ClientRequest, 'body' | 'modelSpan'>,
  model: string,
): ChunkedBytes {
  if (modelSpan === undefined) return body;
  const bytes = Buffer.from(modelSpan.isJson ? JSON.stringify(model) : model);
  return body.splice([{ start: modelSpan.start, end: modelSpan.end, bytes }]);
}
