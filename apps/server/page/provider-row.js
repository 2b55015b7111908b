import { ApiProblem } from './api-problem.js';
import { confirm } from './confirm.js';
import { byId, copyTemplate, drawRows, onAction, partOf, sayError, sayStatus } from './drawing.js';
import { needsKey } from './provider-types.js';
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
  /** By key: how to say what its test found. */
  const verdicts = new Map();

  onAction(part('test'), failure, async () => {
    const result = part('result');
    result.hidden = false;
    sayStatus(result, 'busy', 'providers.testing');
    try {
      const { ok, error, latency_ms: ms, results } = await client.call('POST', `${path}/test`);
      if (results.length > 1) for (const each of results) verdicts.get(each.key_id)?.(each);
      if (!ok) throw new ApiProblem(error);
      const count = await countModels();
      if (count === undefined) sayStatus(result, 'good', 'providers.test-passed-alone', { ms });
      else {
        sayStatus(result, 'good', 'providers.test-passed', { count, ms });
        say(part('models'), 'providers.models', { count });
      }
    } catch (problem) {
      result.dataset.status = 'bad';
      sayError(result, problem);
    }
  });
  /** Not every provider that answers has a list. */
  async function countModels() {
    try {
      return (await client.call('GET', `${path}/models`)).items.filter((model) => model.is_live).length;
    } catch {
      return undefined;
    }
  }
  onAction(part('add-key'), failure, async () => {
    await client.call('POST', `${path}/keys`, { key: part('key').value.trim() });
    part('key').value = '';
    await query.reload();
  });

  return {
    element,
    update(provider) {
      const { name, type, keys, models } = provider;
      for (const id of verdicts.keys()) if (!keys.some((key) => key.id === id)) verdicts.delete(id);
      drawButtons(provider);
      part('name').textContent = name;
      say(part('type'), `type.${type}`);
      part('address').textContent = provider.api_host;
      if (!provider.enabled) sayStatus(part('status'), 'off', 'providers.disabled');
      else if (keys.some(({ enabled }) => enabled)) sayStatus(part('status'), 'good', 'providers.enabled');
      else if (!needsKey(type, provider.group_name, provider.auth_header))
        sayStatus(part('status'), 'good', 'providers.enabled');
      else sayStatus(part('status'), 'warning', 'providers.without-key');
      part('remove').hidden = provider.is_system;
      if (models !== null) say(part('models'), 'providers.models', { count: models.length });
      drawRows(part('keys'), keys, (key) =>
        createKeyRow({ client, query, path: `${path}/keys/${key.id}`, row: element, id: key.id, verdicts }),
      );
    },
  };
}

function createKeyRow({ client, query, path, row, id, verdicts }) {
  const element = copyTemplate('api-key-row');
  const part = (name) => partOf(element, name);
  const [failure, focusAfterwards] = [partOf(row, 'failure'), () => partOf(row, 'name')];
  const question = 'providers.remove-key-question';
  const drawButtons = connectToggleAndRemove({ element, failure, client, query, path, question, focusAfterwards });

  onAction(part('reset'), failure, async () => {
    await client.call('POST', `${path}/reset`);
    await query.reload();
  });
  verdicts.set(id, ({ ok, code, message, latency_ms: ms }) => {
    const verdict = part('verdict');
    verdict.hidden = false;
    if (ok) sayStatus(verdict, 'good', 'providers.key-passed', { ms });
    else {
      verdict.dataset.status = 'bad';
      sayError(verdict, new ApiProblem({ code, message }));
    }
  });

  return {
    element,
    update(key) {
      drawButtons(key);
      part('name').textContent = `…${key.hint}`;
      const { type, until } = key.state;
      part('reset').hidden = type === 'active';
      if (!key.enabled) sayStatus(part('status'), 'off', 'providers.disabled');
      else if (type === 'active') sayStatus(part('status'), 'good', 'providers.enabled');
      else {
        const minutes = Math.max(1, Math.ceil((until - Date.now()) / 60_000));
        sayStatus(part('status'), 'warning', `providers.key-${type}`, { count: minutes });
      }
      say(part('usage'), 'providers.usage', { count: key.usage_count, errors: key.error_count });
    },
  };
}
