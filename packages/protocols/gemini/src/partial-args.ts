import type { JsonObject } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';

// A path from outside must not make a deep or a sparse value.
const MAX_SEGMENTS = 64;

type Container = Record<string, unknown> | unknown[];

/** The arguments of a call that come in pieces, each with the path of its place: `$.location`, `$.stops[0]['name']`. */
export class PartialArgs {
  readonly #args: Record<string, unknown> = {};
  /** The path of a text that goes on. */
  #openPath: unknown;

  /** Arguments that came whole. */
  assign(args: JsonObject): void {
    for (const [name, value] of Object.entries(args)) setOwn(this.#args, name, value);
  }

  add(piece: unknown): void {
    if (!isObject(piece) || typeof piece.jsonPath !== 'string') return;
    const path = parsePath(piece.jsonPath);
    if (path === undefined) return;
    const { stringValue, numberValue, boolValue, willContinue } = piece;
    if (typeof stringValue === 'string') this.#addText(path, piece.jsonPath, stringValue);
    else if (typeof numberValue === 'number') setAt(this.#args, path, () => numberValue);
    else if (typeof boolValue === 'boolean') setAt(this.#args, path, () => boolValue);
    else if ('nullValue' in piece) setAt(this.#args, path, () => null);
    this.#openPath = willContinue === true ? piece.jsonPath : undefined;
  }

  json(): string {
    return JSON.stringify(this.#args);
  }

  #addText(path: readonly Segment[], jsonPath: string, text: string): void {
    const goesOn = this.#openPath === jsonPath;
    setAt(this.#args, path, (before) => (goesOn && typeof before === 'string' ? before + text : text));
  }
}

type Segment = string | number;

/** `undefined` for a text that is no path of this kind. */
function parsePath(path: string): readonly Segment[] | undefined {
  const segments: Segment[] = [];
  const pattern = /\.([^.[\]]+)|\[(\d{1,6})\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;
  pattern.lastIndex = path.startsWith('$') ? 1 : 0;
  const text = path.startsWith('$') || path.startsWith('[') ? path : `.${path}`;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null || segments.length === MAX_SEGMENTS) return undefined;
    const [, name, index, single, double] = match;
    segments.push(index === undefined ? (name ?? unescapeText(single ?? double ?? '')) : Number(index));
  }
  return segments.length === 0 ? undefined : segments;
}

const unescapeText = (text: string): string => text.replace(/\\(.)/g, '$1');

function setAt(root: Record<string, unknown>, path: readonly Segment[], change: (before: unknown) => unknown): void {
  let container: Container = root;
  for (let at = 0; at < path.length - 1; at++) {
    const segment = keyIn(container, path[at] ?? '');
    const inner = getOwn(container, segment);
    if (isContainer(inner)) {
      container = inner;
      continue;
    }
    const made: Container = typeof path[at + 1] === 'number' ? [] : {};
    setOwn(container, segment, made);
    container = made;
  }
  const last = keyIn(container, path[path.length - 1] ?? '');
  setOwn(container, last, change(getOwn(container, last)));
}

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

/** A place beyond the end of a list is the next one. */
function keyIn(container: Container, segment: Segment): Segment {
  if (!Array.isArray(container)) return String(segment);
  return typeof segment === 'number' ? Math.min(segment, container.length) : container.length;
}

function getOwn(container: Container, segment: Segment): unknown {
  if (Array.isArray(container)) return typeof segment === 'number' ? container[segment] : undefined;
  return Object.hasOwn(container, segment) ? container[segment] : undefined;
}

/** As JSON does it: `__proto__` is a name like any other. */
function setOwn(container: Container, segment: Segment, value: unknown): void {
  Object.defineProperty(container, segment, { value, writable: true, enumerable: true, configurable: true });
}
