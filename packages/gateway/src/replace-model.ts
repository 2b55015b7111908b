import { spliceBytes } from '@proxycast/wire';
import type { ClientRequest } from './stages/read-request.ts';

/** The body with the model's value replaced, every other byte as it was. */
export function replaceModel(request: Pick<ClientRequest, 'body' | 'modelSpan'>, model: string): Buffer {
  const { body, modelSpan } = request;
  if (modelSpan === undefined) return body;
  const bytes = Buffer.from(modelSpan.isJson ? JSON.stringify(model) : model);
  return spliceBytes(body, [{ start: modelSpan.start, end: modelSpan.end, bytes }]);
}
