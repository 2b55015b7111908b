import { ProxyCastError } from './proxycast-error.ts';

/** The client key is good but may not do this. */
export class PermissionError extends ProxyCastError {
  constructor(details: { readonly code: string; readonly message: string; readonly field?: string }) {
    super({ ...details, kind: 'permission', fault: 'client' });
  }
}
