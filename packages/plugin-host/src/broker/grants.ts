import type { PluginManifest } from '@proxycast/spec/plugin';
import { expandFilePath, type KnownFolders } from '../manifest/file-pattern.ts';
import { type HostPattern, matchesHostPattern, parseHostPattern } from '../manifest/host-pattern.ts';

/** What a person said yes to, in the manifest's own words. What the manifest no longer asks for counts nothing. */
export interface PluginConsent {
  readonly network: readonly string[];
  readonly files: readonly string[];
  readonly keychain: readonly KeychainItem[];
}

export interface KeychainItem {
  readonly service: string;
  readonly account?: string;
}

export type UrlVerdict =
  /** `isOwn`: an address that a person wrote into the settings; it may be http and on this machine. */
  { readonly type: 'granted'; readonly isOwn: boolean } | { readonly type: 'refused'; readonly why: string };

/** What one plugin may do: what both its manifest and a person's consent say. */
export interface Grants {
  judgeUrl(url: URL): UrlVerdict;
  /** The pattern as the manifest has it, and its place here; `undefined` when it is not granted. */
  findFilePattern(path: string): GrantedFile | undefined;
  allowsKeychain(item: KeychainItem): boolean;
}

export interface GrantedFile {
  readonly pattern: string;
  /** Absolute, with its `*`. */
  readonly place: string;
  /** Absolute, of the very path that was asked for. */
  readonly asked: string;
}

export interface GrantsInput {
  readonly manifest: Pick<PluginManifest, 'network' | 'files' | 'keychain'>;
  readonly consent: PluginConsent;
  readonly folders: KnownFolders;
  /** `settings.endpoints`: addresses by name, set by a person. */
  readonly endpoints?: unknown;
}

/** Everything that the manifest asks for; what a consent to all of it is. */
export const consentToAll = ({ network = [], files = [], keychain = [] }: GrantsInput['manifest']): PluginConsent => ({
  network,
  files,
  keychain,
});

export function createGrants({ manifest, consent, folders, endpoints }: GrantsInput): Grants {
  const hosts = (manifest.network ?? [])
    .filter((host) => consent.network.includes(host))
    .map(parseHostPattern)
    .filter((pattern): pattern is HostPattern => typeof pattern !== 'string');
  const files = (manifest.files ?? [])
    .filter((file) => consent.files.includes(file))
    .flatMap((pattern) => {
      const place = expandFilePath(pattern, folders);
      return place === undefined ? [] : [{ pattern, place }];
    });
  const items = (manifest.keychain ?? []).filter((item) => consent.keychain.some((one) => isSameItem(one, item)));
  const own = originsOf(endpoints);
  return {
    judgeUrl(url) {
      if (url.username !== '' || url.password !== '') return { type: 'refused', why: 'it holds a user or a password' };
      if (own.has(url.origin)) return { type: 'granted', isOwn: true };
      if (url.protocol !== 'https:') return { type: 'refused', why: 'it is not https' };
      if (hosts.some((pattern) => matchesHostPattern(pattern, url))) return { type: 'granted', isOwn: false };
      return { type: 'refused', why: 'its host is not one of those that were granted' };
    },
    findFilePattern(path) {
      const asked = expandFilePath(path, folders);
      if (asked === undefined) return undefined;
      const granted = files.find(({ pattern, place }) => pattern === path || matchesPlace(place, asked));
      return granted === undefined ? undefined : { ...granted, asked };
    },
    allowsKeychain: (item) => items.some((one) => isSameItem(one, item)),
  };
}

/** Whether an absolute path is one of a pattern: the folder the very same, the last name as its `*` say. */
export function matchesPlace(place: string, path: string): boolean {
  const [placeFolder, placeName] = splitLast(place);
  const [folder, name] = splitLast(path);
  if (placeFolder !== folder) return false;
  const pieces = placeName.split('*');
  if (pieces.length === 1) return placeName === name;
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at);
    if (found < 0 || found + piece.length > name.length - last.length) return false;
    at = found + piece.length;
  }
  return true;
}

export function splitLast(path: string): readonly [string, string] {
  const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  return [path.slice(0, at), path.slice(at + 1)];
}

function originsOf(endpoints: unknown): ReadonlySet<string> {
  const origins = new Set<string>();
  if (typeof endpoints !== 'object' || endpoints === null) return origins;
  for (const value of Object.values(endpoints)) {
    if (typeof value !== 'string' || !URL.canParse(value)) continue;
    const url = new URL(value);
    if (url.protocol === 'https:' || url.protocol === 'http:') origins.add(url.origin);
  }
  return origins;
}

const isSameItem = (a: KeychainItem, b: KeychainItem): boolean => a.service === b.service && a.account === b.account;
