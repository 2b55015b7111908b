import { fieldsOf, itemsOf, textOf } from '../admin-client.ts';
import { CliError } from '../cli-error.ts';
import type { Command, CommandContext, CommandResult } from '../command.ts';
import { renderTable } from '../render-table.ts';

const HIDDEN_TEXT = 'key-stdin';

export const providerList: Command = {
  name: 'provider list',
  summary: 'summary_provider_list',
  options: { all: { type: 'boolean' } },
  async run({ admin, options, words }) {
    const all = await listAll(admin.get, '/providers');
    const shown = options['all'] === true ? all : all.filter(({ enabled }) => enabled === true);
    const rows = shown.map((provider) => [
      textOf(provider['id']),
      textOf(provider['name']),
      textOf(provider['type']),
      textOf(provider['api_host']),
      words(provider['enabled'] === true ? 'state_enabled' : 'state_disabled'),
    ]);
    const head = [
      words('column_id'),
      words('column_name'),
      words('column_type'),
      words('column_host'),
      words('column_state'),
    ];
    const hidden = all.length - shown.length;
    return {
      lines: [
        ...(rows.length === 0 ? [words('none_found')] : renderTable(head, rows)),
        ...(hidden > 0 ? [words('presets_hint', { count: hidden })] : []),
      ],
      json: shown,
    };
  },
};

export const providerAdd: Command = {
  name: 'provider add',
  usage: '[id]',
  summary: 'summary_provider_add',
  options: {
    id: { type: 'string' },
    name: { type: 'string' },
    type: { type: 'string' },
    host: { type: 'string' },
    key: { type: 'string' },
    [HIDDEN_TEXT]: { type: 'boolean' },
    models: { type: 'string' },
    region: { type: 'string' },
    project: { type: 'string' },
    location: { type: 'string' },
    'api-version': { type: 'string' },
  },
  run: addProvider,
};

async function addProvider(context: CommandContext): Promise<CommandResult> {
  const { admin, options, positionals, words } = context;
  const id = textOf(options['id'] ?? positionals[0]);
  const key = await readKey(context);
  const existing =
    id === '' ? undefined : (await listAll(admin.get, '/providers')).find((provider) => provider['id'] === id);
  const fields = {
    ...(options['name'] === undefined ? {} : { name: options['name'] }),
    ...(options['type'] === undefined ? {} : { type: options['type'] }),
    ...(options['host'] === undefined ? {} : { api_host: options['host'] }),
    ...(typeof options['models'] === 'string'
      ? { models: options['models'].split(',').map((name) => name.trim()) }
      : {}),
    ...(options['region'] === undefined ? {} : { region: options['region'] }),
    ...(options['project'] === undefined ? {} : { project: options['project'] }),
    ...(options['location'] === undefined ? {} : { location: options['location'] }),
    ...(options['api-version'] === undefined ? {} : { api_version: options['api-version'] }),
  };
  const lines: string[] = [];
  let provider: Readonly<Record<string, unknown>>;
  if (existing === undefined) {
    if (options['type'] === undefined) {
      throw id === ''
        ? new CliError('missing_argument', words('missing_argument', { name: 'provider add', usage: '<id>' }), 2)
        : new CliError('unknown_preset', words('unknown_preset', { id }));
    }
    provider = fieldsOf(
      await admin.post('/providers', {
        ...(id === '' ? {} : { id }),
        name: id === '' ? options['type'] : id,
        enabled: true,
        ...fields,
      }),
    );
    lines.push(words('provider_added', { id: textOf(provider['id']) }));
  } else {
    provider = existing;
    if (Object.keys(fields).length > 0)
      provider = fieldsOf(await admin.patch(`/providers/${encodeURIComponent(id)}`, fields));
  }
  const providerId = textOf(provider['id']);
  if (key !== undefined) {
    await admin.post(`/providers/${encodeURIComponent(providerId)}/keys`, { key });
    lines.push(words('provider_key_added', { id: providerId }));
  }
  if (provider['enabled'] !== true) {
    provider = fieldsOf(await admin.patch(`/providers/${encodeURIComponent(providerId)}`, { enabled: true }));
    lines.push(words('provider_enabled', { id: providerId }));
  }
  if (key === undefined && textOf(provider['type']) !== 'ollama') {
    const keys = await listAll(admin.get, `/providers/${encodeURIComponent(providerId)}/keys`);
    if (keys.length === 0 && provider['auth_header'] !== 'none')
      lines.push(words('provider_needs_key', { id: providerId }));
  }
  return { lines, json: provider };
}

async function readKey({ options, readStdin, words }: CommandContext): Promise<string | undefined> {
  if (options[HIDDEN_TEXT] !== true) return typeof options['key'] === 'string' ? options['key'] : undefined;
  const text = (await readStdin()).trim();
  if (text === '') throw new CliError('nothing_on_stdin', words('nothing_on_stdin'));
  return text;
}

export const providerTest: Command = {
  name: 'provider test',
  usage: '<id>',
  summary: 'summary_provider_test',
  async run({ admin, positionals, words, progress, translate }) {
    const id = positionals[0] ?? '';
    progress(words('testing', { id }));
    const result = fieldsOf(await admin.post(`/providers/${encodeURIComponent(id)}/test`));
    const isOk = result['ok'] === true;
    const said = (verdict: Readonly<Record<string, unknown>>): string =>
      translate.fault(textOf(verdict['code']), textOf(verdict['message']));
    const line = isOk
      ? words('test_ok', { id, ms: Math.round(Number(result['latency_ms'])) })
      : words('test_failed', { id, message: said(fieldsOf(result['error'])) });
    const results = Array.isArray(result['results']) ? result['results'].map(fieldsOf) : [];
    // With one key it says the same again.
    const each =
      results.length < 2
        ? []
        : results.map((verdict) =>
            words('test_key', {
              key: textOf(verdict['key_id']),
              level: words(verdict['ok'] === true ? 'doctor_ok' : 'doctor_fault'),
              message: said(verdict),
            }),
          );
    return { lines: [line, ...each], json: result, exitCode: isOk ? 0 : 1 };
  },
};

/** Every page of a list. */
export async function listAll(
  get: (path: string) => Promise<unknown>,
  path: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const items: Readonly<Record<string, unknown>>[] = [];
  let cursor: string | undefined;
  do {
    const page = await get(`${path}${cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`}`);
    items.push(...itemsOf(page));
    const next = fieldsOf(page)['next_cursor'];
    cursor = typeof next === 'string' ? next : undefined;
  } while (cursor !== undefined);
  return items;
}
