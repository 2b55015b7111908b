import type { Migration } from 'kysely/migration';
import type { Engine } from '../engine.ts';
import { createFirstTables } from './0001-first-tables.ts';
import { callsAndChoice } from './0002-calls-and-choice.ts';
import { keptResponses } from './0003-kept-responses.ts';
import { plugins } from './0004-plugins.ts';
import { refreshLeases } from './0005-refresh-leases.ts';

export type Migrations = Readonly<Record<string, Migration>>;

/** Every migration by name. Names sort by their number and never change once released. */
export function createMigrations(engine: Engine['type']): Migrations {
  return {
    '0001-first-tables': createFirstTables(engine),
    '0002-calls-and-choice': callsAndChoice,
    '0003-kept-responses': keptResponses,
    '0004-plugins': plugins,
    '0005-refresh-leases': refreshLeases,
  };
}
