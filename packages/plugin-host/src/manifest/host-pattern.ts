/** Which hosts a plugin may reach: one entry of a manifest's `network`. */
export interface HostPattern {
  /** As written. */
  readonly text: string;
  readonly labels: readonly string[];
  /** The first label is `*`: any number of labels, one at least. */
  readonly isDeep: boolean;
  readonly port: number;
}

const LABEL = /^(?:\*|[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)$/;
/** So many labels at the end have to be fixed: `*.com` would be half of the world. */
const FIXED_LABELS = 2;
const HTTPS_PORT = 443;

/** Parses `api.example.com`, `*.example.com`, `oidc.*.example.com`, each with or without `:port`. Answers why not. */
export function parseHostPattern(text: string): HostPattern | string {
  const [host = '', portText, ...more] = text.toLowerCase().split(':');
  if (more.length > 0 || text.includes('/')) return 'must be a host such as api.example.com, without scheme and path';
  const port = portText === undefined ? HTTPS_PORT : Number(portText);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return 'must have a port from 1 to 65535, or none';
  const labels = host.split('.');
  if (!labels.every((label) => LABEL.test(label))) return 'must be a host of letters, digits, "-" and whole "*" labels';
  if (labels.every((label) => /^\d+$/.test(label))) return 'must be a name, not an address';
  if (labels.length < FIXED_LABELS || labels.slice(-FIXED_LABELS).includes('*')) {
    return 'must end in two fixed labels, such as *.example.com';
  }
  return { text, labels, isDeep: labels[0] === '*', port };
}

/** Whether a URL's host and port are the pattern's. Only https: what a person sets in the settings is judged elsewhere. */
export function matchesHostPattern({ labels, isDeep, port }: HostPattern, url: URL): boolean {
  if (url.protocol !== 'https:' || Number(url.port === '' ? HTTPS_PORT : url.port) !== port) return false;
  const given = url.hostname.toLowerCase().replace(/\.$/, '').split('.');
  if (isDeep) {
    const fixed = labels.slice(1);
    return given.length > fixed.length && fixed.every((label, at) => isSame(label, given.at(at - fixed.length)));
  }
  return given.length === labels.length && labels.every((label, at) => isSame(label, given[at]));
}

const isSame = (pattern: string, label: string | undefined): boolean =>
  label !== undefined && label !== '' && (pattern === '*' || pattern === label);
