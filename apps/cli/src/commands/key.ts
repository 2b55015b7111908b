import { fieldsOf, textOf } from '../admin-client.ts';
import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { renderTable } from '../render-table.ts';
import { listAll } from './provider.ts';

const MS_PER_DAY = 86_400_000;
const MAX_DAYS = 36_500;

export const keyCreate: Command = {
  name: 'key create',
  usage: '[name]',
  summary: 'summary_key_create',
  options: { name: { type: 'string' }, expires: { type: 'string' } },
  async run({ admin, options, positionals, words }) {
    const name = textOf(options['name'] ?? positionals[0] ?? 'cli');
    const days = options['expires'] === undefined ? undefined : Number(options['expires']);
    if (days !== undefined && !(days > 0 && days <= MAX_DAYS))
      throw new CliError('usage', words('wrong_number', { option: 'expires', highest: MAX_DAYS }), 2);
    const created = fieldsOf(
      await admin.post('/client-keys', {
        name,
        ...(days === undefined ? {} : { expires_at: Date.now() + Math.round(days * MS_PER_DAY) }),
      }),
    );
    return {
      lines: [words('key_created', { name, id: textOf(created['id']) }), textOf(created['key'])],
      json: created,
    };
  },
};

export const keyList: Command = {
  name: 'key list',
  summary: 'summary_key_list',
  async run({ admin, words }) {
    const keys = await listAll(admin.get, '/client-keys');
    const stateOf = (key: Readonly<Record<string, unknown>>) => {
      if (key['revoked_at'] !== null && key['revoked_at'] !== undefined) return words('state_revoked');
      const expiresAt = key['expires_at'];
      return words(typeof expiresAt === 'number' && expiresAt <= Date.now() ? 'state_expired' : 'state_active');
    };
    const rows = keys.map((key) => [
      textOf(key['id']),
      textOf(key['name']),
      `${textOf(key['prefix'])}…`,
      stateOf(key),
      typeof key['created_at'] === 'number' ? new Date(key['created_at']).toISOString().slice(0, 16) : '',
    ]);
    const head = [
      words('column_id'),
      words('column_name'),
      words('column_key'),
      words('column_state'),
      words('column_created'),
    ];
    return { lines: rows.length === 0 ? [words('none_found')] : renderTable(head, rows), json: keys };
  },
};

export const keyRevoke: Command = {
  name: 'key revoke',
  usage: '<id>',
  summary: 'summary_key_revoke',
  async run({ admin, positionals, words }) {
    const id = positionals[0] ?? '';
    await admin.delete(`/client-keys/${encodeURIComponent(id)}`);
    return { lines: [words('key_revoked', { id })], json: { id, revoked: true } };
  },
};
