import { isIP } from 'node:net';
import { FetchRefusedError } from '@proxycast/spec';
import { shownUrl } from './shown-url.ts';

/** What may be fetched, by how it is written. */
export interface UrlPolicy {
  /** Whether `http:` may be asked; absent: `https:` only. */
  readonly allowsHttp?: boolean;
  /**
   * Hosts that an administrator chose, whatever their address is: `files.lan`, `files.lan:8080`, `[fd00::1]:443`, lower case.
   * Without a port: every port. `http:` is allowed there.
   */
  readonly trustedHosts?: readonly string[];
}

export interface OutsideUrl {
  readonly url: URL;
  /** Name or address, without brackets. */
  readonly host: string;
  /** Whether the host is an address as it stands. */
  readonly isAddress: boolean;
  /** Whether an administrator chose it: the rule about addresses does not hold. */
  readonly isTrusted: boolean;
}

/** Room for signed addresses; longer ones are refused by most servers. */
const MAX_CHARACTERS = 8_192;

/**
 * Reads an address by the WHATWG rules, which turn every odd spelling of an IPv4 address (decimal, octal, hexadecimal, with a
 * trailing dot) into the plain one, and throw for an IPv6 zone. Throws FetchRefusedError.
 */
export function parseOutsideUrl(text: string, { allowsHttp = false, trustedHosts = [] }: UrlPolicy): OutsideUrl {
  const url = text.length > MAX_CHARACTERS ? null : URL.parse(text);
  if (url === null || url.hostname === '') {
    throw new FetchRefusedError({
      code: 'url_invalid',
      message: `The address is no URL with a host, or is longer than ${MAX_CHARACTERS} characters.`,
    });
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new FetchRefusedError({
      code: 'url_scheme_refused',
      message: `Addresses that begin with ${url.protocol.slice(0, 40)} are not fetched; only https: is.`,
    });
  }
  if (url.username !== '' || url.password !== '') {
    throw new FetchRefusedError({
      code: 'url_credentials_refused',
      message: 'An address with a user name or a password in it is not fetched. Leave them out.',
    });
  }
  const isTrusted = trustedHosts.includes(url.hostname) || trustedHosts.includes(`${url.hostname}:${portOf(url)}`);
  if (url.protocol === 'http:' && !allowsHttp && !isTrusted) {
    throw new FetchRefusedError({
      code: 'url_scheme_refused',
      message: `${shownUrl(url)} is not fetched, since it begins with http:. Give an https: address.`,
    });
  }
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  return { url, host, isAddress: isIP(host) !== 0, isTrusted };
}

export const portOf = ({ port, protocol }: URL): number =>
  port !== '' ? Number(port) : protocol === 'https:' ? 443 : 80;
