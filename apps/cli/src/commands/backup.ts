import { basename } from 'node:path';
import { fieldsOf, textOf } from '../admin-client.ts';
import { CliError } from '../cli-error.ts';
import type { Command, CommandContext } from '../command.ts';
import { renderTable } from '../render-table.ts';
import { listAll } from './provider.ts';
import { whenStopped } from './upkeep.ts';

export const backup: Command = {
  name: 'backup',
  summary: 'summary_backup',
  options: { list: { type: 'boolean' } },
  async run({ admin, options, words, progress }) {
    if (options['list'] === true) {
      const backups = await listAll(admin.get, '/backups');
      const rows = backups.map(({ name, written_at: at }) => [
        textOf(name),
        typeof at === 'number' ? new Date(at).toISOString().slice(0, 16) : '',
      ]);
      const head = [words('column_name'), words('column_created')];
      return { lines: rows.length === 0 ? [words('none_found')] : renderTable(head, rows), json: backups };
    }
    progress(words('backing_up'));
    const written = fieldsOf(await admin.post('/backup'));
    return { lines: [words('backup_written', { path: textOf(written['path']) })], json: written };
  },
};

export const restore: Command = {
  name: 'restore',
  usage: '<backup>',
  summary: 'summary_restore',
  async run(context) {
    const { askServer, positionals, progress, words } = context;
    const given = positionals[0] ?? '';
    progress(words('restoring'));
    const report = fieldsOf(
      await whenStopped(
        () => restoreRunning(context, given),
        () => askServer(['restore', given]),
      ),
    );
    const kept = textOf(report['kept']);
    return {
      lines: [
        words('restored', { name: textOf(report['name']), bytes: textOf(report['bytes']) }),
        ...(kept === '' ? [] : [words('restore_kept', { path: kept })]),
      ],
      json: report,
    };
  },
};

/** The running server takes names of its own folder only. */
async function restoreRunning({ admin, words }: CommandContext, given: string): Promise<unknown> {
  const backups = await listAll(admin.get, '/backups');
  const name = basename(given);
  const listed = backups.find((known) => known['name'] === name);
  const isOfFolder = given === name || given === listed?.['path'];
  if (listed === undefined || !isOfFolder) throw new CliError('backup_missing', words('backup_not_listed', { given }));
  return admin.post('/restore', { name });
}
