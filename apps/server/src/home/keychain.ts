import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The keychain of the person's desktop session. */
export interface Keychain {
  read(account: string): string | undefined;
  /** Whether it is there now. */
  write(account: string, value: string): boolean;
}

const SERVICE = 'proxycast';
/** A locked keychain asks its owner; one that nobody answers must not hold up the start. */
const TIMEOUT_MS = 5_000;

interface KeychainTool {
  readonly program: string;
  readonly readArguments: (account: string) => readonly string[];
  readonly writeArguments: (account: string) => readonly string[];
  /** The value goes in through standard input, never through arguments that other users can list. */
  readonly writeInput: (value: string) => string;
}

const SECRET_TOOL: KeychainTool = {
  program: 'secret-tool',
  readArguments: (account) => ['lookup', 'service', SERVICE, 'account', account],
  writeArguments: (account) => ['store', '--label', 'ProxyCast master key', 'service', SERVICE, 'account', account],
  writeInput: (value) => value,
};

const MACOS_SECURITY: KeychainTool = {
  program: 'security',
  readArguments: (account) => ['find-generic-password', '-s', SERVICE, '-a', account, '-w'],
  writeArguments: () => ['-i'],
  writeInput: (value) => value,
};

/** `undefined` where there is none: no desktop session, no tool. */
export function findKeychain(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): Keychain | undefined {
  if (platform === 'darwin') return createKeychain(macosTool(), environment);
  const hasSession = environment['DBUS_SESSION_BUS_ADDRESS'] !== undefined;
  if (platform !== 'linux' || !hasSession || !isOnPath(SECRET_TOOL.program, environment)) return undefined;
  return createKeychain(() => SECRET_TOOL, environment);
}

/** `security` takes the value as a word of a command it reads from standard input. */
function macosTool(): (account: string) => KeychainTool {
  return (account) => ({
    ...MACOS_SECURITY,
    writeInput: (value) => `add-generic-password -U -s ${SERVICE} -a "${account}" -w "${value}"\n`,
  });
}

function createKeychain(toolFor: (account: string) => KeychainTool, environment: NodeJS.ProcessEnv): Keychain {
  const run = (program: string, args: readonly string[], input?: string) =>
    spawnSync(program, args, {
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
      env: environment,
      stdio: ['pipe', 'pipe', 'ignore'],
      ...(input === undefined ? {} : { input }),
    });
  const read = (account: string): string | undefined => {
    const tool = toolFor(account);
    const result = run(tool.program, tool.readArguments(account));
    const value = result.status === 0 ? result.stdout.trim() : '';
    return value === '' ? undefined : value;
  };
  return {
    read,
    write(account, value) {
      const tool = toolFor(account);
      run(tool.program, tool.writeArguments(account), tool.writeInput(value));
      return read(account) === value;
    },
  };
}

function isOnPath(program: string, environment: NodeJS.ProcessEnv): boolean {
  return (environment['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
