import type { DeclaredConfig } from '@proxycast/console-api';

export interface ApplyParts {
  /** The admin API of this process, `path` after `/api/admin/v1`. Rejects with its message when it refuses. */
  readonly call: (method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown) => Promise<unknown>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Makes the configuration what the file says, through the admin API, so that what a person may do is checked the same
 * way. Answers what was changed; nothing when all was so already. Throws an Error that names the part it could not apply.
 */
export async function applyDeclared(config: DeclaredConfig, parts: ApplyParts): Promise<readonly string[]> {
  const changed: string[] = [];
  const step = async (name: string, run: () => Promise<boolean>): Promise<void> => {
    try {
      if (await run()) changed.push(name);
    } catch (cause) {
      throw new Error(`proxycast.yaml ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  };
  const { settings, providers = [], routes = [] } = config;
  // Known before anything is changed, so nothing of the file is applied without the rest.
  for (const { id, keys = [] } of providers) {
    await step(`providers.${id}`, async () => {
      for (const key of keys) readKey(key, parts);
      return false;
    });
  }
  if (settings !== undefined) await step('settings', () => applySettings(settings, parts));
  const known = new Map((await listOf(parts, '/providers')).map((row) => [row['id'], row]));
  for (const provider of providers) {
    await step(`providers.${provider.id}`, () => applyProvider(provider, known.get(provider.id), parts));
  }
  const knownRoutes = await listOf(parts, '/routes');
  for (const route of routes) {
    await step(`routes.${route.pattern}`, () =>
      applyRow(
        route,
        knownRoutes.find(({ pattern }) => pattern === route.pattern),
        '/routes',
        parts,
      ),
    );
  }
  return changed;
}

async function applySettings(
  settings: NonNullable<DeclaredConfig['settings']>,
  { call }: ApplyParts,
): Promise<boolean> {
  const current = rowOf(await call('GET', '/settings'));
  if (!differs(settings, current)) return false;
  await call('PATCH', '/settings', settings);
  return true;
}

async function applyProvider(
  { keys = [], ...fields }: NonNullable<DeclaredConfig['providers']>[number],
  current: Row | undefined,
  parts: ApplyParts,
): Promise<boolean> {
  const { id, ...changes } = fields;
  let isChanged = await applyRow(
    current === undefined ? { name: id, ...fields } : changes,
    current,
    '/providers',
    parts,
  );
  const path = `/providers/${encodeURIComponent(id)}/keys`;
  const stored = keys.length === 0 ? [] : await listOf(parts, path);
  for (const { name, ...key } of keys) {
    const value = readKey(key, parts);
    const known = stored.find((row) => row['name'] === name);
    if (known === undefined) await parts.call('POST', path, { name, key: value });
    // Stored keys are not shown; their last characters tell whether it is another.
    else if (typeof known['hint'] !== 'string' || !value.endsWith(known['hint'])) {
      await parts.call('PATCH', `${path}/${String(known['id'])}`, { key: value });
    } else continue;
    isChanged = true;
  }
  return isChanged;
}

function readKey(
  { key, key_env: variable }: { readonly key?: string; readonly key_env?: string },
  { environment }: ApplyParts,
): string {
  const value = key ?? (variable === undefined ? undefined : environment[variable]);
  if (value === undefined || value === '') throw new Error(`the environment variable ${variable} is not set.`);
  return value;
}

async function applyRow(wanted: Row, current: Row | undefined, path: string, { call }: ApplyParts): Promise<boolean> {
  if (current === undefined) {
    await call('POST', path, wanted);
    return true;
  }
  if (!differs(wanted, current)) return false;
  await call('PATCH', `${path}/${encodeURIComponent(String(current['id']))}`, wanted);
  return true;
}

/** Whether a field that is wanted has another value now. */
function differs(wanted: Row, current: Row): boolean {
  return Object.entries(wanted).some(([key, value]) => JSON.stringify(value) !== JSON.stringify(current[key]));
}

async function listOf({ call }: ApplyParts, path: string): Promise<readonly Row[]> {
  const { items } = rowOf(await call('GET', path));
  return Array.isArray(items) ? items.map(rowOf) : [];
}

function rowOf(value: unknown): Row {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
