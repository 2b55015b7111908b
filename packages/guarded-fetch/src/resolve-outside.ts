import { isIPv4 } from 'node:net';
import { FetchRefusedError } from '@proxycast/spec';
import { isPublicAddress } from './is-public-address.ts';
import type { OutsideUrl } from './parse-outside-url.ts';

/** All addresses of a name. Rejects when there are none. `isTrusted`: an administrator chose it, who may have it from elsewhere than DNS. */
export type LookUp = (hostname: string, isTrusted: boolean) => Promise<readonly { readonly address: string }[]>;

/** A name with more addresses than this is not tried at all of them. */
const MAX_ADDRESSES = 4;

/** These are loopback whatever a server of names says (RFC 6761). */
const LOOPBACK_NAME = /(^|\.)localhost\.?$/;

/**
 * The addresses that may be connected to, IPv4 first. One that is not public refuses the name whole: an honest name has no such
 * one. Throws FetchRefusedError, which does not say what the name resolved to.
 */
export async function resolveOutside(
  { host, isAddress, isTrusted }: OutsideUrl,
  lookUp: LookUp,
): Promise<readonly string[]> {
  if (!isTrusted && LOOPBACK_NAME.test(host)) throw notPublic(host);
  const addresses = isAddress ? [host] : await addressesOf(host, isTrusted, lookUp);
  if (!isTrusted && !addresses.every(isPublicAddress)) throw notPublic(host);
  return addresses.toSorted((one, other) => Number(isIPv4(other)) - Number(isIPv4(one))).slice(0, MAX_ADDRESSES);
}

async function addressesOf(host: string, isTrusted: boolean, lookUp: LookUp): Promise<readonly string[]> {
  let cause: unknown;
  try {
    const found = await lookUp(host, isTrusted);
    if (found.length > 0) return found.map(({ address }) => address);
  } catch (fault) {
    cause = fault;
  }
  throw new FetchRefusedError({
    code: 'url_host_unknown',
    message: `No server is known under the name ${host}. Check the address.`,
    cause,
  });
}

const notPublic = (host: string): FetchRefusedError =>
  new FetchRefusedError({
    code: 'url_address_refused',
    message: `${host} is not an address of the public internet, or leads to one that is not. It is not fetched.`,
  });
