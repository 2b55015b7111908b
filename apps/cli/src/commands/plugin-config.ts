import { fieldsOf, textOf } from '../admin-client.ts';
import { CliError } from '../cli-error.ts';
import type { Command, CommandContext, CommandResult } from '../command.ts';
import { parseFieldValue, readSchemaFields } from '../json-schema-field.ts';
import { parseAssignment } from '../parse-assignment.ts';
import type { Words } from '../words.ts';
import { pluginPath } from './plugin.ts';

type Fields = Readonly<Record<string, unknown>>;

export const pluginConfig: Command = {
  name: 'plugin config',
  usage: '<name>',
  summary: 'summary_plugin_config',
  options: { set: { type: 'string', multiple: true }, file: { type: 'string' } },
  run: configurePlugin,
};

async function configurePlugin(context: CommandContext): Promise<CommandResult> {
  const { admin, lists, options, positionals, words } = context;
  const path = pluginPath(positionals[0] ?? '');
  const { config_schema: schema } = fieldsOf(await admin.get(path));
  const sets = lists['set'] ?? [];
  const given = await readFile(context);
  let config = fieldsOf(await admin.get(`${path}/config`));
  if (given !== undefined || sets.length > 0) {
    const settings = sets.reduce<Fields>(
      (before, text) => applySetting(before, text, schema, words),
      given ?? fieldsOf(config['settings']),
    );
    config = fieldsOf(await admin.put(`${path}/config`, { settings }));
  }
  const isChanged = options['file'] !== undefined || sets.length > 0;
  return {
    lines: [
      ...(isChanged ? [words('config_saved', { name: positionals[0] ?? '' })] : []),
      ...renderSettings(fieldsOf(config['settings']), schema, words),
    ],
    json: config,
  };
}

/** The settings of `--file`, `-` for standard input. Throws a CliError without anything of what is in it. */
async function readFile({ files, options, readStdin, words }: CommandContext): Promise<Fields | undefined> {
  const path = options['file'];
  if (typeof path !== 'string') return undefined;
  let text: string;
  try {
    text = path === '-' ? await readStdin() : await files.read(path);
  } catch {
    throw new CliError('file_unreadable', words('file_unreadable', { path }));
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return fieldsOf(value);
  } catch {
    // Told below: the parser's own words quote the text.
  }
  throw new CliError('file_not_json', words('file_not_json', { path }));
}

/** `endpoints.api=https://…`: dots go into objects. Throws a CliError. */
function applySetting(settings: Fields, given: string, schema: unknown, words: Words): Fields {
  const { name, value } = parseAssignment(given, 'set', words);
  const at = (before: unknown, keys: readonly string[], inner: unknown): unknown => {
    const [key, ...rest] = keys;
    if (key === undefined) {
      const type = textOf(fieldsOf(inner)['type']) || undefined;
      const parsed = parseFieldValue(value, type);
      if (parsed === undefined) throw new CliError('usage', words('wrong_type', { field: name, type: type ?? '' }), 2);
      return parsed;
    }
    const fields = fieldsOf(before);
    const child = own(fields, key);
    return Object.fromEntries([
      ...Object.entries(fields).filter(([other]) => other !== key),
      [key, at(child, rest, own(fieldsOf(fieldsOf(inner)['properties']), key))],
    ]);
  };
  // A setting may have a dot in its name.
  const isWhole = Object.hasOwn(fieldsOf(fieldsOf(schema)['properties']), name);
  return fieldsOf(at(settings, isWhole ? [name] : name.split('.'), schema));
}

const own = (fields: Fields, key: string): unknown => (Object.hasOwn(fields, key) ? fields[key] : undefined);

/** One line for each value, with what `--set` takes; secrets only as being there. */
function renderSettings(settings: Fields, schema: unknown, words: Words): readonly string[] {
  const lines = (value: Fields, inner: unknown, prefix: string): readonly string[] => {
    const known = new Map(readSchemaFields(inner).map((field) => [field.name, field]));
    return Object.entries(value).flatMap(([key, one]) => {
      const path = `${prefix}${key}`;
      if (known.get(key)?.isSecret === true) return [`${path}=${words('secret_set')}`];
      const isGroup = typeof one === 'object' && one !== null && !Array.isArray(one);
      if (!isGroup) return [`${path}=${typeof one === 'string' ? one : JSON.stringify(one)}`];
      return lines(fieldsOf(one), own(fieldsOf(fieldsOf(inner)['properties']), key), `${path}.`);
    });
  };
  const shown = lines(settings, schema, '');
  const unset = readSchemaFields(schema)
    .filter(({ name }) => !Object.hasOwn(settings, name))
    .map(({ name, title }) => words('setting_default', { name, title }));
  return shown.length + unset.length === 0 ? [words('no_settings')] : [...shown, ...unset];
}
