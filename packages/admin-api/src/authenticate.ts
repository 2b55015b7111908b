import type { IncomingMessage } from 'node:http';
import { PermissionError, ProxyCastError } from '@proxycast/spec';
import type { AdminApiPorts } from './admin-api-ports.ts';
import type { FailureThrottle } from './failure-throttle.ts';
import { isAdminToken } from './is-admin-token.ts';
import { isSameDigest } from './is-same-digest.ts';
import { isStateChanging } from './is-state-changing.ts';
import { proveIdentity } from './prove-identity.ts';
import { readSessionCookie } from './session-cookie.ts';
import type { Session } from './session-store.ts';
import { sha256Hex } from './sha256-hex.ts';

/** Who asks. */
export type Identity =
  | { readonly type: 'token' }
  | { readonly type: 'session'; readonly token: string; readonly session: Session };

export interface AuthenticateParts extends Pick<AdminApiPorts, 'sessions' | 'adminTokenHashes'> {
  readonly throttle: FailureThrottle;
}

/** Throws when the request does not prove who it is, or a browser may have been made to send it. */
export function authenticate(request: IncomingMessage, parts: AuthenticateParts): Identity {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const token = /^bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
    proveIdentity(
      request,
      parts.throttle,
      () => isAdminToken(token, parts.adminTokenHashes()),
      'The admin token is wrong.',
    );
    return { type: 'token' };
  }
  const token = readSessionCookie(request);
  const session = token === undefined ? undefined : parts.sessions.find(token);
  if (token === undefined || session === undefined) {
    throw new ProxyCastError({
      code: token === undefined ? 'not_logged_in' : 'session_ended',
      kind: 'authentication',
      fault: 'client',
      message:
        token === undefined
          ? 'Log in first: send "Authorization: Bearer <admin token>" or open a session with POST /api/admin/v1/session.'
          : 'The session has ended. Log in again.',
    });
  }
  if (isStateChanging(request.method) && !hasCsrfToken(request, session)) {
    throw new PermissionError({
      code: 'csrf_token_wrong',
      message: 'Send the csrf_token of GET /api/admin/v1/session in the header x-csrf-token.',
    });
  }
  return { type: 'session', token, session };
}

function hasCsrfToken(request: IncomingMessage, session: Session): boolean {
  const sent = request.headers['x-csrf-token'];
  return typeof sent === 'string' && isSameDigest(sha256Hex(sent), sha256Hex(session.csrfToken));
}
