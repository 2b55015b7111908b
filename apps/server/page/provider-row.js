import { ApiProblem } from './api-problem.js';
import { confirm } from './confirm.js';
import { byId, copyTemplate, drawRows, onAction, partOf, sayError, sayStatus } from './drawing.js';
import { say } from './words.js';

/** Connects the two buttons that a provider and a key both have, and answers how to draw them. */
function connectToggleAndRemove({ element, failure, client, query, path, question, focusAfterwards }) {
  const [toggle, remove] = ['toggle', 'remove'].map((name) => partOf(element, name));
  let shown;
  onAction(toggle, failure, async () => {
    await client.call('PATCH', path, { enabled: !shown.enabled });
    await query.reload();
  });
  onAction(remove, failure, async () => {
    if (!(await confirm(question, shown.name ?? shown.hint, 'action.remove'))) return;
    await client.call('DELETE', path);
    focusAfterwards().focus();
    await query.reload();
  });
  return (item) => {
    shown = item;
    say(toggle, item.enabled ? 'action.disable' : 'action.enable');
  };
}

/** One provider with its keys. */
export function createProviderRow({ client, query, id }) {
  const element = copyTemplate('provider-row');
  const part = (name) => partOf(element, name);
  const failure = part('failure');
  const path = `/providers/${id}`;
  element.dataset.provider = id;
  const focusAfterwards = () => byId('providers-title');
  const question = 'providers.remove-question';
  const drawButtons = connectToggleAndRemove({ element, failure, client, query, path, question, focusAfterwards });

  onAction(part('test'), failure, async () => {
    const result = part('result');
    result.hidden = false;
    sayStatus(result, 'busy', 'providers.testing');
    try {
      const { ok, error, latency_ms: ms } = await client.call('POST', `${path}/test`);
      if (!ok) throw new ApiProblem(error);
      const count = (await client.call('GET', `${path}/models`)).items.length;
      sayStatus(result, 'good', 'providers.test-passed', { count, ms });
      say(part('models'), 'providers.models', { count });
    } catch (problem) {
      result.dataset.status = 'bad';
      sayError(result, problem);
    }
  });
  onAction(part('add-key'), failure, async () => {
    await client.call('POST', `${path}/keys`, { key: part('key').value.trim() });
    part('key').value = '';
    await query.reload();
  });

  return {
    element,
    update(provider) {
      const { name, type, keys, models } = provider;
      drawButtons(provider);
      part('name').textContent = name;
      say(part('type'), `type.${type}`);
      part('address').textContent = provider.api_host;
      if (!provider.enabled) sayStatus(part('status'), 'off', 'providers.disabled');
      else if (keys.some(({ enabled }) => enabled)) sayStatus(part('status'), 'good', 'providers.enabled');
      else sayStatus(part('status'), 'warning', 'providers.without-key');
      part('remove').hidden = provider.is_system;
      if (models !== null) say(part('models'), 'providers.models', { count: models.length });
      drawRows(part('keys'), keys, (key) =>
        createKeyRow({ client, query, path: `${path}/keys/${key.id}`, row: element }),
      );
    },
  };
}

function createKeyRow({ client, query, path, row }) {
  const element = copyTemplate('api-key-row');
  const part = (name) => partOf(element, name);
  const [failure, focusAfterwards] = [partOf(row, 'failure'), () => partOf(row, 'name')];
  const question = 'providers.remove-key-question';
  const drawButtons = connectToggleAndRemove({ element, failure, client, query, path, question, focusAfterwards });

  return {
    element,
    update(key) {
      drawButtons(key);
      part('name').textContent = `…${key.hint}`;
      sayStatus(part('status'), key.enabled ? 'good' : 'off', key.enabled ? 'providers.enabled' : 'providers.disabled');
      say(part('usage'), 'providers.usage', { count: key.usage_count, errors: key.error_count });
    },
  };
}
