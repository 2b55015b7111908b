import type { ListedModel, ModelListRenderer } from '@proxycast/spec';

/** `GET /v1/models` of the API, which lists everything at once. */
export const models: ModelListRenderer = {
  paths: ['/v1/models'],
  renderList: (all) => ({ object: 'list', data: all.map(renderModel) }),
  renderOne: renderModel,
};

function renderModel({ id, ownedBy, createdAt }: ListedModel): Readonly<Record<string, unknown>> {
  return { id, object: 'model', created: Math.floor(createdAt / 1000), owned_by: ownedBy };
}
