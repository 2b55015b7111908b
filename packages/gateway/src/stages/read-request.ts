import type { ClientEndpoint } from '@proxycast/spec';
import { InvalidRequestError } from '@proxycast/spec';
import {
  ChunkedBytes,
  findFormField,
  isObject,
  type JsonObject,
  scanTopLevel,
  type TopLevelField,
  type TopLevelScan,
} from '@proxycast/wire';

/** What the gateway needs to know of a request's body; the bytes themselves stay as the client sent them. */
export interface ClientRequest {
  readonly body: ChunkedBytes;
  /** Empty where the endpoint names none. */
  readonly model: string;
  readonly isStream: boolean;
  /** The bytes of the model's value, to be replaced when the upstream knows it by another name. */
  readonly modelSpan?: { readonly start: number; readonly end: number; readonly isJson: boolean };
  /** Top-level fields of a JSON body. */
  readonly fields: readonly TopLevelField[];
}

/** Up to this size a body is checked for being JSON; broken JSON in a larger one is the upstream's to refuse. */
export const MAX_CHECKED_BODY_BYTES = 64 * 1024;

const MAX_MODEL_LENGTH = 512;
const NO_FIELDS: readonly TopLevelField[] = [];

export interface ReceivedRequest {
  readonly endpoint: ClientEndpoint;
  /** Value of `{model}` or `{id}` in the path. */
  readonly parameter?: string;
  readonly contentType: string;
  readonly body: ChunkedBytes;
  /** Of a JSON body. */
  readonly scan?: TopLevelScan;
}

/** Whether `readRequest` wants a scan of the body. */
export function isScannedEndpoint({ method, model }: ClientEndpoint): boolean {
  return method === 'POST' && (model === 'body' || model === 'path');
}

/** Throws InvalidRequestError that names the field. */
export function readRequest(received: ReceivedRequest): ClientRequest {
  const { endpoint, parameter, contentType, body, scan } = received;
  if (endpoint.method !== 'POST') return { body, model: '', isStream: false, fields: NO_FIELDS };
  switch (endpoint.model) {
    case 'form':
      return readForm(contentType, body);
    case 'none':
      return { body, model: '', isStream: false, fields: NO_FIELDS };
    case 'path': {
      const { checkedBody, fields } = readJson(body, scan);
      const model = checkModel(parameter ?? '');
      return { body: checkedBody, model, isStream: endpoint.stream === 'always', fields };
    }
    case 'body': {
      const { checkedBody, fields, parsed } = readJson(body, scan);
      const modelField = fields.find(({ key }) => key === 'model');
      // Without a model a broken body goes nowhere, so the fault is named here.
      if (modelField === undefined && parsed === undefined) parseObject(checkedBody.joined());
      const model = checkModel(readField(checkedBody, parsed, modelField));
      const streamField = fields.find(({ key }) => key === 'stream');
      const isStream = endpoint.stream === 'body' && checkStream(readField(checkedBody, parsed, streamField));
      return {
        body: checkedBody,
        model,
        isStream: isStream || endpoint.stream === 'always',
        fields,
        ...(modelField === undefined
          ? {}
          : { modelSpan: { start: modelField.valueStart, end: modelField.valueEnd, isJson: true } }),
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
    fields: NO_FIELDS,
    ...(model === undefined ? {} : { modelSpan: { start: model.start, end: model.end, isJson: false } }),
  };
}

/**
 * The top-level fields of a JSON body. A body in which two parsers could read different values (a key twice, a key with
 * escapes) is written anew from one parse, so that the upstream reads what was checked here.
 */
function readJson(
  body: ChunkedBytes,
  given: TopLevelScan | undefined,
): { readonly checkedBody: ChunkedBytes; readonly fields: readonly TopLevelField[]; readonly parsed?: JsonObject } {
  const scan = given ?? scanTopLevel(body.joined());
  if (body.length > MAX_CHECKED_BODY_BYTES && scan.type !== 'ambiguous')
    return { checkedBody: body, fields: scan.fields };
  const parsed = parseObject(body.joined());
  if (scan.type !== 'ambiguous') return { checkedBody: body, fields: scan.fields, parsed };
  const rewritten = Buffer.from(JSON.stringify(parsed));
  return { checkedBody: new ChunkedBytes([rewritten]), fields: scanTopLevel(rewritten).fields, parsed };
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

/** A top-level value: of the parsed body where there is one, else parsed by itself. */
function readField(body: ChunkedBytes, parsed: JsonObject | undefined, field: TopLevelField | undefined): unknown {
  if (field === undefined) return undefined;
  if (parsed !== undefined) return parsed[field.key];
  try {
    return JSON.parse(body.slice(field.valueStart, field.valueEnd).toString('utf8'));
  } catch {
    return undefined;
  }
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
