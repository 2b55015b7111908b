import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isObject, isString, type JsonObject, parseJson } from './json.ts';

const FOLDER = fileURLToPath(new URL('../fixtures/recordings/', import.meta.url));

/** One real answer, as `fixtures/recordings/manifest.json` describes it. */
export interface Recording {
  /** Path inside the folder; also its name in tests. */
  readonly file: string;
  /** `anthropic`, `openai-chat`, `openai-responses`, `gemini`, their `…-count`, or `models`. */
  readonly protocol: string;
  /** Who answered. */
  readonly vendor: string;
  readonly kind: 'stream' | 'body';
  readonly status: number;
  readonly model?: string;
  readonly shows: readonly string[];
  /** Host, path and query without the scheme. */
  readonly endpoint?: string;
  /** `as-recorded` keeps the bytes of the wire; the others are explained in the manifest's `about`. */
  readonly framing: 'as-recorded' | 're-serialised' | 're-framed';
  readonly origin: string;
  readonly sequence?: { readonly id: string; readonly step: number; readonly steps: number };
  readonly byteLength: number;
  readonly hasRequest: boolean;
  /** The answer's bytes, read on the first call. */
  bytes(): Buffer;
  /** The request that led to it, as JSON text; `undefined` where none was kept. */
  requestText(): string | undefined;
}

export interface RecordingFilter {
  readonly protocol?: string | readonly string[];
  readonly vendor?: string | readonly string[];
  readonly kind?: 'stream' | 'body';
  readonly status?: number;
  /** Everything it must show, for example `tool-call`. */
  readonly shows?: readonly string[];
  readonly framing?: Recording['framing'];
  readonly hasRequest?: boolean;
}

let all: readonly Recording[] | undefined;

/** The recordings the filter lets through, in the manifest's order. */
export function loadRecordings(filter: RecordingFilter = {}): readonly Recording[] {
  all ??= readManifest();
  return all.filter((recording) => matches(recording, filter));
}

/** The one recording of that file name. Throws when there is none. */
export function recordingOf(file: string): Recording {
  const found = loadRecordings().find((recording) => recording.file === file);
  if (found === undefined)
    throw new RangeError(`No recording is called ${file}; see fixtures/recordings/manifest.json.`);
  return found;
}

/** The parsed request that led to a recording; `undefined` where none was kept. */
export function requestOf(recording: Recording): JsonObject | undefined {
  const text = recording.requestText();
  const value = text === undefined ? undefined : parseJson(text);
  return isObject(value) ? value : undefined;
}

function matches(recording: Recording, filter: RecordingFilter): boolean {
  const isIn = (value: string, wanted: string | readonly string[] | undefined) =>
    wanted === undefined || (isString(wanted) ? value === wanted : wanted.includes(value));
  return (
    isIn(recording.protocol, filter.protocol) &&
    isIn(recording.vendor, filter.vendor) &&
    (filter.kind === undefined || recording.kind === filter.kind) &&
    (filter.status === undefined || recording.status === filter.status) &&
    (filter.framing === undefined || recording.framing === filter.framing) &&
    (filter.hasRequest === undefined || filter.hasRequest === recording.hasRequest) &&
    (filter.shows ?? []).every((shown) => recording.shows.includes(shown))
  );
}

function readManifest(): readonly Recording[] {
  const manifest = parseJson(readFileSync(`${FOLDER}manifest.json`, 'utf8'));
  if (!isObject(manifest) || !Array.isArray(manifest.files)) {
    throw new TypeError('fixtures/recordings/manifest.json has no list of files.');
  }
  return manifest.files.map(parseRecording);
}

function parseRecording(row: unknown): Recording {
  if (!isObject(row)) throw new TypeError('A row of the manifest is no object.');
  const text = (field: string): string => {
    const value = row[field];
    if (!isString(value)) throw new TypeError(`${field} is missing in the manifest's row ${JSON.stringify(row.file)}.`);
    return value;
  };
  const count = (source: JsonObject, field: string): number => {
    const value = source[field];
    if (typeof value !== 'number') throw new TypeError(`${field} is no number in the row ${JSON.stringify(row.file)}.`);
    return value;
  };
  const kind = text('kind');
  if (kind !== 'stream' && kind !== 'body') throw new TypeError(`Unknown kind ${kind}.`);
  const framing = text('framing');
  if (framing !== 'as-recorded' && framing !== 're-serialised' && framing !== 're-framed') {
    throw new TypeError(`Unknown framing ${framing}.`);
  }
  const { model, endpoint, request, sequence, shows } = row;
  let bytes: Buffer | undefined;
  let requestText: string | undefined;
  return {
    file: text('file'),
    protocol: text('protocol'),
    vendor: text('vendor'),
    kind,
    status: count(row, 'status'),
    shows: Array.isArray(shows) ? shows.filter(isString) : [],
    framing,
    origin: text('origin'),
    byteLength: count(row, 'bytes'),
    hasRequest: isString(request),
    ...(isString(model) ? { model } : {}),
    ...(isString(endpoint) ? { endpoint } : {}),
    ...(isObject(sequence) && isString(sequence.id)
      ? { sequence: { id: sequence.id, step: count(sequence, 'step'), steps: count(sequence, 'steps') } }
      : {}),
    bytes() {
      bytes ??= readFileSync(FOLDER + text('file'));
      return bytes;
    },
    requestText() {
      if (!isString(request)) return undefined;
      requestText ??= readFileSync(FOLDER + request, 'utf8');
      return requestText;
    },
  };
}
