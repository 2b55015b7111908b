import { type ChunkedBytes, TopLevelScanner } from '@proxycast/wire';
import type { ClientRequest } from './stages/read-request.ts';

/** The body with the model's value replaced, every other byte as it was. */
export function replaceModel(
  { body, modelPlace }: Pick<ClientRequest, 'body' | 'modelPlace'>,
  model: string,
): ChunkedBytes {
  switch (modelPlace.type) {
    case 'elsewhere':
      return body;
    case 'form-field':
      return body.splice([{ start: modelPlace.start, end: modelPlace.end, bytes: Buffer.from(model) }]);
    case 'json-field': {
      const scanner = new TopLevelScanner();
      for (const chunk of body.chunks) scanner.push(chunk);
      const field = scanner.end().fields.find(({ key }) => key === 'model');
      if (field === undefined) return body;
      return body.splice([{ start: field.valueStart, end: field.valueEnd, bytes: Buffer.from(JSON.stringify(model)) }]);
    }
  }
}
