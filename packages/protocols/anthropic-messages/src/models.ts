import type { ListedModel, ModelListRenderer } from '@proxycast/spec';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1000;

/** Pages by `limit` and by `after_id` or `before_id`, as `GET /v1/models` of the API does. */
export const models: ModelListRenderer = {
  paths: ['/v1/models'],
  selectedByHeader: 'anthropic-version',
  renderList(all, query) {
    const limit = readLimit(query.get('limit'));
    const before = indexOf(all, query.get('before_id'));
    const from = indexOf(all, query.get('after_id')) + 1;
    const page = before >= 0 ? all.slice(Math.max(0, before - limit), before) : all.slice(from, from + limit);
    return {
      data: page.map(renderModel),
      has_more: before >= 0 ? before > limit : from + limit < all.length,
      first_id: page[0]?.id ?? null,
      last_id: page[page.length - 1]?.id ?? null,
    };
  },
  renderOne: renderModel,
};

function renderModel({ id, createdAt }: ListedModel): Readonly<Record<string, unknown>> {
  return { type: 'model', id, display_name: id, created_at: new Date(createdAt).toISOString() };
}

const indexOf = (all: readonly ListedModel[], id: string | null): number =>
  id === null ? -1 : all.findIndex((model) => model.id === id);

function readLimit(text: string | null): number {
  const limit = text !== null && /^\d{1,6}$/.test(text) ? Number(text) : DEFAULT_LIMIT;
  return Math.min(MAX_LIMIT, Math.max(1, limit));
}
