import { createSocket, type Socket } from 'node:dgram';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createPlainServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Targets } from './attacks.ts';

export interface HostileTargets extends AsyncDisposable {
  readonly targets: Targets;
}

const HOST_VARIABLE = 'PROXYCAST_TEST_SECRET';

/** Things worth reaching, in a folder of the test's own and on loopback. */
export async function createHostileTargets(home: string): Promise<HostileTargets> {
  const otherPlugin = join(home, '.proxycast', 'plugin-data', 'other');
  await mkdir(otherPlugin, { recursive: true });
  const homeFile = join(home, 'diary.txt');
  await writeFile(homeFile, 'a secret of a person');
  await writeFile(join(otherPlugin, 'token.json'), 'a secret of another plugin');
  const hostDatabase = join(home, '.proxycast', 'proxycast.db');
  using database = new DatabaseSync(hostDatabase);
  database.exec("create table secrets (secret); insert into secrets values ('of all')");
  process.env[HOST_VARIABLE] = 'do not read';

  const web: Server = createServer((_request, response) => response.end('hello'));
  const unix = createPlainServer((socket) => socket.destroy());
  const udp: Socket = createSocket('udp4');
  udp.on('message', (_message, { port, address }) => udp.send('no', port, address));
  const unixSocket = join(home, 'host.sock');
  await Promise.all([
    new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve)),
    new Promise<void>((resolve) => unix.listen(unixSocket, resolve)),
    new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve)),
  ]);
  const address = web.address();
  return {
    targets: {
      homeFile,
      otherPluginFile: join(otherPlugin, 'token.json'),
      hostDatabase,
      writable: join(home, 'written'),
      tcpPort: typeof address === 'object' && address !== null ? address.port : 0,
      udpPort: udp.address().port,
      unixSocket,
      hostProcess: process.pid,
      hostVariable: HOST_VARIABLE,
    },
    async [Symbol.asyncDispose]() {
      delete process.env[HOST_VARIABLE];
      web.closeAllConnections();
      web.close();
      unix.close();
      udp.close();
    },
  };
}
