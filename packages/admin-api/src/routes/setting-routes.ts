import { readSettings, settingsPatchSchema, settingsSchema } from '@proxycast/console-api';
import type { AdminApiPorts } from '../admin-api-ports.ts';
import { ADMIN_BASE_PATH } from '../admin-paths.ts';
import { type AdminRoute, defineRoute, NO_FIELDS } from '../admin-route.ts';

export function createSettingRoutes({ settings, now }: Pick<AdminApiPorts, 'settings' | 'now'>): readonly AdminRoute[] {
  const path = `${ADMIN_BASE_PATH}/settings`;
  const tag = 'setting';

  return [
    defineRoute({
      method: 'GET',
      path,
      operationId: 'getSettings',
      tag,
      summary: 'All settings in force.',
      params: NO_FIELDS,
      query: NO_FIELDS,
      body: NO_FIELDS,
      answer: { status: 200, description: 'Stored values, and defaults for the rest.', schema: settingsSchema },
      faults: [],
      async handle() {
        return readSettings(await settings.all());
      },
    }),
    defineRoute({
      method: 'PATCH',
      path,
      operationId: 'changeSettings',
      tag,
      summary: 'Change settings, all or none. null puts one back to its default.',
      changesConfig: true,
      params: NO_FIELDS,
      query: NO_FIELDS,
      body: settingsPatchSchema,
      answer: { status: 200, description: 'All settings in force.', schema: settingsSchema },
      faults: [],
      async handle({ body }) {
        const values = Object.entries(body).map(([key, value]) => [key, value ?? undefined] as const);
        await settings.set(Object.fromEntries(values), now());
        return readSettings(await settings.all());
      },
    }),
  ];
}
