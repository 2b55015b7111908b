import { z } from 'zod';
import { idField } from './fields.ts';

const hostName = z
  .string()
  .max(253)
  .regex(/^(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)$/, {
    error:
      'A host is a lower-case name or an address without scheme and port, for example "gateway.lan" or "[fd00::1]".',
  });

const bytes = (atMost: number) => z.int().min(1024).max(atMost);
const milliseconds = z.int().min(100).max(3_600_000);
const trustedHost = z
  .string()
  .max(259)
  .regex(/^(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::[0-9]{1,5})?$/, {
    error: 'A host is a lower-case name or an address, with a port or without, for example "files.lan:8080".',
  });
const trustedHosts = z.array(trustedHost).max(100);

const providerId = idField.nullable();
const hostNames = z.array(hostName).max(100);

/** Every live setting: its key, what it takes, and the value when none is stored. */
export const settingSchemas = {
  'server.allowed_hosts': hostNames
    .default([])
    .meta({ description: 'Host names under which ProxyCast answers besides localhost and addresses.' }),
  'routing.default_provider': providerId
    .default(null)
    .meta({ description: 'Where a model goes that no route and no provider’s list names; null: nowhere.' }),
  'limits.max_body_bytes': bytes(1_073_741_824)
    .default(28 * 1_048_576)
    .meta({ description: 'Largest body of a client request.' }),
  'limits.max_buffered_bytes': bytes(68_719_476_736)
    .default(1_073_741_824)
    .meta({ description: 'Request bodies held at one time, over all requests.' }),
  'limits.max_attempts': z.int().min(1).max(100).default(8).meta({ description: 'Attempts of one request.' }),
  'timeouts.upstream_connect_ms': milliseconds.default(10_000).meta({ description: 'To connect to an upstream.' }),
  'timeouts.upstream_head_ms': milliseconds
    .default(600_000)
    .meta({ description: 'From a sent request to the head of the upstream’s answer.' }),
  'timeouts.upstream_idle_ms': milliseconds
    .default(300_000)
    .meta({ description: 'Between two chunks of an upstream’s answer.' }),
  'timeouts.client_stall_ms': milliseconds
    .default(300_000)
    .meta({ description: 'How long a client may leave written bytes unread.' }),
  'media.fetch_urls': z.boolean().default(true).meta({
    description:
      'Whether files that clients name by an address are fetched where the upstream does not read addresses.',
  }),
  'media.max_file_bytes': bytes(1_073_741_824)
    .default(20 * 1_048_576)
    .meta({ description: 'Largest file fetched.' }),
  'media.max_total_bytes': bytes(1_073_741_824)
    .default(50 * 1_048_576)
    .meta({ description: 'Files fetched for one request together.' }),
  'media.max_files': z.int().min(1).max(1_000).default(20).meta({ description: 'Files fetched for one request.' }),
  'media.timeout_ms': milliseconds.default(10_000).meta({ description: 'To fetch one file, redirects included.' }),
  'media.allow_http': z
    .boolean()
    .default(false)
    .meta({ description: 'Whether files are fetched from http: addresses too.' }),
  'media.trusted_hosts': trustedHosts.default([]).meta({
    description:
      'Hosts from which files are fetched although they are private, over http: too; every client that has a key can reach them.',
  }),
  'ledger.retention_days': z
    .int()
    .min(1)
    .max(3650)
    .default(90)
    .meta({ description: 'How long the ledger keeps its rows.' }),
  'responses.keep': z.boolean().default(true).meta({
    description:
      'Whether answers of /v1/responses are kept here, encrypted, where the service behind does not keep them; clients name them by previous_response_id.',
  }),
  'responses.retention_days': z
    .int()
    .min(1)
    .max(3650)
    .default(30)
    .meta({ description: 'How long a kept response can be named.' }),
  'responses.max_bytes': bytes(1_099_511_627_776)
    .default(268_435_456)
    .meta({ description: 'Kept responses in the database; over it the oldest conversations go.' }),
  'responses.max_background': z
    .int()
    .min(1)
    .max(10_000)
    .default(50)
    .meta({ description: 'Responses worked on in the background at one time.' }),
  'backup.retention_days': z
    .int()
    .min(1)
    .max(3650)
    .default(7)
    .meta({ description: 'How long daily backups are kept; the newest always is.' }),
} as const;
export type SettingKey = keyof typeof settingSchemas;

/** All settings in force: the stored value, else the default. */
export const settingsSchema = z.strictObject(settingSchemas);
export type SettingsAnswer = z.output<typeof settingsSchema>;

const patchShape = {
  'server.allowed_hosts': hostNames.nullable().exactOptional(),
  'routing.default_provider': providerId.exactOptional(),
  'limits.max_body_bytes': settingSchemas['limits.max_body_bytes'].unwrap().nullable().exactOptional(),
  'limits.max_buffered_bytes': settingSchemas['limits.max_buffered_bytes'].unwrap().nullable().exactOptional(),
  'limits.max_attempts': settingSchemas['limits.max_attempts'].unwrap().nullable().exactOptional(),
  'timeouts.upstream_connect_ms': milliseconds.nullable().exactOptional(),
  'timeouts.upstream_head_ms': milliseconds.nullable().exactOptional(),
  'timeouts.upstream_idle_ms': milliseconds.nullable().exactOptional(),
  'timeouts.client_stall_ms': milliseconds.nullable().exactOptional(),
  'media.fetch_urls': z.boolean().nullable().exactOptional(),
  'media.max_file_bytes': settingSchemas['media.max_file_bytes'].unwrap().nullable().exactOptional(),
  'media.max_total_bytes': settingSchemas['media.max_total_bytes'].unwrap().nullable().exactOptional(),
  'media.max_files': settingSchemas['media.max_files'].unwrap().nullable().exactOptional(),
  'media.timeout_ms': milliseconds.nullable().exactOptional(),
  'media.allow_http': z.boolean().nullable().exactOptional(),
  'media.trusted_hosts': trustedHosts.nullable().exactOptional(),
  'ledger.retention_days': settingSchemas['ledger.retention_days'].unwrap().nullable().exactOptional(),
  'responses.keep': settingSchemas['responses.keep'].unwrap().nullable().exactOptional(),
  'responses.retention_days': settingSchemas['responses.retention_days'].unwrap().nullable().exactOptional(),
  'responses.max_bytes': settingSchemas['responses.max_bytes'].unwrap().nullable().exactOptional(),
  'responses.max_background': settingSchemas['responses.max_background'].unwrap().nullable().exactOptional(),
  'backup.retention_days': settingSchemas['backup.retention_days'].unwrap().nullable().exactOptional(),
} satisfies Record<SettingKey, z.ZodType>;

/** `null` puts a setting back to its default. */
export const settingsPatchSchema = z.strictObject(patchShape);
export type SettingsPatch = z.input<typeof settingsPatchSchema>;

/** Settings in force for what is stored. A stored value that is no longer valid counts as absent. */
export function readSettings(stored: Readonly<Record<string, unknown>>): SettingsAnswer {
  const valid: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(settingSchemas)) {
    const parsed = schema.safeParse(stored[key]);
    if (parsed.success) valid[key] = parsed.data;
  }
  return settingsSchema.parse(valid);
}
