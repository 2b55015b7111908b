import { ProxyCastError } from './proxycast-error.ts';

/** The id or name is taken, or the thing has changed since it was read. */
export class ConflictError extends ProxyCastError {
  constructor(details: { readonly code: string; readonly message: string; readonly field?: string }) {
    super({ ...details, kind: 'conflict', fault: 'client' });
  }
}
