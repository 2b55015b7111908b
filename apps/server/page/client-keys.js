import { confirm } from './confirm.js';
import { createQuery } from './create-query.js';
import { byId, copyTemplate, drawRows, drawState, onAction, partOf, sayStatus } from './drawing.js';
import { say, sayLabel } from './words.js';

const STATUS = { active: 'good', expired: 'warning', revoked: 'off' };

function stateOf({ revoked_at: revokedAt, expires_at: expiresAt }) {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= Date.now() ? 'expired' : 'active';
}

export function createClientKeysQuery(client) {
  return createQuery(async () => {
    const { items } = await client.call('GET', '/client-keys');
    return items.map((key) => ({ ...key, state: stateOf(key) })).sort((a, b) => b.created_at - a.created_at);
  });
}

/** The keys that clients show us. `onCreate` gets a new key, which is nowhere to be had again. */
export function createClientKeys({ client, query, onCreate }) {
  const name = byId('client-key-name');
  drawState(byId('client-key-list'), query, (keys) =>
    drawRows(partOf(byId('client-key-list'), 'rows'), keys, (key) => createRow(client, query, key)),
  );

  onAction(byId('client-key-form'), byId('client-key-failure'), async () => {
    const { key } = await client.call('POST', '/client-keys', { name: name.value.trim() });
    name.value = '';
    byId('new-key-text').textContent = key;
    byId('new-key').hidden = false;
    byId('new-key-title').focus();
    onCreate(key);
    await query.reload();
  });
  byId('new-key-done').addEventListener('click', () => {
    forgetNewKey();
    byId('client-keys-title').focus();
  });
}

/** Takes the key that was just created off the screen. */
export function forgetNewKey() {
  byId('new-key').hidden = true;
  byId('new-key-text').textContent = '';
}

function createRow(client, query, { id }) {
  const element = copyTemplate('client-key-row');
  const end = partOf(element, 'end');
  let shown;
  onAction(end, partOf(element, 'failure'), async () => {
    if (shown.state === 'active') {
      if (!(await confirm('client-keys.revoke-question', { name: shown.name }, 'client-keys.revoke'))) return;
      await client.call('PATCH', `/client-keys/${id}`, { revoked: true });
    } else {
      if (!(await confirm('client-keys.remove-question', { name: shown.name }, 'action.remove'))) return;
      await client.call('DELETE', `/client-keys/${id}`);
      byId('client-keys-title').focus();
    }
    await query.reload();
  });

  return {
    element,
    update(key) {
      shown = key;
      partOf(element, 'name').textContent = key.name;
      partOf(element, 'prefix').textContent = `${key.prefix}…`;
      say(partOf(element, 'created'), 'client-keys.created-at', { date: new Date(key.created_at) });
      sayStatus(partOf(element, 'status'), STATUS[key.state], `client-keys.${key.state}`);
      const isActive = key.state === 'active';
      say(end, isActive ? 'client-keys.revoke' : 'action.remove', { name: key.name });
      sayLabel(end, isActive ? 'client-keys.revoke-name' : 'client-keys.remove-name', { name: key.name });
    },
  };
}
