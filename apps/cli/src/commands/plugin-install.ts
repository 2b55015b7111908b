import { fieldsOf, textOf } from '../admin-client.ts';
import type { Command, CommandContext, CommandResult } from '../command.ts';
import { confirm } from '../confirm.ts';
import { renderAsks, renderNotice } from '../render-plugin.ts';
import type { Words } from '../words.ts';
import { renderOutcome } from './plugin.ts';

export const pluginInstall: Command = {
  name: 'plugin install',
  usage: '<folder>',
  summary: 'summary_plugin_install',
  options: { yes: { type: 'boolean', short: 'y' } },
  run: installPlugin,
};

async function installPlugin(context: CommandContext): Promise<CommandResult> {
  const { admin, files, positionals, progress, words } = context;
  const source = { type: 'file', path: files.resolve(positionals[0] ?? '') };
  const manifest = fieldsOf(await admin.post('/plugins/inspect', { source }));
  await confirm(context, renderManifest(manifest, words), words('install_question'));
  // What was shown and no more: the folder may be another by now.
  progress(words('installing', { name: textOf(manifest['name']) }));
  const plugin = fieldsOf(await admin.post('/plugins/install', { source, consent: manifest['asks'] }));
  const { lines, ...outcome } = renderOutcome(plugin, words);
  const isProvider = plugin['provider'] !== null && plugin['provider'] !== undefined;
  return {
    ...outcome,
    lines: [
      words('plugin_installed', { name: textOf(plugin['name']), version: textOf(plugin['version']) }),
      ...lines,
      ...(isProvider && outcome.exitCode === 0 ? [words('log_in_next', { name: textOf(plugin['name']) })] : []),
    ],
  };
}

/** What a person reads before the yes. */
function renderManifest(manifest: Readonly<Record<string, unknown>>, words: Words): readonly string[] {
  const author = textOf(manifest['author']);
  const replaced = textOf(manifest['replaces']);
  const [name, version] = [textOf(manifest['name']), textOf(manifest['version'])];
  return [
    author === '' ? words('plugin_by_nobody', { name, version }) : words('plugin_by', { name, version, author }),
    ...(textOf(manifest['description']) === '' ? [] : [textOf(manifest['description'])]),
    ...(replaced === '' ? [] : [words('plugin_replaces', { version: replaced })]),
    ...renderNotice(manifest['notice'], words),
    words('plugin_asks'),
    ...renderAsks(manifest['asks'], words),
  ];
}
