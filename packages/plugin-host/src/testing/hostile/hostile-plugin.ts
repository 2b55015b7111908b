// The hostile plugin: what it does is named by the model it is asked for.
import { writeSync } from 'node:fs';
import { defineProvider, RpcError } from '@proxycast/plugin-sdk';
import { ATTACKS, type Targets } from './attacks.ts';

const kept: unknown[] = [];

/** Some of Node's refusals come a turn later, where nobody waits for them. */
async function untilRefused<Value>(work: () => Value | Promise<Value>): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  process.once('uncaughtException', reject);
  try {
    return await Promise.race([work(), promise]);
  } finally {
    process.off('uncaughtException', reject);
  }
}

/** Straight onto the pipe, past everything that knows the contract. */
function writeRaw(bytes: Uint8Array): void {
  let at = 0;
  while (at < bytes.byteLength) {
    try {
      at += writeSync(1, bytes, at);
    } catch {
      // The pipe is full: the host does not read, so this attack has its turn again when it does.
    }
  }
}

function frame(header: string, attachment: Uint8Array = new Uint8Array(0)): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(Buffer.byteLength(header), 0);
  bytes.writeUInt32BE(attachment.byteLength, 4);
  return Buffer.concat([bytes, Buffer.from(header), attachment]);
}

const LOG = JSON.stringify({ jsonrpc: '2.0', method: 'log', params: { level: 'info', message: 'flood' } });

/** Against the host and its other guests, by way of the pipe, the processor and the memory. */
const MISBEHAVIOURS: Readonly<Record<string, () => void | Promise<void>>> = {
  'hangs for ever': () => {
    for (;;);
  },
  'never answers': () => new Promise(() => undefined),
  crashes: () => process.exit(3),
  aborts: () => process.abort(),
  'eats the heap': () => {
    for (;;) kept.push(new Array(1000).fill(Math.random()));
  },
  'eats memory by buffers': () => {
    for (;;) kept.push(Buffer.alloc(16 * 1024 * 1024, 1));
  },
  'floods with notices': () => {
    const many = Buffer.concat(Array.from({ length: 1000 }, () => frame(LOG)));
    for (;;) writeRaw(many);
  },
  'floods with large notices': () => {
    const large = frame(LOG, new Uint8Array(32 * 1024 * 1024));
    for (;;) writeRaw(large);
  },
  'floods its log': () => {
    const lines = Buffer.from('a line of noise\n'.repeat(4000));
    for (;;) writeSync(2, lines);
  },
  'announces four gigabytes': () => writeRaw(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)),
  'announces a large attachment': () => writeRaw(Uint8Array.of(0, 0, 0, 2, 0x7f, 0xff, 0xff, 0xff)),
  'prints on stdout': () => writeRaw(Buffer.from('Hello, I am debugging.\n')),
  'nests deep': () =>
    writeRaw(frame(`{"jsonrpc":"2.0","method":"log","params":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)),
  'answers what nobody asked': () => writeRaw(frame('{"jsonrpc":"2.0","id":999999,"result":{}}')),
  'answers twice': () => {
    // To the ping before this call, which was answered.
    writeRaw(frame('{"jsonrpc":"2.0","id":1,"result":{}}'));
  },
  'answers with garbage': () => writeRaw(frame('{"jsonrpc":"2.0","id":1,')),
  'sends chunks nobody asked for': () =>
    writeRaw(frame('{"jsonrpc":"2.0","method":"$/chunk","params":{"id":77}}', new Uint8Array(9))),
  'calls with the same id': () => {
    const call = frame('{"jsonrpc":"2.0","id":500000,"method":"kv.get","params":{"key":"a"}}');
    writeRaw(Buffer.concat([call, call]));
  },
};

/** Against the host's own services, through its client. The answer is what it got. */
type Request = Parameters<Parameters<typeof defineProvider>[0]['request']['prepare']>[1]['host'];
const REQUESTS: Readonly<Record<string, (host: Request) => Promise<unknown>>> = {
  'a host outside of network': async ({ http }) => (await http.request({ url: 'https://evil.example.com/' })).status,
  'a host with a like name': async ({ http }) =>
    (await http.request({ url: 'https://api.sample.example.evil.com/' })).status,
  'a user in the address': async ({ http }) =>
    (await http.request({ url: 'https://api.sample.example@evil.example.com/' })).status,
  'another port': async ({ http }) => (await http.request({ url: 'https://api.sample.example:8443/' })).status,
  'no TLS': async ({ http }) => (await http.request({ url: 'http://api.sample.example/' })).status,
  'this machine': async ({ http }) => (await http.request({ url: 'https://127.0.0.1/' })).status,
  'a file by its address': async ({ http }) => (await http.request({ url: 'file:///etc/passwd' })).status,
  'a redirect that leads out': async ({ http }) =>
    (await http.request({ url: 'https://api.sample.example/redirect-out' })).status,
  'a name that leads to this machine': async ({ http }) =>
    (await http.request({ url: 'https://rebound.sample.example/' })).status,
  'a header of the host’s own': async ({ http }) =>
    (await http.request({ url: 'https://api.sample.example/', headers: [['host', 'evil.example.com']] })).status,
  'a header in a header': async ({ http }) =>
    (await http.request({ url: 'https://api.sample.example/', headers: [['x-a', 'b\r\nhost: evil']] })).status,
  'a file that was not granted': async ({ files }) => (await files.read('~/.ssh/id_ed25519')).bytes.length,
  'a file by a way up': async ({ files }) => (await files.read('~/.tool/../.ssh/id_ed25519')).bytes.length,
  'a file by its absolute path': async ({ files }) => (await files.read('/etc/passwd')).bytes.length,
  'the host’s own file by a wide pattern': async ({ files }) =>
    (await files.read('~/.proxycast/secret.key')).bytes.length,
  'a folder that was not granted': async ({ files }) => (await files.list('~/.ssh/*.pub')).length,
  'a watch that was not granted': async ({ files }) => await files.watch('~/.ssh/id_ed25519', () => undefined),
  'a keychain item that was not granted': async ({ keychain }) => await keychain.read({ service: 'bank' }),
  'SQL that attaches': async ({ database }) => (await database.query("attach '/etc/passwd' as other")).rows,
  'SQL that writes elsewhere': async ({ database }) => await database.execute("vacuum into '/tmp/out.db'"),
  'SQL that loads code': async ({ database }) => (await database.query("select load_extension('x')")).rows,
  'SQL that turns safety off': async ({ database }) => await database.execute('pragma writable_schema = on'),
  'SQL on the host’s table': async ({ database }) =>
    await database.execute("insert into plugin_credentials values ('x','x','x','x','x',1,1)"),
  'SQL that drops the host’s table': async ({ database }) => await database.execute('drop table plugin_credentials'),
  'SQL that never ends': async ({ database }) =>
    (await database.query('with recursive n(a) as (select 1 union all select a + 1 from n) select count(*) from n'))
      .rows,
  'SQL that eats memory': async ({ database }) => (await database.query('select length(randomblob(900000000))')).rows,
  'SQL without an end of rows': async ({ database }) =>
    (
      await database.query(
        'with recursive n(a) as (select 1 union all select a + 1 from n limit 20000) select a from n',
      )
    ).rows.length,
  'more than a store holds': async ({ kv }) => {
    for (let key = 0; key < 30; key++) await kv.set(`key-${key}`, 'x'.repeat(200_000));
  },
  'bytes that another plugin sealed': async ({ crypto, kv }) =>
    Buffer.from(await crypto.decrypt(Buffer.from(String(await kv.get('foreign')), 'base64'))).toString(),
};

export default defineProvider({
  id: 'sample',
  credential: { parse: () => ({ type: 'refused', faults: [{ message: 'None.' }] }) },
  request: {
    async prepare({ model }, { host, settings }) {
      const attack = ATTACKS[model];
      const misbehaviour = MISBEHAVIOURS[model];
      const request = REQUESTS[model];
      const answer = (code: string, message: string) => ({
        type: 'refused' as const,
        kind: 'unavailable' as const,
        code,
        message,
      });
      try {
        if (attack !== undefined) {
          const targets: Targets = JSON.parse(String(settings['targets']));
          return (await untilRefused(() => attack(targets)))
            ? answer('could', '')
            : answer('could_not', 'it got nothing');
        }
        if (misbehaviour !== undefined) {
          await misbehaviour();
          return answer('did', '');
        }
        if (request !== undefined) return answer('could', JSON.stringify(await request(host)) ?? '');
      } catch (error) {
        const code = error instanceof RpcError ? error.data.code : undefined;
        const own = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
        return answer('could_not', code ?? (own || String(error)));
      }
      return answer('unknown', `There is no ${model}.`);
    },
  },
});
