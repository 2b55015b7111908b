import { fieldsOf, textOf } from '../admin-client.ts';
import { CliError } from '../cli-error.ts';
import type { Command, CommandContext, CommandResult } from '../command.ts';
import type { WordKey } from '../words.ts';

const LEVEL_WORDS: Readonly<Record<string, WordKey>> = {
  ok: 'doctor_ok',
  warning: 'doctor_warning',
  fault: 'doctor_fault',
};

/** What the server's program prints itself; there is nothing to add. */
const handedOver = async (context: CommandContext, args: readonly string[]): Promise<CommandResult> => ({
  lines: [],
  json: undefined,
  exitCode: await context.runServer(args),
});

export const serve: Command = {
  name: 'serve',
  summary: 'summary_serve',
  run: (context) => handedOver(context, []),
};

export const doctor: Command = {
  name: 'doctor',
  summary: 'summary_doctor',
  async run(context) {
    const { admin, options, words } = context;
    let report: Readonly<Record<string, unknown>>;
    try {
      report = fieldsOf(await admin.get('/doctor'));
    } catch (cause) {
      // What keeps a server from starting only its own program can find.
      if (!(cause instanceof CliError) || (cause.code !== 'unreachable' && cause.code !== 'no_token')) throw cause;
      return handedOver(context, ['doctor', ...(options['json'] === true ? ['--json'] : [])]);
    }
    const checks = Array.isArray(report['checks']) ? report['checks'].map(fieldsOf) : [];
    const count = (level: string): number => checks.filter((check) => check['level'] === level).length;
    const lines = checks.map((check) => {
      const level = LEVEL_WORDS[textOf(check['level'])] ?? 'doctor_fault';
      return `${words(level)}  ${textOf(check['name'])}: ${textOf(check['message'])}`;
    });
    return {
      lines: [...lines, words('doctor_summary', { faults: count('fault'), warnings: count('warning') })],
      json: report,
      exitCode: count('fault') > 0 ? 1 : 0,
    };
  },
};

export const backup: Command = {
  name: 'backup',
  summary: 'summary_backup',
  async run({ admin, words, progress }) {
    progress(words('backing_up'));
    const written = fieldsOf(await admin.post('/backup'));
    return { lines: [words('backup_written', { path: textOf(written['path']) })], json: written };
  },
};

export const restore: Command = {
  name: 'restore',
  usage: '<file>',
  summary: 'summary_restore',
  async run(context) {
    const file = context.positionals[0];
    if (file === undefined) {
      throw new CliError('missing_argument', context.words('missing_argument', { name: 'restore', usage: '<file>' }));
    }
    return handedOver(context, ['restore', file, ...(context.options['json'] === true ? ['--json'] : [])]);
  },
};

export const migrate: Command = {
  name: 'migrate',
  summary: 'summary_migrate',
  options: { down: { type: 'boolean' } },
  run: (context) =>
    handedOver(context, [
      'migrate',
      ...(context.options['down'] === true ? ['--down'] : []),
      ...(context.options['json'] === true ? ['--json'] : []),
    ]),
};
