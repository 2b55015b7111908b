import { fieldsOf, textOf } from '../admin-client.ts';
import type { Command, CommandContext, CommandResult } from '../command.ts';
import { confirm } from '../confirm.ts';
import {
  isPluginWell,
  reasonOf,
  renderAsks,
  renderNotConsented,
  renderNotice,
  renderPluginState,
  renderTime,
} from '../render-plugin.ts';
import { renderTable } from '../render-table.ts';
import type { WordKey, Words } from '../words.ts';
import { listAll } from './provider.ts';

type Fields = Readonly<Record<string, unknown>>;

export const pluginPath = (name: string): string => `/plugins/${encodeURIComponent(name)}`;

export const pluginList: Command = {
  name: 'plugin list',
  summary: 'summary_plugin_list',
  async run({ admin, words }) {
    const plugins = await listAll(admin.get, '/plugins');
    const rows = plugins.map((plugin) => [
      textOf(plugin['name']),
      textOf(plugin['version']),
      textOf(fieldsOf(plugin['provider'])['display_name']),
      renderPluginState(plugin, words),
    ]);
    const head = [words('column_name'), words('column_version'), words('column_provider'), words('column_state')];
    return {
      lines: [
        ...(rows.length === 0 ? [words('no_plugins')] : renderTable(head, rows)),
        ...plugins
          .filter((plugin) => reasonOf(plugin) !== '')
          .map((plugin) => `${textOf(plugin['name'])}: ${reasonOf(plugin)}`),
      ],
      json: plugins,
    };
  },
};

export const pluginShow: Command = {
  name: 'plugin show',
  usage: '<name>',
  summary: 'summary_plugin_show',
  async run({ admin, positionals, words }) {
    const plugin = fieldsOf(await admin.get(pluginPath(positionals[0] ?? '')));
    return { lines: renderPlugin(plugin, words), json: plugin };
  },
};

function renderPlugin(plugin: Fields, words: Words): readonly string[] {
  const provider = fieldsOf(plugin['provider']);
  const { auth_types: types, supported_models: models } = provider;
  const reason = reasonOf(plugin);
  const installed = renderTime(plugin['created_at']);
  return [
    `${textOf(plugin['name'])} ${textOf(plugin['version'])}`.trimEnd(),
    ...(textOf(plugin['description']) === '' ? [] : [textOf(plugin['description'])]),
    words('plugin_state', { state: renderPluginState(plugin, words) }),
    ...(reason === '' ? [] : [`  ${reason}`]),
    ...(plugin['provider'] === null || plugin['provider'] === undefined
      ? []
      : [
          words('plugin_provider', { name: textOf(provider['display_name']), id: textOf(provider['id']) }),
          words('plugin_models', { models: Array.isArray(models) ? models.join(', ') : '' }),
          words('plugin_logins'),
          ...(Array.isArray(types) ? types.map(fieldsOf) : []).map((type) =>
            words(isForm(type) ? 'login_by_form' : 'login_by_flow', {
              id: textOf(type['id']),
              name: textOf(type['display_name']),
            }),
          ),
          ...renderNotice(provider['notice'], words),
        ]),
    ...(plugin['asks'] === null ? [] : [words('plugin_asks'), ...renderAsks(plugin['asks'], words)]),
    ...(plugin['consent'] === null ? [] : renderNotConsented(plugin['asks'], plugin['consent'], words)),
    ...(installed === ''
      ? []
      : [words('plugin_installed_at', { at: installed, from: textOf(fieldsOf(plugin['source'])['path']) })]),
  ];
}

/** Whether its fields can be given here; else a person logs in on a page of the service. */
export function isForm(authType: Fields): boolean {
  return authType['schema'] !== null && authType['schema'] !== undefined;
}

/** What has become of a plugin that was told to run, or not to. */
export function renderOutcome(plugin: Fields, words: Words): CommandResult {
  const reason = reasonOf(plugin);
  return {
    lines: [
      words('plugin_is', { name: textOf(plugin['name']), state: renderPluginState(plugin, words) }),
      ...(reason === '' ? [] : [`  ${reason}`]),
    ],
    json: plugin,
    exitCode: isPluginWell(plugin) ? 0 : 1,
  };
}

const switchCommand = (action: 'enable' | 'disable', summary: WordKey, doing: WordKey): Command => ({
  name: `plugin ${action}`,
  usage: '<name>',
  summary,
  async run({ admin, positionals, progress, words }) {
    const name = positionals[0] ?? '';
    progress(words(doing, { name }));
    return renderOutcome(fieldsOf(await admin.post(`${pluginPath(name)}/${action}`)), words);
  },
});

export const pluginEnable = switchCommand('enable', 'summary_plugin_enable', 'starting_plugin');
export const pluginDisable = switchCommand('disable', 'summary_plugin_disable', 'stopping_plugin');

export const pluginRemove: Command = {
  name: 'plugin remove',
  usage: '<name>',
  summary: 'summary_plugin_remove',
  options: { yes: { type: 'boolean', short: 'y' } },
  run: removePlugin,
};

async function removePlugin(context: CommandContext): Promise<CommandResult> {
  const { admin, positionals, progress, words } = context;
  const name = positionals[0] ?? '';
  const credentials = await listAll(admin.get, `${pluginPath(name)}/credentials`);
  await confirm(
    context,
    [words('remove_takes', { name, count: credentials.length })],
    words('remove_question', { name }),
  );
  progress(words('removing_plugin', { name }));
  await admin.delete(pluginPath(name));
  return {
    lines: [words('plugin_removed', { name })],
    json: { name, removed: true, credentials: credentials.length },
  };
}

const FILE_WORDS: Readonly<Record<string, WordKey>> = {
  changed: 'file_changed',
  missing: 'file_missing',
  unknown: 'file_unknown',
  link: 'file_link',
  special: 'file_special',
};

export const pluginVerify: Command = {
  name: 'plugin verify',
  usage: '<name>',
  summary: 'summary_plugin_verify',
  async run({ admin, positionals, progress, words }) {
    const name = positionals[0] ?? '';
    progress(words('verifying_plugin', { name }));
    const result = fieldsOf(await admin.post(`${pluginPath(name)}/verify`));
    const faults = Array.isArray(result['faults']) ? result['faults'].map(fieldsOf) : [];
    const isOk = result['ok'] === true;
    return {
      lines: isOk
        ? [words('plugin_verified', { name })]
        : [
            ...faults.map(({ path, code }) => {
              const key = FILE_WORDS[textOf(code)];
              return `${textOf(path)}: ${key === undefined ? textOf(code) : words(key)}`;
            }),
            words('plugin_not_verified', { name }),
          ],
      json: result,
      exitCode: isOk ? 0 : 1,
    };
  },
};
