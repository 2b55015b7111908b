import { isObject, type JsonObject, parseJson, textOf } from './json-value.ts';
import { readSseFrames } from './sse-frames.ts';

/** What an error body says of itself, whichever of the forms in use it has. */
export interface ErrorFields {
  /** The object that describes the error, for what only one service says. */
  readonly error: JsonObject;
  readonly code?: string;
  readonly type?: string;
  readonly message: string;
}

/** A longer body is no error message. */
const MAX_ERROR_BODY_CHARACTERS = 256 * 1024;
const MAX_MESSAGE_CHARACTERS = 4096;
const MAX_NAME_CHARACTERS = 256;
const MAX_LISTED_DETAILS = 5;

/**
 * Reads an error from a JSON body, from an array around it, or from the frame of a stream. Compatible servers mix the
 * forms, so all are read everywhere: `{error:{…}}`, `{error:"text"}`, `{detail}`, `{message}`, `{msg}`.
 * `undefined` when the text is none of them: HTML, nothing, another JSON value.
 */
export function readErrorFields(body: string): ErrorFields | undefined {
  if (body.length > MAX_ERROR_BODY_CHARACTERS) return undefined;
  const text = body.trim();
  const first = text[0];
  if (first === '{' || first === '[') return errorFieldsOf(parseJson(text));
  for (const { data } of readSseFrames(`${text}\n\n`)) {
    const fields = errorFieldsOf(parseJson(data));
    if (fields !== undefined) return fields;
  }
  return undefined;
}

export function errorFieldsOf(value: unknown): ErrorFields | undefined {
  const outer: unknown = Array.isArray(value) ? value[0] : value;
  if (!isObject(outer)) return undefined;
  const inner = isObject(outer.error) ? outer.error : outer;
  const code = nameOf(inner.code) ?? nameOf(outer.code);
  const type = nameOf(inner.type) ?? (outer.type === 'error' ? undefined : nameOf(outer.type));
  const message =
    textOf(inner.message) ??
    textOf(outer.error) ??
    detailOf(outer.detail) ??
    textOf(outer.message) ??
    textOf(outer.msg) ??
    (inner === outer ? undefined : (type ?? code));
  if (message === undefined) return undefined;
  return {
    error: inner,
    message: message.slice(0, MAX_MESSAGE_CHARACTERS).toWellFormed(),
    ...(code === undefined ? {} : { code }),
    ...(type === undefined ? {} : { type }),
  };
}

function nameOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : textOf(value);
  return text?.slice(0, MAX_NAME_CHARACTERS).toWellFormed();
}

/** `{detail}` is FastAPI's: a text, or a list of faults with a `msg` each. */
function detailOf(value: unknown): string | undefined {
  if (!Array.isArray(value)) return isObject(value) ? textOf(value.message) : textOf(value);
  const texts = value
    .slice(0, MAX_LISTED_DETAILS)
    .map((fault: unknown) => (isObject(fault) ? textOf(fault.msg) : textOf(fault)));
  return textOf(texts.filter((text) => text !== undefined).join('; '));
}
