import { ProxyCastError } from '@proxycast/spec';

export function notFound(thing: string): ProxyCastError {
  return new ProxyCastError({
    code: 'not_found',
    kind: 'not-found',
    fault: 'client',
    message: `There is no such ${thing}.`,
  });
}
