import { fieldsOf, textOf } from '../admin-client.ts';
import { CliError } from '../cli-error.ts';
import type { Command, CommandContext, CommandResult } from '../command.ts';
import { confirm } from '../confirm.ts';
import { type JsonSchemaField, parseFieldValue, readSchemaFields } from '../json-schema-field.ts';
import { parseAssignment } from '../parse-assignment.ts';
import { printableLine } from '../printable.ts';
import { renderNotice } from '../render-plugin.ts';
import { renderCredentialOutcome } from './credential.ts';
import { isForm, pluginPath } from './plugin.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Stands for what comes on standard input. */
const STDIN = '-';
/** Shorter ones would take letters out of ordinary words. */
const MIN_SECRET_LENGTH = 4;

export const credentialAdd: Command = {
  name: 'credential add',
  usage: '<plugin>',
  summary: 'summary_credential_add',
  options: {
    type: { type: 'string' },
    field: { type: 'string', multiple: true },
    name: { type: 'string' },
    yes: { type: 'boolean', short: 'y' },
  },
  run: addCredential,
};

async function addCredential(context: CommandContext): Promise<CommandResult> {
  const { admin, options, positionals, progress, words } = context;
  const name = positionals[0] ?? '';
  const provider = fieldsOf(fieldsOf(await admin.get(pluginPath(name)))['provider']);
  const type = await chooseType(context, provider);
  const fields = readSchemaFields(type['schema']);
  // What is wrong on the command line is told before anybody is asked for anything.
  const given = parseGiven(context, fields, fieldsOf(type['schema'])['additionalProperties'] === true);
  const { status } = fieldsOf(provider['notice']);
  if (status !== undefined && status !== 'ok')
    await confirm(context, renderNotice(provider['notice'], words), words('login_question'));
  const form = await fillForm(context, fields, given);
  progress(words('adding_credential', { name }));
  let credential: Fields;
  try {
    credential = fieldsOf(
      await admin.post(`${pluginPath(name)}/credentials`, {
        auth_type: textOf(type['id']),
        config: form,
        ...(options['name'] === undefined ? {} : { name: options['name'] }),
      }),
    );
  } catch (cause) {
    throw withoutSecrets(cause, fields, form);
  }
  const { lines, ...outcome } = renderCredentialOutcome(credential, words);
  return {
    ...outcome,
    lines: [words('credential_added', { name, id: textOf(credential['id']) }), ...lines],
  };
}

/** The way to log in: the one that was named, the only one there is, or the one the person chooses. Throws a CliError. */
async function chooseType(
  { options, positionals, terminal, words }: CommandContext,
  provider: Fields,
): Promise<Fields> {
  const types = Array.isArray(provider['auth_types']) ? provider['auth_types'].map(fieldsOf) : [];
  const forms = types.filter(isForm);
  const known = forms.map(({ id }) => textOf(id)).join(', ');
  const name = positionals[0] ?? '';
  const find = (id: string): Fields => {
    const type = types.find((one) => one['id'] === id);
    if (type === undefined) throw new CliError('unknown_type', words('unknown_type', { name, type: id, known }), 2);
    if (!isForm(type)) throw new CliError('login_elsewhere', words('login_elsewhere', { type: id, known }), 2);
    return type;
  };
  if (typeof options['type'] === 'string') return find(options['type']);
  const [only, another] = forms;
  if (only === undefined) throw new CliError('no_form', words('no_form', { name }));
  if (another === undefined) return only;
  if (terminal === undefined) throw new CliError('missing_option', words('which_type', { known }), 2);
  for (const type of forms) terminal.say(printableLine(`  ${textOf(type['id'])}  ${textOf(type['display_name'])}`));
  return find((await terminal.ask(`${words('which_type_question')} `)).trim());
}

/** The texts of `--field`, by name. Throws a CliError that repeats no value. */
function parseGiven(
  { lists, words }: CommandContext,
  fields: readonly JsonSchemaField[],
  areOthersAllowed: boolean,
): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  for (const text of lists['field'] ?? []) {
    const { name, value } = parseAssignment(text, 'field', words);
    if (!areOthersAllowed && fields.length > 0 && !fields.some((field) => field.name === name)) {
      const known = fields.map((field) => field.name).join(', ');
      throw new CliError('usage', words('unknown_field', { name, known }), 2);
    }
    given.set(name, value);
  }
  if ([...given.values()].filter((value) => value === STDIN).length > 1)
    throw new CliError('usage', words('one_from_stdin'), 2);
  return given;
}

/** The form with what was given and, of what is required besides, what the person answers. Throws a CliError. */
async function fillForm(
  { readStdin, terminal, words }: CommandContext,
  fields: readonly JsonSchemaField[],
  given: ReadonlyMap<string, string>,
): Promise<Fields> {
  const missing = fields.filter(({ isRequired, name }) => isRequired && !given.has(name));
  if (missing.length > 0 && terminal === undefined) {
    const example = missing.map(({ name, isSecret }) => `--field ${name}=${isSecret ? STDIN : '…'}`).join(' ');
    throw new CliError('missing_field', words('missing_fields', { example }), 2);
  }
  const answers = new Map(given);
  for (const [name, value] of given) {
    if (value !== STDIN) continue;
    const text = (await readStdin()).trim();
    if (text === '') throw new CliError('nothing_on_stdin', words('nothing_on_stdin'));
    answers.set(name, text);
  }
  if (terminal !== undefined) {
    for (const field of missing) {
      if (field.description !== '') terminal.say(printableLine(field.description));
      const choices = field.choices.length === 0 ? '' : ` (${field.choices.join(', ')})`;
      const question = printableLine(`${field.title}${choices}: `);
      const answer = (await (field.isSecret ? terminal.askHidden(question) : terminal.ask(question))).trim();
      if (answer === '') throw new CliError('missing_field', words('field_is_empty', { field: field.name }), 2);
      answers.set(field.name, answer);
    }
  }
  return Object.fromEntries(
    [...answers].map(([name, text]) => {
      const type = fields.find((field) => field.name === name)?.type ?? 'string';
      const value = parseFieldValue(text, type);
      if (value === undefined) throw new CliError('usage', words('wrong_type', { field: name, type }), 2);
      return [name, value];
    }),
  );
}

/** A refusal in somebody else's words, with whatever they repeat of a secret taken out. */
function withoutSecrets(cause: unknown, fields: readonly JsonSchemaField[], form: Fields): unknown {
  if (!(cause instanceof CliError)) return cause;
  const secrets = fields
    .filter(({ isSecret }) => isSecret)
    .map(({ name }) => textOf(form[name]))
    .filter((value) => value.length >= MIN_SECRET_LENGTH);
  const message = secrets.reduce((text, secret) => text.replaceAll(secret, '…'), cause.message);
  return message === cause.message ? cause : new CliError(cause.code, message, cause.exitCode);
}
