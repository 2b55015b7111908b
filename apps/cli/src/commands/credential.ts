import { fieldsOf, textOf } from '../admin-client.ts';
import { CliError } from '../cli-error.ts';
import type { Command, CommandContext, CommandResult } from '../command.ts';
import { reasonOf, renderCredentialState, renderTime } from '../render-plugin.ts';
import { renderTable } from '../render-table.ts';
import type { WordKey, Words } from '../words.ts';
import { pluginPath } from './plugin.ts';
import { listAll } from './provider.ts';

type Fields = Readonly<Record<string, unknown>>;

export const credentialList: Command = {
  name: 'credential list',
  usage: '[plugin]',
  summary: 'summary_credential_list',
  async run({ admin, positionals, words }) {
    const [plugin] = positionals;
    const credentials =
      plugin === undefined ? await listOfAll(admin.get) : await listAll(admin.get, `${pluginPath(plugin)}/credentials`);
    const rows = credentials.map((credential) => [
      textOf(credential['plugin']),
      textOf(credential['id']),
      nameOf(credential),
      textOf(credential['auth_type']),
      renderCredentialState(credential, words),
      // 0: the plugin never had an access token.
      credential['expires_at'] === 0 ? '' : renderTime(credential['expires_at']),
    ]);
    const head = [
      words('column_plugin'),
      words('column_id'),
      words('column_name'),
      words('column_type'),
      words('column_state'),
      words('column_expires'),
    ];
    return {
      lines: [
        ...(rows.length === 0 ? [words('none_found')] : renderTable(head, rows)),
        ...credentials
          .filter((credential) => credential['enabled'] === true && reasonOf(credential) !== '')
          .map((credential) => `${textOf(credential['id'])}: ${reasonOf(credential)}`),
      ],
      json: credentials,
    };
  },
};

async function listOfAll(get: (path: string) => Promise<unknown>): Promise<readonly Fields[]> {
  const all: Fields[] = [];
  for (const plugin of await listAll(get, '/plugins')) {
    try {
      all.push(...(await listAll(get, `${pluginPath(textOf(plugin['name']))}/credentials`)));
    } catch (cause) {
      // A folder that is no installed plugin has none; one may also have been removed just now.
      if (!(cause instanceof CliError) || cause.code !== 'not_found') throw cause;
    }
  }
  return all;
}

/** The name that a person gave, else whose the plugin found it to be. */
export function nameOf(credential: Fields): string {
  const { label, account } = fieldsOf(credential['identity']);
  return textOf(credential['name']) || textOf(label) || textOf(account);
}

/** What has become of a credential; 1 where it cannot be used without a person. */
export function renderCredentialOutcome(credential: Fields, words: Words): CommandResult {
  const reason = credential['enabled'] === true ? reasonOf(credential) : '';
  const { type } = fieldsOf(credential['state']);
  return {
    lines: [
      words('credential_is', { id: textOf(credential['id']), state: renderCredentialState(credential, words) }),
      ...(reason === '' ? [] : [`  ${reason}`]),
    ],
    json: credential,
    exitCode: type === 'needs_login' || type === 'suspended' ? 1 : 0,
  };
}

const pathOf = ({ positionals: [plugin = '', id = ''] }: Pick<CommandContext, 'positionals'>): string =>
  `${pluginPath(plugin)}/credentials/${encodeURIComponent(id)}`;

const checkCommand = (
  name: string,
  action: string,
  keys: Readonly<Record<'summary' | 'doing' | 'ok' | 'failed', WordKey>>,
): Command => ({
  name: `credential ${name}`,
  usage: '<plugin> <id>',
  summary: keys.summary,
  async run(context) {
    const { admin, positionals, progress, words } = context;
    const id = positionals[1] ?? '';
    progress(words(keys.doing, { id }));
    const result = fieldsOf(await admin.post(`${pathOf(context)}/${action}`));
    const isOk = result['ok'] === true;
    const message = textOf(result['message']);
    return {
      lines: [isOk ? words(keys.ok, { id }) : words(keys.failed, { id, message })],
      json: result,
      exitCode: isOk ? 0 : 1,
    };
  },
});

export const credentialTest = checkCommand('test', 'validate', {
  summary: 'summary_credential_test',
  doing: 'testing_credential',
  ok: 'credential_works',
  failed: 'credential_failed',
});
export const credentialRefresh = checkCommand('refresh', 'refresh', {
  summary: 'summary_credential_refresh',
  doing: 'refreshing_credential',
  ok: 'credential_refreshed',
  failed: 'credential_not_refreshed',
});

const changeCommand = (action: 'enable' | 'disable' | 'reset', summary: WordKey): Command => ({
  name: `credential ${action}`,
  usage: '<plugin> <id>',
  summary,
  run: async (context) =>
    renderCredentialOutcome(fieldsOf(await context.admin.post(`${pathOf(context)}/${action}`)), context.words),
});

export const credentialEnable = changeCommand('enable', 'summary_credential_enable');
export const credentialDisable = changeCommand('disable', 'summary_credential_disable');
export const credentialReset = changeCommand('reset', 'summary_credential_reset');

export const credentialRemove: Command = {
  name: 'credential remove',
  usage: '<plugin> <id>',
  summary: 'summary_credential_remove',
  async run(context) {
    const { admin, positionals, words } = context;
    const id = positionals[1] ?? '';
    await admin.delete(pathOf(context));
    return { lines: [words('credential_removed', { id })], json: { id, removed: true } };
  },
};
