import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresAddress } from './postgres-address.ts';

export type DumpOutcome = { readonly type: 'dumped' } | { readonly type: 'failed'; readonly reason: string };

/**
 * Writes the database to `path` in pg_dump's own format, which `pg_restore` reads. The password travels in a file
 * only we can read: arguments are shown to every user of the machine.
 */
export async function dumpPostgres(
  command: string,
  address: PostgresAddress,
  sslMode: string | undefined,
  path: string,
): Promise<DumpOutcome> {
  const directory = await mkdtemp(join(tmpdir(), 'proxycast-dump-'));
  try {
    const passwordFile = join(directory, 'password');
    const { host, port, database, user, password } = address;
    if (password !== undefined) {
      const line = ['*', '*', '*', '*', password].map(escapePasswordField).join(':');
      await writeFile(passwordFile, `${line}\n`, { mode: 0o600 });
    }
    const connection = {
      host,
      port: String(port),
      dbname: database,
      user,
      ...(sslMode === undefined ? {} : { sslmode: sslMode }),
      ...(password === undefined ? {} : { passfile: passwordFile }),
    };
    const dsn = Object.entries(connection)
      .map(([name, value]) => `${name}='${value.replaceAll(/[\\']/g, String.raw`\$&`)}'`)
      .join(' ');
    return await run(command, ['--format=custom', '--no-password', `--file=${path}`, `--dbname=${dsn}`]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** https://www.postgresql.org/docs/15/libpq-pgpass.html, 2026-11-24. */
function escapePasswordField(field: string): string {
  return field === '*' ? field : field.replaceAll(/[\\:]/g, String.raw`\$&`);
}

const REASON_MAX_CHARACTERS = 300;

function run(command: string, commandArguments: readonly string[]): Promise<DumpOutcome> {
  return new Promise((resolve) => {
    const child = spawn(command, commandArguments, { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => {
      errors = (errors + text).slice(-REASON_MAX_CHARACTERS);
    });
    child.once('error', (error) =>
      resolve({
        type: 'failed',
        reason: 'code' in error && error.code === 'ENOENT' ? `${command} is not on PATH` : `${command} does not start`,
      }),
    );
    child.once('close', (exitCode) =>
      resolve(
        exitCode === 0
          ? { type: 'dumped' }
          : { type: 'failed', reason: `${command} ended with code ${exitCode}: ${errors.trim()}` },
      ),
    );
  });
}
