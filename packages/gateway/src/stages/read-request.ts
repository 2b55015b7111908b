import { type AnswerKeeping, type ClientEndpoint, InvalidRequestError, type KeepingWish } from '@proxycast/spec';
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
import { readWishOfLarge } from '../keeping/read-keeping-wish.ts';

/** What the gateway needs to know of a request's body; the bytes themselves stay as the client sent them. */
export interface ClientRequest {
  readonly body: ChunkedBytes;
  /** Empty where the endpoint names none. */
  readonly model: string;
  readonly isStream: boolean;
  /** Where the model's value is replaced when the upstream knows it by another name; a JSON field is found when it has to be. */
  readonly modelPlace: ModelPlace;
  /** What it says of kept answers. Absent where the dialect knows none, or a large body holds no word of them. */
  readonly wish?: KeepingWish;
}

export type ModelPlace =
  | { readonly type: 'json-field' }
  | { readonly type: 'form-field'; readonly start: number; readonly end: number }
  | { readonly type: 'elsewhere' };

const JSON_FIELD: ModelPlace = { type: 'json-field' };
const ELSEWHERE: ModelPlace = { type: 'elsewhere' };

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
  readonly keeping?: AnswerKeeping | undefined;
}

/** Whether the body of this endpoint is a JSON object. */
export function takesJson({ method, model }: ClientEndpoint): boolean {
  return method === 'POST' && (model === 'body' || model === 'path');
}

/** Throws InvalidRequestError that names the field. */
export function readRequest(received: ReceivedRequest): ClientRequest {
  const { endpoint, parameter, contentType, body, isModelLimited, keeping } = received;
  if (endpoint.method !== 'POST') return { body, model: '', isStream: false, modelPlace: ELSEWHERE };
  switch (endpoint.model) {
    case 'form':
      return readForm(contentType, body);
    case 'none':
      return { body, model: '', isStream: false, modelPlace: ELSEWHERE };
    case 'path':
      if (body.length <= MAX_CHECKED_BODY_BYTES) parseObject(body.joined().toString('latin1'));
      return {
        body,
        model: checkModel(parameter ?? ''),
        isStream: endpoint.stream === 'always',
        modelPlace: ELSEWHERE,
      };
    case 'body': {
      const { checkedBody, model, stream, parsed } = readJson(body, isModelLimited);
      const wish = keeping === undefined ? undefined : readWish(checkedBody, parsed, keeping);
      return {
        body: checkedBody,
        model: checkModel(model),
        isStream: endpoint.stream === 'always' || (endpoint.stream === 'body' && checkStream(stream)),
        modelPlace: JSON_FIELD,
        ...(wish === undefined ? {} : { wish }),
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
  // An upstream could take the second one.
  if (model !== undefined && findFormField(bytes.subarray(model.end), contentType, 'model') !== undefined) {
    throw new InvalidRequestError({
      code: 'invalid_model',
      message: 'The form names the model twice.',
      field: 'model',
    });
  }
  const stream = findFormField(bytes, contentType, 'stream');
  return {
    body,
    model: checkModel(model?.value.trim()),
    isStream: stream?.value.trim() === 'true',
    modelPlace: model === undefined ? ELSEWHERE : { type: 'form-field', start: model.start, end: model.end },
  };
}

interface ReadJson {
  readonly checkedBody: ChunkedBytes;
  /** The values of the fields, whatever they are; `undefined` when they are absent. */
  readonly model: unknown;
  readonly stream: unknown;
  /** Of a body that was small enough to be parsed. */
  readonly parsed?: JsonObject;
}

const readWish = (
  body: ChunkedBytes,
  parsed: JsonObject | undefined,
  keeping: AnswerKeeping,
): KeepingWish | undefined => (parsed === undefined ? readWishOfLarge(body, keeping) : keeping.readWish(parsed));

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
    // Behind the break a more lenient parser could still read another model than this key may use.
    const isPassable =
      (scan.type === 'object' || (scan.type === 'broken' && !isModelLimited)) &&
      scan.fields.some(({ key }) => key === 'model');
    if (isPassable) return readFields(body, scan.fields);
  }
  const bytes = body.joined();
  // A character for each byte: JSON's own characters are ASCII, and a text with others is read in half the time like this.
  const text = bytes.toString('latin1');
  const parsed = parseObject(text);
  const isAmbiguous = !isPlain(text) && scanTopLevel(bytes).type === 'ambiguous';
  if (!isAmbiguous && isAscii(parsed['model'])) {
    return { checkedBody: body, model: parsed['model'], stream: parsed['stream'], parsed };
  }
  const decoded = parseObject(bytes.toString('utf8'));
  const checkedBody = isAmbiguous ? new ChunkedBytes([Buffer.from(JSON.stringify(decoded))]) : body;
  return { checkedBody, model: decoded['model'], stream: decoded['stream'], parsed: decoded };
}

/** Whether the value is the same, whatever encoding its text was read in. */
function isAscii(value: unknown): boolean {
  return typeof value !== 'string' || /^[ -~]*$/.test(value);
}

/** What a body in which two parsers read different values must hold twice, and the escape that could hide a key. */
const TELLTALES = /"(?:model|stream)"|\\u/g;

/** Neither a second key of these names nor a text that looks like one is there: then no scan is needed. */
function isPlain(text: string): boolean {
  let models = 0;
  let streams = 0;
  TELLTALES.lastIndex = 0;
  while (TELLTALES.test(text)) {
    switch (text[TELLTALES.lastIndex - 2]) {
      case 'l':
        if (++models > 1) return false;
        break;
      case 'm':
        if (++streams > 1) return false;
        break;
      default:
        return false;
    }
  }
  return true;
}

function scanChunks(body: ChunkedBytes): TopLevelScan {
  const scanner = new TopLevelScanner();
  for (const chunk of body.chunks) scanner.push(chunk);
  return scanner.end();
}

function readFields(checkedBody: ChunkedBytes, fields: readonly TopLevelField[]): ReadJson {
  const read = (name: string): unknown => {
    const field = fields.find(({ key }) => key === name);
    return field && parseJson(checkedBody.slice(field.valueStart, field.valueEnd).toString('utf8'));
  };
  return { checkedBody, model: read('model'), stream: read('stream') };
}

function parseObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InvalidRequestError({ code: 'invalid_json', message: 'The request body is not valid JSON.', cause });
  }
  if (!isObject(value)) {
    throw new InvalidRequestError({ code: 'invalid_json', message: 'The request body must be a JSON object.' });
  }
  return value;
}

function checkModel(value: unknown): string {
  const isName =
    typeof value === 'string' && value.length <= MAX_MODEL_LENGTH && value.isWellFormed() && !/\p{Cc}/u.test(value);
  if (isName && value !== '') return value;
  throw new InvalidRequestError({
    code: value === undefined || value === '' ? 'missing_model' : 'invalid_model',
    message:
      value === undefined || value === ''
        ? 'The request names no model. GET /v1/models lists what this ProxyCast serves.'
        : `model must be a string of at most ${MAX_MODEL_LENGTH} characters, without control characters.`,
    field: 'model',
  });
}

function checkStream(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === 'boolean') return value;
  throw new InvalidRequestError({ code: 'invalid_type', message: 'stream must be true or false.', field: 'stream' });
}
