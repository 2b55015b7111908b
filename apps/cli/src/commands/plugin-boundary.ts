import { fieldsOf, textOf } from '../admin-client.ts';
import type { Command } from '../command.ts';
import { renderTable } from '../render-table.ts';
import type { WordKey, Words } from '../words.ts';

const PROTECTION_WORDS: Readonly<Record<string, WordKey>> = {
  files: 'wall_files',
  links: 'wall_links',
  writes: 'wall_writes',
  network: 'wall_network',
  processes: 'wall_processes',
  signals: 'wall_signals',
  sqlite: 'wall_sqlite',
  environment: 'wall_environment',
};

const HOLD_WORDS: Readonly<Record<string, WordKey>> = {
  holds: 'wall_holds',
  open: 'wall_open',
  absent: 'wall_absent',
};

/** What a protection is called, for a person. */
export function nameProtection(id: string, words: Words): string {
  const key = PROTECTION_WORDS[id];
  return key === undefined ? id : words(key);
}

export const pluginBoundary: Command = {
  name: 'plugin boundary',
  summary: 'summary_plugin_boundary',
  async run({ admin, progress, words }) {
    progress(words('probing'));
    const boundary = fieldsOf(await admin.get('/plugin-boundary'));
    const outer = fieldsOf(boundary['outer']);
    const open = Array.isArray(boundary['open']) ? boundary['open'].map(String) : [];
    const held = (given: unknown): string => {
      const key = HOLD_WORDS[textOf(given)];
      return key === undefined ? textOf(given) : words(key);
    };
    const rows = Object.entries(fieldsOf(boundary['protections'])).map(([id, walls]) => [
      nameProtection(id, words),
      held(fieldsOf(walls)['runtime']),
      held(fieldsOf(walls)['outer']),
    ]);
    return {
      lines: [
        outer['type'] === 'none'
          ? words('outer_missing', { why: textOf(outer['why']) })
          : words('outer_there', { type: textOf(outer['type']), version: textOf(outer['version']) }),
        '',
        ...renderTable([words('column_protection'), words('column_runtime'), words('column_outer')], rows),
        '',
        open.length === 0
          ? words('nothing_open')
          : words('things_open', { items: open.map((id) => nameProtection(id, words)).join(', ') }),
      ],
      json: boundary,
    };
  },
};
