import { confirm } from './confirm.js';
import { byId, copyTemplate, drawRows, onAction, partOf, sayStatus } from './drawing.js';
import { testProvider } from './test-provider.js';
import { hasWord, say, sayLabel } from './words.js';

/** One provider with its keys. */
export function createProviderRow({ client, query, id }) {
  const element = copyTemplate('provider-row');
  const part = (name) => partOf(element, name);
  const failure = part('failure');
  const path = `/providers/${id}`;
  let shown;
  /** How many models the provider listed at its last test. */
  let modelCount;

  onAction(part('test'), failure, async () => {
    part('result').hidden = false;
    say(part('result'), 'providers.testing');
    const count = await testProvider(client, id, part('result'));
    modelCount = count ?? modelCount;
    drawModels();
  });
  onAction(part('toggle'), failure, async () => {
    await client.call('PATCH', path, { enabled: !shown.enabled });
    await query.reload();
  });
  onAction(part('remove'), failure, async () => {
    if (!(await confirm('providers.remove-question', { name: shown.name }, 'action.remove'))) return;
    await client.call('DELETE', path);
    byId('providers-title').focus();
    await query.reload();
  });
  onAction(part('add-key'), failure, async () => {
    await client.call('POST', `${path}/keys`, { key: part('key').value.trim() });
    part('key').value = '';
    await query.reload();
  });

  function drawModels() {
    const count = shown.models?.length ?? modelCount;
    if (count === undefined) say(part('models'), 'providers.models-of-preset');
    else say(part('models'), 'providers.models', { count });
  }

  return {
    element,
    update(provider) {
      shown = provider;
      const { name, type, keys } = provider;
      part('name').textContent = name;
      if (hasWord(`type.${type}`)) say(part('type'), `type.${type}`);
      else part('type').textContent = type;
      part('address').textContent = provider.api_host;
      if (!provider.enabled) sayStatus(part('status'), 'off', 'providers.disabled');
      else if (keys.some(({ enabled }) => enabled)) sayStatus(part('status'), 'good', 'providers.enabled');
      else sayStatus(part('status'), 'warning', 'providers.without-key');
      say(part('toggle'), provider.enabled ? 'action.disable' : 'action.enable');
      sayLabel(part('toggle'), provider.enabled ? 'action.disable-name' : 'action.enable-name', { name });
      sayLabel(part('test'), 'providers.test-name', { name });
      sayLabel(part('remove'), 'action.remove-name', { name });
      part('remove').hidden = provider.is_system;
      drawModels();
      drawRows(part('keys'), keys, (key) => createKeyRow({ client, query, path: `${path}/keys/${key.id}`, failure }));
    },
  };
}

function createKeyRow({ client, query, path, failure }) {
  const element = copyTemplate('api-key-row');
  const part = (name) => partOf(element, name);
  let shown;
  onAction(part('toggle'), failure, async () => {
    await client.call('PATCH', path, { enabled: !shown.enabled });
    await query.reload();
  });
  onAction(part('remove'), failure, async () => {
    if (!(await confirm('providers.remove-key-question', { name: shown.hint }, 'action.remove'))) return;
    await client.call('DELETE', path);
    partOf(element.closest('.row'), 'name').focus();
    await query.reload();
  });

  return {
    element,
    update(key) {
      shown = key;
      const name = key.hint;
      part('hint').textContent = `…${name}`;
      sayStatus(
        part('status'),
        key.enabled ? 'good' : 'off',
        key.enabled ? 'providers.key-enabled' : 'providers.disabled',
      );
      say(part('usage'), 'providers.usage', { count: key.usage_count, errors: key.error_count });
      say(part('toggle'), key.enabled ? 'action.disable' : 'action.enable');
      sayLabel(part('toggle'), key.enabled ? 'providers.disable-key' : 'providers.enable-key', { name });
      sayLabel(part('remove'), 'providers.remove-key', { name });
    },
  };
}
