import {
  backupListSchema,
  backupWrittenSchema,
  doctorSchema,
  restoredSchema,
  restoreSchema,
} from '@proxycast/console-api';
import type { AdminApiPorts } from '../admin-api-ports.ts';
import { ADMIN_BASE_PATH } from '../admin-paths.ts';
import { type AdminRoute, defineRoute, NO_FIELDS } from '../admin-route.ts';

export function createUpkeepRoutes({ upkeep }: Pick<AdminApiPorts, 'upkeep'>): readonly AdminRoute[] {
  const tag = 'upkeep';
  return [
    defineRoute({
      method: 'POST',
      path: `${ADMIN_BASE_PATH}/backup`,
      operationId: 'createBackup',
      tag,
      summary: 'Write a backup of the database now, and open it to check it.',
      params: NO_FIELDS,
      query: NO_FIELDS,
      body: NO_FIELDS,
      answer: { status: 200, description: 'It is whole and on the disk.', schema: backupWrittenSchema },
      faults: [],
      handle: () => upkeep.backup(),
    }),
    defineRoute({
      method: 'GET',
      path: `${ADMIN_BASE_PATH}/backups`,
      operationId: 'listBackups',
      tag,
      summary: 'Backups there are, newest first.',
      params: NO_FIELDS,
      query: NO_FIELDS,
      body: NO_FIELDS,
      answer: { status: 200, description: 'All of them.', schema: backupListSchema },
      faults: [],
      async handle() {
        const backups = await upkeep.listBackups();
        return {
          items: backups.map(({ name, path, writtenAt }) => ({ name, path, written_at: writtenAt })),
          next_cursor: null,
        };
      },
    }),
    defineRoute({
      method: 'POST',
      path: `${ADMIN_BASE_PATH}/restore`,
      operationId: 'restoreBackup',
      tag,
      summary: 'Put a backup in place of the database, after a backup of what is there now.',
      changesConfig: true,
      params: NO_FIELDS,
      query: NO_FIELDS,
      body: restoreSchema,
      answer: { status: 200, description: 'It is in place and in force.', schema: restoredSchema },
      faults: [404, 409],
      async handle({ body }) {
        const { name, schema, bytes, kept } = await upkeep.restore(body.name);
        return { name, schema: schema ?? null, bytes, kept: kept ?? null };
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${ADMIN_BASE_PATH}/doctor`,
      operationId: 'runDoctor',
      tag,
      summary: 'Look for what is wrong.',
      params: NO_FIELDS,
      query: NO_FIELDS,
      body: NO_FIELDS,
      answer: {
        status: 200,
        description: 'Every check, with what to do where something is wrong.',
        schema: doctorSchema,
      },
      faults: [],
      async handle() {
        return { checks: (await upkeep.doctor()).map((check) => ({ ...check, fields: { ...check.fields } })) };
      },
    }),
  ];
}
