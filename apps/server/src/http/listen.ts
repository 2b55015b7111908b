import type { Server } from 'node:http';

/** Starts listening and answers the base URL. Throws an Error that says what to do. */
export function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new Error(explain(cause, host, port), { cause })));
    server.listen({ host, port }, () => {
      const address = server.address();
      const actualPort = typeof address === 'object' && address !== null ? address.port : port;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`);
    });
  });
}

function explain(cause: Error, host: string, port: number): string {
  switch ('code' in cause ? cause.code : undefined) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is taken, perhaps by a ProxyCast that is running already. Stop that program, or set PROXYCAST_PORT to another port.`;
    case 'EACCES':
      return `Port ${port} may not be used without more rights. Set PROXYCAST_PORT to a port above 1023.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine. Set PROXYCAST_HOST to 127.0.0.1 or 0.0.0.0.`;
    default:
      return `Listening on ${host}:${port} failed: ${cause.message}`;
  }
}
