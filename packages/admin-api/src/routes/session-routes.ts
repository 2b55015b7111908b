import { type SessionAnswer, sessionCreateSchema, sessionSchema } from '@proxycast/console-api';
import type { AdminApiPorts } from '../admin-api-ports.ts';
import { ADMIN_BASE_PATH } from '../admin-paths.ts';
import { type AdminRoute, defineRoute, NO_ANSWER, NO_FIELDS } from '../admin-route.ts';
import type { Identity } from '../authenticate.ts';
import type { FailureThrottle } from '../failure-throttle.ts';
import { isAdminToken } from '../is-admin-token.ts';
import { proveIdentity } from '../prove-identity.ts';
import { readSessionCookie, renderEndedSessionCookie, renderSessionCookie } from '../session-cookie.ts';
import type { Session } from '../session-store.ts';

export interface SessionRouteParts extends Pick<AdminApiPorts, 'sessions' | 'adminTokenHashes' | 'now'> {
  readonly throttle: FailureThrottle;
}

export function createSessionRoutes(parts: SessionRouteParts): readonly AdminRoute[] {
  const { sessions, adminTokenHashes, now, throttle } = parts;
  const path = `${ADMIN_BASE_PATH}/session`;
  const tag = 'session';

  return [
    defineRoute({
      method: 'POST',
      path,
      operationId: 'openSession',
      tag,
      summary: 'Log in with an admin token or a one-time link.',
      auth: 'none',
      params: NO_FIELDS,
      query: NO_FIELDS,
      body: sessionCreateSchema,
      answer: { status: 201, description: 'The session; its cookie is in Set-Cookie.', schema: sessionSchema },
      faults: [],
      async handle({ incoming, body, setHeader }) {
        proveIdentity(
          incoming,
          throttle,
          () =>
            body.one_time_token === undefined
              ? isAdminToken(body.admin_token ?? '', adminTokenHashes())
              : sessions.redeemLoginLink(body.one_time_token),
          body.one_time_token === undefined
            ? 'The admin token is wrong.'
            : 'The link has been used or is older than ten minutes. Make a new one.',
        );
        const previous = readSessionCookie(incoming);
        if (previous !== undefined) sessions.close(previous);
        const { token, session } = sessions.open();
        setHeader('set-cookie', renderSessionCookie(incoming, token, session.expiresAt - now()));
        return renderSession(session);
      },
    }),
    defineRoute({
      method: 'GET',
      path,
      operationId: 'getSession',
      tag,
      summary: 'How this request proved who it is, and the CSRF token of its session.',
      params: NO_FIELDS,
      query: NO_FIELDS,
      body: NO_FIELDS,
      answer: { status: 200, description: 'The session.', schema: sessionSchema },
      faults: [],
      async handle({ identity }) {
        return renderIdentity(identity);
      },
    }),
    defineRoute({
      method: 'DELETE',
      path,
      operationId: 'closeSession',
      tag,
      summary: 'Log out.',
      params: NO_FIELDS,
      query: NO_FIELDS,
      body: NO_FIELDS,
      answer: { status: 204, description: 'The session has ended.', schema: NO_ANSWER },
      faults: [],
      async handle({ incoming, identity, setHeader }) {
        if (identity?.type === 'session') {
          sessions.close(identity.token);
          setHeader('set-cookie', renderEndedSessionCookie(incoming));
        }
        return undefined;
      },
    }),
  ];
}

function renderIdentity(identity: Identity | undefined): SessionAnswer {
  if (identity?.type === 'session') return renderSession(identity.session);
  return { type: 'token', csrf_token: null, expires_at: null };
}

function renderSession(session: Session): SessionAnswer {
  return { type: 'session', csrf_token: session.csrfToken, expires_at: session.expiresAt };
}
