import type { ClientEndpoint } from '@proxycast/spec';
import { InvalidRequestError } from '@proxycast/spec';
import {
  ChunkedBytes,
  findFormField,
  isObject,
  type JsonObject,
  parseJson,
  peekTopLevel,
  scanTopLevel,
  type TopLevelField,
  type TopLevelScan,
  TopLevelScanner,
} from '@proxycast/wire';

/** What the gateway needs to know of a request's body; the bytes themselves stay as the client sent them. */
export interface ClientRequest {
  readonly body: ChunkedBytes;
  /** Empty where the endpoint names none. */
  readonly model: string;
  readonly isStream: boolean;
  /** The bytes of the model's value, to be replaced when the upstream knows it by another name. */
  readonly modelSpan?: { readonly start: number; readonly end: number; readonly isJson: boolean };
}

/** Up to this size a body is checked for being JSON; broken JSON in a larger one is the upstream's to refuse. */
export const MAX_CHECKED_BODY_BYTES = 64 * 1024;

const MAX_MODEL_LENGTH = 512;

export interface ReceivedRequest {
  readonly endpoint: ClientEndpoint;
  /** Value of `{model}` or `{id}` in the path. */
  readonly parameter?: string;
  readonly contentType: string;
  readonly body: ChunkedBytes;
  /** Whether the key may use only some models: then no byte of the body's top level goes unseen. */
  readonly isModelLimited: boolean;
}

/** Whether the body of this endpoint is a JSON object. */
export function takesJson({ method, model }: ClientEndpoint): boolean {
  return method === 'POST' && (model === 'body' || model === 'path');
}

/** Throws InvalidRequestError that names the field. */
export function readRequest(received: ReceivedRequest): ClientRequest {
  const { endpoint, parameter, contentType, body, isModelLimited } = received;
  if (endpoint.method !== 'POST') return { body, model: '', isStream: false };
  switch (endpoint.model) {
    case 'form':
      return readForm(contentType, body);
    case 'none':
      return { body, model: '', isStream: false };
    case 'path':
      if (body.length <= MAX_CHECKED_BODY_BYTES) parseObject(body.joined());
      return { body, model: checkModel(parameter ?? ''), isStream: endpoint.stream === 'always' };
    case 'body': {
      const { checkedBody, model, stream } = readJson(body, isModelLimited);
      return {
        body: checkedBody,
        model: checkModel(model?.value),
        isStream: endpoint.stream === 'always' || (endpoint.stream === 'body' && checkStream(stream?.value)),
        ...(model === undefined ? {} : { modelSpan: { start: model.start, end: model.end, isJson: true } }),
      };
    }
  }
}

function readForm(contentType: string, body: ChunkedBytes): ClientRequest {
  if (!contentType.toLowerCase().startsWith('multipart/form-data')) {
    throw new InvalidRequestError({
      code: 'invalid_content_type',
      message: 'This endpoint takes multipart/form-data with a boundary.',
    });
  }
  const bytes = body.joined();
  const model = findFormField(bytes, contentType, 'model');
  const stream = findFormField(bytes, contentType, 'stream');
  return {
    body,
    model: checkModel(model?.value.trim()),
    isStream: stream?.value.trim() === 'true',
    ...(model === undefined ? {} : { modelSpan: { start: model.start, end: model.end, isJson: false } }),
  };
}

interface ReadField {
  readonly value: unknown;
  readonly start: number;
  readonly end: number;
}

interface ReadJson {
  readonly checkedBody: ChunkedBytes;
  readonly model: ReadField | undefined;
  readonly stream: ReadField | undefined;
}

/**
 * `model` and `stream` of a JSON body. A body in which two parsers could read different values (a key twice, a key with
 * escapes) is written anew from one parse, so that the upstream reads what was checked here. In a large body of a key
 * that may use every model nothing hangs on that, and the value that makes it large is passed over: whether an answer
 * streams is then decided by the answer itself.
 */
function readJson(body: ChunkedBytes, isModelLimited: boolean): ReadJson {
  if (body.length > MAX_CHECKED_BODY_BYTES) {
    const peeked = isModelLimited ? undefined : peekTopLevel(body, ['model', 'stream']);
    if (peeked !== undefined) return readFields(body, peeked);
    const scan = scanChunks(body);
    // Without a model a broken body goes nowhere, so the fault is named here.
    const isPassable = scan.type !== 'ambiguous' && scan.fields.some(({ key }) => key === 'model');
    if (isPassable) return readFields(body, scan.fields);
  }
  const bytes = body.joined();
  const parsed = parseObject(bytes);
  const scan = scanTopLevel(bytes);
  if (scan.type !== 'ambiguous') return readFields(body, scan.fields, parsed);
  const rewritten = Buffer.from(JSON.stringify(parsed));
  return readFields(new ChunkedBytes([rewritten]), scanTopLevel(rewritten).fields, parsed);
}

function scanChunks(body: ChunkedBytes): TopLevelScan {
  const scanner = new TopLevelScanner();
  for (const chunk of body.chunks) scanner.push(chunk);
  return scanner.end();
}

function readFields(checkedBody: ChunkedBytes, fields: readonly TopLevelField[], parsed?: JsonObject): ReadJson {
  const read = (name: string): ReadField | undefined => {
    const field = fields.find(({ key }) => key === name);
    if (field === undefined) return undefined;
    const value =
      parsed === undefined
        ? parseJson(checkedBody.slice(field.valueStart, field.valueEnd).toString('utf8'))
        : parsed[name];
    return { value, start: field.valueStart, end: field.valueEnd };
  };
  return { checkedBody, model: read('model'), stream: read('stream') };
}

function parseObject(body: Buffer): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new InvalidRequestError({ code: 'invalid_json', message: 'The request body is not valid JSON.', cause });
  }
  if (!isObject(value)) {
    throw new InvalidRequestError({ code: 'invalid_json', message: 'The request body must be a JSON object.' });
  }
  return value;
}

function checkModel(value: unknown): string {
  if (typeof value === 'string' && value !== '' && value.length <= MAX_MODEL_LENGTH) return value;
  throw new InvalidRequestError({
    code: value === undefined || value === '' ? 'missing_model' : 'invalid_model',
    message:
      value === undefined || value === ''
        ? 'The request names no model. GET /v1/models lists what this ProxyCast serves.'
        : `model must be a string of at most ${MAX_MODEL_LENGTH} characters.`,
    field: 'model',
  });
}

function checkStream(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === 'boolean') return value;
  throw new InvalidRequestError({ code: 'invalid_type', message: 'stream must be true or false.', field: 'stream' });
}
