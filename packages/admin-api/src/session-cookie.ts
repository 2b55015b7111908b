import type { IncomingMessage } from 'node:http';

// Browsers keep cookies per host, not per port: the port in the name keeps two ProxyCasts on one machine apart.
function nameOf(request: IncomingMessage): string {
  return `proxycast_session_${request.socket.localPort ?? 0}`;
}

function attributesOf(request: IncomingMessage): string {
  const isEncrypted = 'encrypted' in request.socket && request.socket.encrypted === true;
  return `; Path=/; HttpOnly; SameSite=Strict${isEncrypted ? '; Secure' : ''}`;
}

export function readSessionCookie(request: IncomingMessage): string | undefined {
  const prefix = `${nameOf(request)}=`;
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const text = pair.trim();
    if (text.startsWith(prefix)) return text.slice(prefix.length);
  }
  return undefined;
}

export function renderSessionCookie(request: IncomingMessage, token: string, lifetimeMs: number): string {
  return `${nameOf(request)}=${token}; Max-Age=${Math.floor(lifetimeMs / 1000)}${attributesOf(request)}`;
}

export function renderEndedSessionCookie(request: IncomingMessage): string {
  return `${nameOf(request)}=; Max-Age=0${attributesOf(request)}`;
}
