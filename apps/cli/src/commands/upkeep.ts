import { fieldsOf, textOf } from '../admin-client.ts';
import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';
import type { WordKey, Words } from '../words.ts';

const LEVEL_WORDS: Readonly<Record<string, WordKey>> = {
  ok: 'doctor_ok',
  warning: 'doctor_warning',
  fault: 'doctor_fault',
};

export const serve: Command = {
  name: 'serve',
  summary: 'summary_serve',
  run: async (context) => ({ lines: [], json: undefined, exitCode: await context.runServer() }),
};

export const doctor: Command = {
  name: 'doctor',
  summary: 'summary_doctor',
  async run(context) {
    const { admin, askServer, translate, words, progress } = context;
    progress(words('examining'));
    // What keeps a server from starting only its own program can find.
    const report = fieldsOf(
      await whenStopped(
        () => admin.get('/doctor'),
        () => askServer(['doctor']),
      ),
    );
    const checks = Array.isArray(report['checks']) ? report['checks'].map(fieldsOf) : [];
    const count = (level: string): number => checks.filter((check) => check['level'] === level).length;
    const lines = checks.map((check) => {
      const level = LEVEL_WORDS[textOf(check['level'])] ?? 'doctor_fault';
      const message = translate.finding(textOf(check['code']), fieldsOf(check['fields']), textOf(check['message']));
      return `${words(level)}  ${textOf(check['name'])}: ${message}`;
    });
    return {
      lines: [...lines, words('doctor_summary', { faults: count('fault'), warnings: count('warning') })],
      json: report,
      exitCode: count('fault') > 0 ? 1 : 0,
    };
  },
};

export const migrate: Command = {
  name: 'migrate',
  summary: 'summary_migrate',
  options: { down: { type: 'boolean' } },
  async run({ askServer, options, progress, words }) {
    progress(words('migrating'));
    const report = fieldsOf(await askServer(['migrate', ...(options['down'] === true ? ['--down'] : [])]));
    return { lines: renderMigration(report, words), json: report };
  },
};

function renderMigration(report: Readonly<Record<string, unknown>>, words: Words): readonly string[] {
  const [from, to] = [textOf(report['from']), textOf(report['to'])];
  if (from === '' && to === '') return [words('no_database')];
  const none = words('schema_none');
  const change =
    from === to
      ? words('migration_none', { schema: to })
      : words('migration_done', { from: from || none, to: to || none });
  const backup = fieldsOf(report['backup']);
  if (backup['path'] !== undefined) return [change, words('copy_before', { path: textOf(backup['path']) })];
  if (backup['reason'] !== undefined) return [change, words('no_copy', { reason: textOf(backup['reason']) })];
  return [change];
}

/** The running server's answer, or what its program says where no server answers or nobody could ask it. */
export async function whenStopped<Result>(
  ask: () => Promise<Result>,
  askFiles: () => Promise<Result>,
): Promise<Result> {
  try {
    return await ask();
  } catch (cause) {
    if (!(cause instanceof CliError) || (cause.code !== 'unreachable' && cause.code !== 'no_token')) throw cause;
  }
  return askFiles();
}
