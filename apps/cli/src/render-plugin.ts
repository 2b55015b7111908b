import { fieldsOf, textOf } from './admin-client.ts';
import type { WordKey, Words } from './words.ts';

type Fields = Readonly<Record<string, unknown>>;

const PLUGIN_STATE_WORDS: Readonly<Record<string, WordKey>> = {
  not_installed: 'plugin_not_installed',
  faulty: 'plugin_faulty',
  disabled: 'state_disabled',
  starting: 'plugin_starting',
  running: 'plugin_running',
  resting: 'plugin_resting',
  stopping: 'plugin_stopping',
  failed: 'plugin_failed',
};

const CREDENTIAL_STATE_WORDS: Readonly<Record<string, WordKey>> = {
  active: 'state_active',
  cooldown: 'credential_cooldown',
  unhealthy: 'credential_unhealthy',
  disabled: 'state_disabled',
  needs_login: 'credential_needs_login',
  suspended: 'credential_suspended',
};

const NOTICE_WORDS: Readonly<Record<string, WordKey>> = {
  ok: 'notice_ok',
  at_risk: 'notice_at_risk',
  restricted: 'notice_restricted',
  retired: 'notice_retired',
};

const worded = (table: Readonly<Record<string, WordKey>>, given: unknown, words: Words): string => {
  const key = table[textOf(given)];
  return key === undefined ? textOf(given) : words(key);
};

/** Whether it does what the person wants of it: one that is disabled does. */
export function isPluginWell(plugin: Fields): boolean {
  return !['faulty', 'resting', 'failed', 'not_installed'].includes(textOf(fieldsOf(plugin['state'])['type']));
}

export function renderPluginState(plugin: Fields, words: Words): string {
  return renderState(plugin['state'], PLUGIN_STATE_WORDS, words);
}

export function renderCredentialState(credential: Fields, words: Words): string {
  return renderState(credential['state'], CREDENTIAL_STATE_WORDS, words);
}

function renderState(given: unknown, table: Readonly<Record<string, WordKey>>, words: Words): string {
  const { type, until } = fieldsOf(given);
  const state = worded(table, type, words);
  return typeof until === 'number' ? words('state_until', { state, until: renderTime(until) }) : state;
}

/** Why something is as it is, in the words of the server, the plugin or the vendor; empty where there is nothing to say. */
export function reasonOf(thing: Fields): string {
  return textOf(fieldsOf(thing['state'])['reason']);
}

/** What the status of a provider's notice means, with its text. */
export function renderNotice(given: unknown, words: Words): readonly string[] {
  const { status, text, since, source } = fieldsOf(given);
  if (status === undefined) return [];
  const rest = [textOf(since), textOf(source)].filter((part) => part !== '');
  return [
    words('notice', { status: worded(NOTICE_WORDS, status, words), text: textOf(text) }),
    ...(rest.length === 0 ? [] : [`  ${rest.join(', ')}`]),
  ];
}

/** Lines that say what a plugin asks for; one that says so where it is nothing. */
export function renderAsks(given: unknown, words: Words): readonly string[] {
  const asks = listAsks(given);
  const lines = (['network', 'files', 'keychain'] as const).flatMap((kind) =>
    asks[kind].length === 0 ? [] : [words(`asks_${kind}`, { items: asks[kind].join(', ') })],
  );
  return lines.length === 0 ? [words('asks_nothing')] : lines;
}

/** What it asks for and nobody consented to. */
export function renderNotConsented(asked: unknown, consented: unknown, words: Words): readonly string[] {
  const [asks, consent] = [listAsks(asked), listAsks(consented)];
  const more = [...asks.network, ...asks.files, ...asks.keychain].filter(
    (item) => ![...consent.network, ...consent.files, ...consent.keychain].includes(item),
  );
  return more.length === 0 ? [] : [words('not_consented', { items: more.join(', ') })];
}

function listAsks(given: unknown): Readonly<Record<'network' | 'files' | 'keychain', readonly string[]>> {
  const { network, files, keychain } = fieldsOf(given);
  const items = (list: unknown): readonly unknown[] => (Array.isArray(list) ? list : []);
  return {
    network: items(network).map(String),
    files: items(files).map(String),
    keychain: items(keychain).map((item) => {
      const { service, account } = fieldsOf(item);
      return account === undefined ? textOf(service) : `${textOf(service)} (${textOf(account)})`;
    }),
  };
}

/** To the minute, in UTC, as the other lists show it; empty where there is none. */
export function renderTime(at: unknown): string {
  return typeof at === 'number' ? new Date(at).toISOString().slice(0, 16) : '';
}
