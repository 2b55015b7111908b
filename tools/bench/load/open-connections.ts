import { connect, type Socket } from 'node:net';

/** Fewer than any usual accept queue holds: a full one costs a second's wait for the connection that met it. */
const AT_ONCE = 64;

/** Opens `count` connections. Throws when one fails, and then leaves none open. */
export async function openConnections(host: string, port: number, count: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  try {
    while (sockets.length < count) {
      const batch = Array.from({ length: Math.min(AT_ONCE, count - sockets.length) }, () => openOne(host, port));
      for (const settled of await Promise.allSettled(batch)) {
        if (settled.status === 'rejected') throw settled.reason;
        sockets.push(settled.value);
      }
    }
    return sockets;
  } catch (cause) {
    for (const socket of sockets) socket.destroy();
    throw cause;
  }
}

function openOne(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
