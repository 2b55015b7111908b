import { createQuery } from './create-query.js';
import { byId, drawQuery, drawRows, partOf } from './drawing.js';
import { createProviderForm } from './provider-form.js';
import { createProviderRow } from './provider-row.js';

/** All providers, each with its keys. `isUsed` tells those of the person from presets that wait for a key. */
export function createProvidersQuery(client) {
  const readKeys = async (provider) => {
    // A preset that was never changed has no keys; there are a hundred of them, so they are not asked.
    const isFresh = provider.is_system && !provider.enabled && provider.updated_at === provider.created_at;
    const keys = isFresh ? [] : (await client.call('GET', `/providers/${provider.id}/keys`)).items;
    return { ...provider, keys, isUsed: provider.enabled || !provider.is_system || keys.length > 0 };
  };
  const load = async () => Promise.all((await client.call('GET', '/providers')).items.map(readKeys));
  return createQuery(load, (providers) => !providers.some(({ isUsed }) => isUsed));
}

export function createProviders({ client, query }) {
  const list = byId('provider-list');
  const form = createProviderForm({
    client,
    query,
    onSave(id) {
      byId('provider-add').open = false;
      const test = list.querySelector(`[data-provider="${CSS.escape(id)}"] [data-part="test"]`);
      test?.focus();
      test?.click();
    },
  });
  drawQuery(list, query, (providers) => {
    const used = providers.filter(({ isUsed }) => isUsed);
    if (used.length === 0) byId('provider-add').open = true;
    drawRows(partOf(list, 'rows'), used, ({ id }) => createProviderRow({ client, query, id }));
    form.offer(providers.filter(({ is_system: isSystem }) => isSystem));
  });
}
