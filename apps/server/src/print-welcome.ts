import type { App } from './compose.ts';

/** Tells a person at a terminal where ProxyCast is and, the first time, how to get in. */
export function printWelcome(parts: {
  readonly app: App;
  readonly address: string;
  readonly write: (line: string) => void;
}): void {
  const { app, address, write } = parts;
  write(`Listening on ${address}`);
  write(`Console: ${address}/`);
  if (app.firstKey === undefined) return;
  const { token } = app.sessions.createLoginLink();
  write('');
  write(`Your client key, shown only this once: ${app.firstKey.key.reveal()}`);
  write(`Open the console logged in (10 minutes, once): ${address}/#login=${token}`);
  write(`Your settings and data: ${app.home.path}`);
  write('');
  write('Try it:');
  write(`  curl ${address}/v1/chat/completions -H "Authorization: Bearer ${app.firstKey.key.reveal()}" \\`);
  write(
    `    -H "Content-Type: application/json" -d '{"model":"proxycast-echo","messages":[{"role":"user","content":"hello"}]}'`,
  );
}
