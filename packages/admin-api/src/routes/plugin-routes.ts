import {
  boundaryAnswerSchema,
  idField,
  pluginConfigAnswerSchema,
  pluginConfigPutSchema,
  pluginCredentialCheckSchema,
  pluginCredentialCreateSchema,
  pluginCredentialListSchema,
  pluginCredentialPatchSchema,
  pluginCredentialSchema,
  pluginInspectionSchema,
  pluginInspectSchema,
  pluginInstallSchema,
  pluginListSchema,
  pluginNameField,
  pluginSchema,
  pluginVerificationSchema,
} from '@proxycast/console-api';
import { parseCredentialId } from '@proxycast/spec';
import { z } from 'zod';
import type { AdminApiPorts } from '../admin-api-ports.ts';
import { ADMIN_BASE_PATH } from '../admin-paths.ts';
import { type AdminRoute, defineRoute, NO_ANSWER, NO_FIELDS } from '../admin-route.ts';
import { notFound } from '../not-found.ts';

const pluginParams = z.strictObject({ name: pluginNameField });
const credentialParams = z.strictObject({ name: pluginNameField, id: idField.transform(parseCredentialId) });

export function createPluginRoutes({ plugins }: Pick<AdminApiPorts, 'plugins'>): readonly AdminRoute[] {
  const collection = `${ADMIN_BASE_PATH}/plugins`;
  const one = `${collection}/{name}`;
  const credentials = `${one}/credentials`;
  const tag = 'plugin';
  const bare = { query: NO_FIELDS, body: NO_FIELDS };
  const found = <Value>(value: Value | undefined, thing = tag): Value => {
    if (value === undefined) throw notFound(thing);
    return value;
  };
  const switchRoute = (action: 'enable' | 'disable', summary: string): AdminRoute =>
    defineRoute({
      method: 'POST',
      path: `${one}/${action}`,
      operationId: `${action}Plugin`,
      tag,
      summary,
      changesConfig: true,
      params: pluginParams,
      ...bare,
      answer: { status: 200, description: 'The plugin as it is now.', schema: pluginSchema },
      faults: [404],
      handle: async ({ params }) => found(await plugins.setEnabled(params.name, action === 'enable')),
    });
  const credentialSwitch = (action: 'enable' | 'disable' | 'reset', summary: string): AdminRoute =>
    defineRoute({
      method: 'POST',
      path: `${credentials}/{id}/${action}`,
      operationId: `${action}PluginCredential`,
      tag,
      summary,
      changesConfig: true,
      params: credentialParams,
      ...bare,
      answer: { status: 200, description: 'The credential as it is now.', schema: pluginCredentialSchema },
      faults: [404],
      handle: async ({ params }) =>
        found(await plugins.changeCredential(params.name, params.id, { type: action }), 'credential'),
    });

  return [
    defineRoute({
      method: 'GET',
      path: collection,
      operationId: 'listPlugins',
      tag,
      summary: 'The plugins in the plugins folder, with what each of them is doing.',
      params: NO_FIELDS,
      ...bare,
      answer: { status: 200, description: 'All of them, by name.', schema: pluginListSchema },
      faults: [],
      handle: async () => ({ items: [...(await plugins.list())], next_cursor: null }),
    }),
    defineRoute({
      method: 'GET',
      path: `${ADMIN_BASE_PATH}/plugin-boundary`,
      operationId: 'showPluginBoundary',
      tag,
      summary: 'What holds plugins back on this machine, found out by trying.',
      params: NO_FIELDS,
      ...bare,
      answer: { status: 200, description: 'Both walls.', schema: boundaryAnswerSchema },
      faults: [],
      handle: () => plugins.boundary(),
    }),
    defineRoute({
      method: 'POST',
      path: `${collection}/inspect`,
      operationId: 'inspectPlugin',
      tag,
      summary: 'What a plugin is and what it asks for, before anything of it is installed or run.',
      params: NO_FIELDS,
      query: NO_FIELDS,
      body: pluginInspectSchema,
      answer: { status: 200, description: 'As its manifest says.', schema: pluginInspectionSchema },
      faults: [400],
      handle: ({ body }) => plugins.inspect(body.source),
    }),
    defineRoute({
      method: 'POST',
      path: `${collection}/install`,
      operationId: 'installPlugin',
      tag,
      summary: 'Install a plugin, or put another version in the place of the one that is there.',
      changesConfig: true,
      params: NO_FIELDS,
      query: NO_FIELDS,
      body: pluginInstallSchema,
      answer: { status: 201, description: 'It is installed, and started where it is enabled.', schema: pluginSchema },
      faults: [400, 409],
      handle: ({ body }) => plugins.install(body.source, body.consent ?? false),
    }),
    defineRoute({
      method: 'GET',
      path: one,
      operationId: 'getPlugin',
      tag,
      summary: 'One plugin.',
      params: pluginParams,
      ...bare,
      answer: { status: 200, description: 'The plugin.', schema: pluginSchema },
      faults: [404],
      handle: async ({ params }) => found((await plugins.list()).find(({ name }) => name === params.name)),
    }),
    switchRoute('enable', 'Start a plugin, now and with each start of the server.'),
    switchRoute('disable', 'End a plugin’s process. Its credentials stay.'),
    defineRoute({
      method: 'POST',
      path: `${one}/verify`,
      operationId: 'verifyPlugin',
      tag,
      summary: 'Compare every file of a plugin with what was installed.',
      params: pluginParams,
      ...bare,
      answer: {
        status: 200,
        description: 'What is not as it was.',
        schema: pluginVerificationSchema,
      },
      faults: [404],
      handle: async ({ params }) => found(await plugins.verify(params.name)),
    }),
    defineRoute({
      method: 'GET',
      path: `${one}/config`,
      operationId: 'getPluginConfig',
      tag,
      summary: 'The settings of a plugin.',
      params: pluginParams,
      ...bare,
      answer: { status: 200, description: 'As they are in force.', schema: pluginConfigAnswerSchema },
      faults: [404],
      handle: async ({ params }) => found(await plugins.config(params.name)),
    }),
    defineRoute({
      method: 'PUT',
      path: `${one}/config`,
      operationId: 'setPluginConfig',
      tag,
      summary: 'Replace the settings of a plugin. They are checked against its schema and reach it while it runs.',
      changesConfig: true,
      params: pluginParams,
      query: NO_FIELDS,
      body: pluginConfigPutSchema,
      answer: { status: 200, description: 'As they are in force now.', schema: pluginConfigAnswerSchema },
      faults: [400, 404],
      handle: async ({ params, body }) =>
        found(
          await plugins.configure(params.name, {
            ...(body.settings === undefined ? {} : { settings: body.settings }),
            ...(body.timeout_ms === undefined ? {} : { timeoutMs: body.timeout_ms }),
          }),
        ),
    }),
    defineRoute({
      method: 'DELETE',
      path: one,
      operationId: 'removePlugin',
      tag,
      summary: 'Remove a plugin with its files, its private data and its credentials.',
      changesConfig: true,
      params: pluginParams,
      ...bare,
      answer: { status: 204, description: 'It is gone.', schema: NO_ANSWER },
      faults: [404],
      async handle({ params }) {
        if (!(await plugins.remove(params.name))) throw notFound(tag);
        return undefined;
      },
    }),
    defineRoute({
      method: 'GET',
      path: credentials,
      operationId: 'listPluginCredentials',
      tag,
      summary: 'The credentials of a plugin, without what opens anything.',
      params: pluginParams,
      ...bare,
      answer: { status: 200, description: 'All of them.', schema: pluginCredentialListSchema },
      faults: [404],
      handle: async ({ params }) => ({
        items: [...found(await plugins.listCredentials(params.name))],
        next_cursor: null,
      }),
    }),
    defineRoute({
      method: 'POST',
      path: credentials,
      operationId: 'addPluginCredential',
      tag,
      summary: 'Add a credential from the fields of its form; the plugin reads them.',
      changesConfig: true,
      params: pluginParams,
      query: NO_FIELDS,
      body: pluginCredentialCreateSchema,
      answer: { status: 201, description: 'The credential.', schema: pluginCredentialSchema },
      faults: [400, 404, 503],
      handle: async ({ params, body }) =>
        found(
          await plugins.addCredential(params.name, {
            authType: body.auth_type,
            config: body.config,
            ...(body.name === undefined ? {} : { name: body.name }),
          }),
        ),
    }),
    defineRoute({
      method: 'GET',
      path: `${credentials}/{id}`,
      operationId: 'getPluginCredential',
      tag,
      summary: 'One credential.',
      params: credentialParams,
      ...bare,
      answer: { status: 200, description: 'The credential.', schema: pluginCredentialSchema },
      faults: [404],
      handle: async ({ params }) =>
        found(
          found(await plugins.listCredentials(params.name)).find(({ id }) => id === params.id),
          'credential',
        ),
    }),
    defineRoute({
      method: 'PATCH',
      path: `${credentials}/{id}`,
      operationId: 'changePluginCredential',
      tag,
      summary: 'Rename a credential, or give it another share.',
      changesConfig: true,
      params: credentialParams,
      query: NO_FIELDS,
      body: pluginCredentialPatchSchema,
      answer: { status: 200, description: 'The credential as it is now.', schema: pluginCredentialSchema },
      faults: [404],
      handle: async ({ params, body }) =>
        found(await plugins.changeCredential(params.name, params.id, { type: 'fields', ...body }), 'credential'),
    }),
    credentialSwitch('enable', 'Use a credential.'),
    credentialSwitch('disable', 'Leave a credential alone.'),
    credentialSwitch('reset', 'Lift whatever rests a credential or keeps it from being used.'),
    defineRoute({
      method: 'POST',
      path: `${credentials}/{id}/validate`,
      operationId: 'validatePluginCredential',
      tag,
      summary: 'Ask the plugin whether a credential works.',
      changesConfig: true,
      params: credentialParams,
      ...bare,
      answer: { status: 200, description: 'What the plugin says.', schema: pluginCredentialCheckSchema },
      faults: [404, 503],
      handle: async ({ params }) => found(await plugins.validateCredential(params.name, params.id), 'credential'),
    }),
    defineRoute({
      method: 'POST',
      path: `${credentials}/{id}/refresh`,
      operationId: 'refreshPluginCredential',
      tag,
      summary: 'Have the plugin renew a login now.',
      changesConfig: true,
      params: credentialParams,
      ...bare,
      answer: { status: 200, description: 'Whether it was renewed.', schema: pluginCredentialCheckSchema },
      faults: [404, 503],
      handle: async ({ params }) => found(await plugins.refreshCredential(params.name, params.id), 'credential'),
    }),
    defineRoute({
      method: 'DELETE',
      path: `${credentials}/{id}`,
      operationId: 'deletePluginCredential',
      tag,
      summary: 'Delete a credential.',
      changesConfig: true,
      params: credentialParams,
      ...bare,
      answer: { status: 204, description: 'It is gone.', schema: NO_ANSWER },
      faults: [404],
      async handle({ params }) {
        if (!(await plugins.removeCredential(params.name, params.id))) throw notFound('credential');
        return undefined;
      },
    }),
  ];
}
