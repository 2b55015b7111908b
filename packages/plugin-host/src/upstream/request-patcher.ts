import type { RequestPatch } from '@proxycast/spec/plugin';
import { compileJson, type LeaseValues } from './fill-lease.ts';

/**
 * A lease's patch in the shape the gateway splices: top-level fields removed and set without parsing the body, and bytes to
 * put before and after it for an envelope. `rewrite` is there where a path goes deeper: then the body has to be parsed.
 */
export interface RequestPatcher {
  readonly top: (
    values: LeaseValues,
  ) => { readonly remove?: readonly string[]; readonly set?: Readonly<Record<string, unknown>> } | undefined;
  readonly envelope?: (values: LeaseValues) => { readonly before: Uint8Array; readonly after: Uint8Array };
  readonly rewrite?: (body: unknown, values: LeaseValues) => unknown;
}

const CLOSE: Uint8Array = Buffer.from('}');

export function createRequestPatcher(patch: RequestPatch | undefined): RequestPatcher {
  const remove = (patch?.remove ?? []).map(splitPath);
  const set = Object.entries(patch?.set ?? {}).map(([path, value]) => ({
    path: splitPath(path),
    value: compileJson(value),
  }));
  const topRemove = remove.filter(isTop).map(([name = '']) => name);
  const topSet = set.filter(({ path }) => isTop(path));
  const isFixed = topSet.every(({ value }) => value.isFixed);
  const fillTop = (values: LeaseValues): ReturnType<RequestPatcher['top']> =>
    topRemove.length === 0 && topSet.length === 0
      ? undefined
      : {
          ...(topRemove.length === 0 ? {} : { remove: topRemove }),
          ...(topSet.length === 0
            ? {}
            : { set: Object.fromEntries(topSet.map(({ path: [name = ''], value }) => [name, value.fill(values)])) }),
        };
  const fixed = isFixed ? fillTop(NO_VALUES) : undefined;
  const deepRemove = remove.filter((path) => !isTop(path));
  const deepSet = set.filter(({ path }) => !isTop(path));
  return {
    top: isFixed ? () => fixed : fillTop,
    ...(patch?.envelope === undefined ? {} : { envelope: compileEnvelope(patch.envelope) }),
    ...(deepRemove.length === 0 && deepSet.length === 0
      ? {}
      : {
          rewrite: (body, values) => {
            for (const path of deepRemove) removeAt(body, path);
            for (const { path, value } of deepSet) setAt(body, path, value.fill(values));
            return body;
          },
        }),
  };
}

const NO_VALUES: LeaseValues = { sessionId: '', requestId: '', model: '', nowMs: 0 };

const isTop = (path: readonly string[]): boolean => path.length === 1;

/** `a.b\.c` is `a`, then `b.c`. */
function splitPath(path: string): readonly string[] {
  return path.split(/(?<!\\)\./).map((name) => name.replaceAll('\\.', '.'));
}

function compileEnvelope({
  field,
  beside,
}: NonNullable<RequestPatch['envelope']>): NonNullable<RequestPatcher['envelope']> {
  const { fill, isFixed } = compileJson(beside);
  const render = (values: LeaseValues): { readonly before: Uint8Array; readonly after: Uint8Array } => {
    const text = JSON.stringify(fill(values));
    const start = text === '{}' ? '{' : `${text.slice(0, -1)},`;
    return { before: Buffer.from(`${start}${JSON.stringify(field)}:`), after: CLOSE };
  };
  if (!isFixed) return render;
  const once = render(NO_VALUES);
  return () => once;
}

type Fields = Record<string, unknown>;
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** What an object has of its own; a path never leads into a prototype. */
const own = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

function removeAt(body: unknown, path: readonly string[]): void {
  const parent = path.slice(0, -1).reduce(own, body);
  if (isObject(parent)) delete parent[path.at(-1) ?? ''];
}

/** Makes the objects on the way; leaves the body alone where something else is in the way. */
function setAt(body: unknown, path: readonly string[], value: unknown): void {
  let parent = body;
  for (const name of path.slice(0, -1)) {
    if (!isObject(parent)) return;
    if (own(parent, name) === undefined) define(parent, name, {});
    parent = own(parent, name);
  }
  if (isObject(parent)) define(parent, path.at(-1) ?? '', value);
}

/** Also where the name is `__proto__`. */
function define(target: Fields, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}
