import { isAbsolute, join, sep } from 'node:path';

/** Folders that a path of a manifest may begin with, as they are on this machine; absent where there is none. */
export interface KnownFolders {
  readonly home: string;
  readonly xdgData?: string;
  readonly xdgConfig?: string;
  readonly appData?: string;
  readonly localAppData?: string;
}

const ROOTS: Readonly<Record<string, (folders: KnownFolders) => string | undefined>> = {
  '~': ({ home }) => home,
  $XDG_DATA_HOME: ({ home, xdgData = join(home, '.local', 'share') }) => xdgData,
  $XDG_CONFIG_HOME: ({ home, xdgConfig = join(home, '.config') }) => xdgConfig,
  '%APPDATA%': ({ appData }) => appData,
  '%LOCALAPPDATA%': ({ localAppData }) => localAppData,
};

/** Why a path is none that a manifest may ask for; `undefined` when it is one. */
export function findFilePatternFault(text: string): string | undefined {
  const [root = '', ...names] = text.split('/');
  if (!Object.hasOwn(ROOTS, root)) return `must begin with one of ${Object.keys(ROOTS).join(', ')}, and use /`;
  if (names.length === 0) return 'must name a file';
  if (names.some((name) => name === '' || name === '.' || name === '..')) return 'must not hold empty names, . or ..';
  if (/[\\:?"<>|]/.test(text) || hasControls(text)) return 'must be a plain path';
  if (names.slice(0, -1).some((name) => name.includes('*'))) return 'may hold * in the last name only';
  const last = names.at(-1) ?? '';
  if (last.replaceAll('*', '') === '') return 'must not be a whole folder: say more of the name, such as *.json';
  return undefined;
}

/** The place on this machine; `undefined` where the root is none here. Patterns keep their `*`. */
export function expandFilePath(text: string, folders: KnownFolders): string | undefined {
  if (findFilePatternFault(text) !== undefined) return undefined;
  const [root = '', ...names] = text.split('/');
  const base = ROOTS[root]?.(folders);
  return base === undefined || !isAbsolute(base) ? undefined : [base.replace(/[\\/]+$/, ''), ...names].join(sep);
}

function hasControls(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) < 0x20) return true;
  return false;
}
