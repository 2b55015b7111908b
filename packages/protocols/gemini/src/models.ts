import { InvalidRequestError, type ListedModel, type ModelListRenderer } from '@proxycast/spec';
import { modelListPaths } from './endpoints.ts';

const DEFAULT_PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 1000;

/** Pages by `pageSize` and `pageToken`, which is the last id of the page before. Throws InvalidRequestError for another. */
export const models: ModelListRenderer = {
  paths: modelListPaths,
  selectedByHeader: 'x-goog-api-key',
  renderList(all, query) {
    const size = readPageSize(query.get('pageSize'));
    const from = findStart(all, query.get('pageToken'));
    const page = all.slice(from, from + size);
    const last = page[page.length - 1];
    return {
      models: page.map(renderModel),
      ...(last !== undefined && from + size < all.length ? { nextPageToken: last.id } : {}),
    };
  },
  renderOne: renderModel,
};

function renderModel({ id, ownedBy }: ListedModel): Readonly<Record<string, unknown>> {
  return {
    name: `models/${id}`,
    displayName: id,
    description: `Served by ${ownedBy}.`,
    supportedGenerationMethods: ['generateContent', 'countTokens'],
  };
}

function findStart(all: readonly ListedModel[], token: string | null): number {
  if (token === null || token === '') return 0;
  const last = all.findIndex(({ id }) => id === token);
  if (last >= 0) return last + 1;
  throw new InvalidRequestError({
    message: 'The page token is not one of this list. Begin without it.',
    field: 'pageToken',
  });
}

function readPageSize(text: string | null): number {
  const size = text !== null && /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return size === 0 ? DEFAULT_PAGE_SIZE : Math.min(MAX_PAGE_SIZE, size);
}
