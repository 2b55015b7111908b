import { confirm } from './confirm.js';
import { createQuery } from './create-query.js';
import { byId, copyTemplate, drawQuery, drawRows, onAction, partOf, sayStatus } from './drawing.js';
import { say } from './words.js';

const STATUS = { active: 'good', expired: 'warning', revoked: 'off' };

function stateOf({ revoked_at: revokedAt, expires_at: expiresAt }) {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= Date.now() ? 'expired' : 'active';
}

export function createClientKeysQuery(client) {
  const load = async () => {
    const { items } = await client.call('GET', '/client-keys');
    return items.map((key) => ({ ...key, state: stateOf(key) })).sort((a, b) => b.created_at - a.created_at);
  };
  return createQuery(load, (keys) => keys.length === 0);
}

/** The keys that clients show us. `onCreate` gets a new key, which is nowhere to be had again. */
export function createClientKeys({ client, query, onCreate }) {
  const list = byId('client-key-list');
  const name = byId('client-key-name');
  const showNewKey = (text) => {
    byId('new-key-text').textContent = text;
    byId('new-key').hidden = text === '';
    byId(text === '' ? 'client-keys-title' : 'new-key-title').focus();
  };
  drawQuery(list, query, (keys) => {
    drawRows(partOf(list, 'rows'), keys, ({ id }) => createRow({ client, query, path: `/client-keys/${id}` }));
  });
  onAction(byId('client-key-form'), byId('client-key-failure'), async () => {
    const { key } = await client.call('POST', '/client-keys', { name: name.value.trim() });
    name.value = '';
    showNewKey(key);
    await Promise.all([query.reload(), onCreate(key)]);
  });
  byId('new-key-done').addEventListener('click', () => showNewKey(''));
}

function createRow({ client, query, path }) {
  const element = copyTemplate('client-key-row');
  const part = (name) => partOf(element, name);
  let shown;
  onAction(part('end'), part('failure'), async () => {
    const isActive = shown.state === 'active';
    const [question, verb] = isActive
      ? ['client-keys.revoke-question', 'client-keys.revoke']
      : ['client-keys.remove-question', 'action.remove'];
    if (!(await confirm(question, shown.name, verb))) return;
    await (isActive ? client.call('PATCH', path, { revoked: true }) : client.call('DELETE', path));
    await query.reload();
    if (!element.isConnected) byId('client-keys-title').focus();
  });

  return {
    element,
    update(key) {
      shown = key;
      part('name').textContent = key.name;
      part('prefix').textContent = `${key.prefix}…`;
      say(part('created'), 'client-keys.created-at', { date: new Date(key.created_at) });
      sayStatus(part('status'), STATUS[key.state], `client-keys.${key.state}`);
      say(part('end'), key.state === 'active' ? 'client-keys.revoke' : 'action.remove');
    },
  };
}
