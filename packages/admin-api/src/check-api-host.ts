import { InvalidRequestError } from '@proxycast/spec';
import type { ProviderType } from './admin-api-ports.ts';

/** Throws InvalidRequestError naming `api_host`. The value is not in the message: a pasted address may hold a password. */
export function checkApiHost(apiHost: string, type: ProviderType): void {
  if (apiHost === '') {
    if (type.isHostRequired) throw refusal(`A provider of type ${type.type} needs an api_host.`);
    return;
  }
  // A "#" at the end means: append nothing.
  const address = apiHost.endsWith('#') ? apiHost.slice(0, -1) : apiHost;
  if (!URL.canParse(address))
    throw refusal('api_host is not an address. Write it with its scheme, as https://api.example.com.');
  const url = new URL(address);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refusal('api_host begins with https:// or http://.');
  if (url.username !== '' || url.password !== '') {
    throw refusal('api_host has no user name and no password: add the secret as a key of the provider.');
  }
  if (url.search !== '' || url.hash !== '') throw refusal('api_host has no query and no "#" except at its end.');
}

function refusal(message: string): InvalidRequestError {
  return new InvalidRequestError({ message, field: 'api_host' });
}
