import type { IncomingHttpHeaders } from 'node:http';
import { matchGlob } from '@proxycast/routing';
import { type ClientKey, type ListedModel, ModelNotFoundError, type Protocol } from '@proxycast/spec';

/** A path on which models are listed, recognised. */
export interface ModelsMatch {
  readonly protocol: Protocol;
  /** One model, by name; absent for the list. */
  readonly model?: string;
}

export type ModelsMatcher = (pathname: string, headers: IncomingHttpHeaders) => ModelsMatch | undefined;

/** Finds the dialect of a models path: by the path, and on a shared one by the header its clients send. */
export function createModelsMatcher(protocols: readonly Protocol[]): ModelsMatcher {
  const byPath = new Map<string, Protocol[]>();
  for (const protocol of protocols) {
    for (const path of protocol.models?.paths ?? []) byPath.set(path, [...(byPath.get(path) ?? []), protocol]);
  }
  return (pathname, headers) => {
    for (const [path, sharing] of byPath) {
      if (!pathname.startsWith(path)) continue;
      const rest = pathname.slice(path.length);
      if (rest !== '' && (!rest.startsWith('/') || rest.length < 2)) continue;
      const protocol =
        sharing.find(
          ({ models }) => models?.selectedByHeader !== undefined && headers[models.selectedByHeader] !== undefined,
        ) ??
        sharing.find(({ models }) => models?.selectedByHeader === undefined) ??
        sharing[0];
      if (protocol === undefined) return undefined;
      if (rest === '') return { protocol };
      try {
        return { protocol, model: decodeURIComponent(rest.slice(1)) };
      } catch {
        return undefined;
      }
    }
    return undefined;
  };
}

/** Who owns aliases, which lead to whichever provider. */
export const ALIAS_OWNER = 'proxycast';

/** The models this key may use, as a JSON value in the dialect's shape. Throws ModelNotFoundError. */
export function renderModels(
  { protocol, model }: ModelsMatch,
  models: readonly ListedModel[],
  clientKey: ClientKey,
  query: string,
): unknown {
  const renderer = protocol.models;
  const { allowedModels, allowedProviders } = clientKey;
  const seen = new Set<string>();
  const allowed = models.filter(({ id, ownedBy }) => {
    if (seen.has(id)) return false;
    if (allowedModels !== undefined && !allowedModels.some((glob) => matchGlob(glob, id))) return false;
    if (allowedProviders !== undefined && ownedBy !== ALIAS_OWNER && !allowedProviders.includes(ownedBy)) return false;
    // Several providers may list the same model; a client asks for it by one name.
    seen.add(id);
    return true;
  });
  if (model === undefined) return renderer?.renderList(allowed, new URLSearchParams(query));
  const found = allowed.find(({ id }) => id === model);
  if (found === undefined) throw new ModelNotFoundError(model, 'GET the list of models to see what is.');
  return renderer?.renderOne(found);
}
