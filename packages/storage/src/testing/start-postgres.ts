import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

/** Where Debian puts them, newest first. */
const BINARY_DIRECTORIES = [17, 16, 15].map((version) => `/usr/lib/postgresql/${version}/bin`);

export interface RunningPostgres extends AsyncDisposable {
  readonly binaries: string;
  readonly password: string;
  readonly user: string;
  /** Makes an empty database and answers its URL, password included. */
  createDatabase(): Promise<string>;
  /** Ends the server at once and removes its folder. */
  stop(): Promise<void>;
}

/**
 * The folder with `initdb` and `postgres`, or `undefined` after one line that says what is skipped.
 * Throws where nothing may be skipped (CI).
 */
export function findPostgresBinaries(): string | undefined {
  const found = BINARY_DIRECTORIES.find((directory) => existsSync(join(directory, 'initdb')));
  if (found !== undefined) return found;
  const words = 'PostgreSQL is not installed (apt-get install postgresql)';
  if (process.env.CI === 'true') throw new Error(`${words}, and CI skips nothing.`);
  process.stderr.write(`Skipped: the tests on PostgreSQL. ${words}.\n`);
  return undefined;
}

/**
 * A server of its own in a temporary folder: reached by a Unix socket only, with a password, and with a locale that
 * sorts unlike SQLite does. As root it runs as another user, since PostgreSQL refuses to run as root.
 */
export async function startPostgres(binaries: string): Promise<RunningPostgres> {
  // Not the system's temporary folder: the path of a socket has at most 107 bytes.
  const directory = await mkdtemp('/tmp/proxycast-pg-');
  const identity = process.getuid?.() === 0 ? findUnprivilegedUser() : undefined;
  const password = `pw:\\ ${randomBytes(8).toString('hex')}`;
  const user = 'proxycast';
  let server: ChildProcess | undefined;
  try {
    const passwordFile = join(directory, 'password');
    await writeFile(passwordFile, `${password}\n`);
    if (identity !== undefined) {
      await chown(directory, identity.uid, identity.gid);
      await chown(passwordFile, identity.uid, identity.gid);
    }
    const data = join(directory, 'data');
    const options = { cwd: directory, env: { LC_ALL: 'C.UTF-8', PATH: binaries }, ...identity };
    await finished(
      spawn(
        join(binaries, 'initdb'),
        [
          `--pgdata=${data}`,
          `--username=${user}`,
          `--pwfile=${passwordFile}`,
          '--auth=scram-sha-256',
          '--encoding=UTF8',
          '--locale-provider=icu',
          '--icu-locale=en-US',
          '--no-sync',
        ],
        { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
      ),
    );
    const settings = [`unix_socket_directories=${directory}`, 'listen_addresses=', 'fsync=off', 'max_connections=50'];
    server = spawn(join(binaries, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
      ...options,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await ready(server);
  } catch (error) {
    server?.kill('SIGQUIT');
    await rm(directory, { recursive: true, force: true });
    throw error;
  }

  const running = server;
  const killAtExit = (): void => {
    running.kill('SIGQUIT');
  };
  process.once('exit', killAtExit);
  const urlOf = (database: string): string =>
    `postgres://${user}:${encodeURIComponent(password)}@${encodeURIComponent(directory)}/${database}`;
  let databases = 0;

  const stop = async (): Promise<void> => {
    process.off('exit', killAtExit);
    if (running.exitCode === null && running.signalCode === null) {
      const exited = new Promise((resolve) => running.once('exit', resolve));
      // An immediate shutdown: nothing in there is worth a checkpoint.
      running.kill('SIGQUIT');
      await exited;
    }
    await rm(directory, { recursive: true, force: true });
  };
  return {
    binaries,
    password,
    user,
    async createDatabase() {
      databases += 1;
      const name = `test_${databases}`;
      const client = new pg.Client({ connectionString: urlOf('postgres') });
      await client.connect();
      try {
        await client.query(`create database ${name}`);
      } finally {
        await client.end();
      }
      return urlOf(name);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function findUnprivilegedUser(): { uid: number; gid: number } {
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const account = accounts.find(([accountName]) => accountName === name);
    if (account !== undefined) return { uid: Number(account[2]), gid: Number(account[3]) };
  }
  throw new Error('PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody.');
}

function finished(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const errors = collect(child);
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`initdb ended with code ${code}: ${errors.text()}`)),
    );
  });
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const errors = collect(server, (text) => {
      if (text.includes('database system is ready to accept connections')) resolve();
    });
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`postgres ended with code ${code}: ${errors.text()}`)));
  });
}

const KEPT_LOG_CHARACTERS = 4_000;

function collect(child: ChildProcess, onText: (text: string) => void = () => {}): { text(): string } {
  let text = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (more: string) => {
    text = (text + more).slice(-KEPT_LOG_CHARACTERS);
    onText(text);
  });
  return { text: () => text };
}
