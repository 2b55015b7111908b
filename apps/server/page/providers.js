import { createQuery } from './create-query.js';
import { byId, drawRows, drawState, partOf } from './drawing.js';
import { createProviderForm } from './provider-form.js';
import { createProviderRow } from './provider-row.js';

/** All providers, each with its keys. */
export function createProvidersQuery(client) {
  return createQuery(async () => {
    const { items } = await client.call('GET', '/providers');
    return Promise.all(
      items.map(async (provider) => {
        // A preset that nobody changed has no keys; there are a hundred of them, so they are not asked.
        const isUsed = !provider.is_system || provider.enabled || provider.updated_at !== provider.created_at;
        const keys = isUsed ? (await client.call('GET', `/providers/${provider.id}/keys`)).items : [];
        return { ...provider, keys, isUsed: isUsed && (keys.length > 0 || provider.enabled || !provider.is_system) };
      }),
    );
  });
}

export function createProviders({ client, query }) {
  const list = byId('provider-list');
  const form = createProviderForm({ client, query });
  drawState(list, query, (providers) => {
    const used = providers.filter(({ isUsed }) => isUsed);
    // The presets are always there: for a person the list is empty until one of them has a key.
    if (used.length === 0) list.dataset.state = 'empty';
    if (used.length === 0) byId('provider-add').open = true;
    drawRows(partOf(list, 'rows'), used, (provider) => createProviderRow({ client, query, id: provider.id }));
    form.offer(providers.filter(({ is_system: isSystem }) => isSystem));
  });
}
