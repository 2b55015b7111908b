import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { findListener, parseListenerInodes } from './find-listener.ts';

// The benchmark reads /proc, which other systems do not have.
const onLinux = test.runIf(process.platform === 'linux');
const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 4343 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 4444 1 0000000000000000 20 4 30 10 -1
`;

test('only the socket that listens on the port is taken, not the connections to it', () => {
  expect(parseListenerInodes(TABLE, 8080)).toEqual(['4242']);
  expect(parseListenerInodes(TABLE, 80)).toEqual([]);
});

onLinux('the process that listens is found by its port', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  expect(findListener(port)).toBe(process.pid);
  server.close();
  await once(server, 'close');
  expect(findListener(port)).toBeUndefined();
});
