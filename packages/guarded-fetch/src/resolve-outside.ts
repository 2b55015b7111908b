import { isIPv4 } from 'node:net';
import { FetchRefusedError } from '@proxycast/spec';
import { isPublicAddress } from './is-public-address.ts';
import type { OutsideUrl } from './parse-outside-url.ts';

/** All addresses of a name, as the system resolves it. Rejects when there are none. */
export type LookUp = (hostname: string) => Promise<readonly { readonly address: string }[]>;

/** A name with more addresses than this is not tried at all of them. */
const MAX_ADDRESSES = 4;

/**
 * The addresses that may be connected to, IPv4 first. One that is not public refuses the name whole: an honest name has no such
 * one. Throws FetchRefusedError, which does not say what the name resolved to.
 */
export async function resolveOutside(
  { host, isAddress, isTrusted }: OutsideUrl,
  lookUp: LookUp,
): Promise<readonly string[]> {
  const addresses = isAddress ? [host] : await addressesOf(host, lookUp);
  if (!isTrusted && !addresses.every(isPublicAddress)) {
    throw new FetchRefusedError({
      code: 'url_address_refused',
      message: `${host} is not an address of the public internet, or leads to one that is not. It is not fetched.`,
    });
  }
  return addresses.toSorted((one, other) => Number(isIPv4(other)) - Number(isIPv4(one))).slice(0, MAX_ADDRESSES);
}

async function addressesOf(host: string, lookUp: LookUp): Promise<readonly string[]> {
  let cause: unknown;
  try {
    const found = await lookUp(host);
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
