// What a plugin from a stranger might try against the machine. Each answers whether it got what it wanted; how it was kept
// from it is in the error. Where it must not be able to, the test says which wall held.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Where the things are that it should not reach. */
export interface Targets {
  /** A file in the home folder of the person. */
  readonly homeFile: string;
  /** A file of another plugin's private folder. */
  readonly otherPluginFile: string;
  /** The host's database: SQLite, with a table `secrets`. */
  readonly hostDatabase: string;
  readonly writable: string;
  readonly tcpPort: number;
  readonly udpPort: number;
  readonly unixSocket: string;
  readonly hostProcess: number;
  /** A name in the host's environment. */
  readonly hostVariable: string;
}

export type Attack = (targets: Targets) => boolean | Promise<boolean>;

const until = <Value>(start: (done: (value: Value) => void, fail: (error: unknown) => void) => void): Promise<Value> =>
  new Promise(start);

export const ATTACKS: Readonly<Record<string, Attack>> = {
  'read a file of the home folder': ({ homeFile }) => readFileSync(homeFile, 'utf8').includes('secret'),
  'list the home folder': ({ homeFile }) => readdirSync(homeFile.slice(0, homeFile.lastIndexOf('/'))).length > 0,
  'read another plugin’s data': ({ otherPluginFile }) => readFileSync(otherPluginFile, 'utf8').includes('secret'),
  'read the host’s database as a file': ({ hostDatabase }) => readFileSync(hostDatabase).length > 0,
  'read the host’s database by node:sqlite': async ({ hostDatabase }) => {
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(hostDatabase, { readOnly: true });
    return database.prepare('select secret from secrets').all().length > 0;
  },
  'write a file by node:sqlite': async ({ writable }) => {
    const { DatabaseSync } = await import('node:sqlite');
    new DatabaseSync(`${writable}.db`).exec('create table t (a)');
    return true;
  },
  'read by a link inside its folder': () =>
    readFileSync(new URL('../link-out', import.meta.url), 'utf8').includes('secret'),
  'read the host’s environment from /proc': ({ hostProcess }) =>
    readFileSync(`/proc/${hostProcess}/environ`, 'utf8').includes('PATH='),
  'read the host’s environment from its own': ({ hostVariable }) => Object.keys(process.env).includes(hostVariable),
  'see other processes in /proc': ({ hostProcess }) => readdirSync('/proc').includes(String(hostProcess)),
  'write a file': ({ writable }) => {
    writeFileSync(writable, 'x');
    return true;
  },
  'write a diagnostic report': ({ writable }) => {
    process.report.writeReport(`${writable}.report.json`);
    return readFileSync(`${writable}.report.json`).length > 0;
  },
  'write a heap snapshot': async ({ writable }) => {
    const { writeHeapSnapshot } = await import('node:v8');
    return writeHeapSnapshot(`${writable}.heapsnapshot`) !== '';
  },
  'connect by TCP': async ({ tcpPort }) => {
    const { connect } = await import('node:net');
    return await until<boolean>((done, fail) => {
      const socket = connect({ host: '127.0.0.1', port: tcpPort }, () => {
        socket.destroy();
        done(true);
      });
      socket.on('error', fail);
    });
  },
  'connect by fetch': async ({ tcpPort }) => (await fetch(`http://127.0.0.1:${tcpPort}/`)).status > 0,
  'listen on a port': async () => {
    const { createServer } = await import('node:net');
    return await until<boolean>((done, fail) => {
      const server = createServer().on('error', fail);
      server.listen(0, '127.0.0.1', () => {
        server.close();
        done(true);
      });
    });
  },
  'send by UDP': async ({ udpPort }) => {
    const { createSocket } = await import('node:dgram');
    return await until<boolean>((done, fail) => {
      const socket = createSocket('udp4').on('error', fail);
      socket.on('message', () => {
        socket.close();
        done(true);
      });
      socket.send('are you there', udpPort, '127.0.0.1', (error) => {
        if (error !== null) fail(error);
        else setTimeout(() => done(false), 300);
      });
    });
  },
  'ask a name server': async ({ udpPort }) => {
    const { Resolver } = await import('node:dns/promises');
    const resolver = new Resolver({ timeout: 300, tries: 1 });
    resolver.setServers([`127.0.0.1:${udpPort}`]);
    // What the server answers is no DNS: that it was asked is enough.
    return await resolver.resolve4('leak.example.com').then(
      () => true,
      (error: { readonly code?: string }) => ['EBADRESP', 'ENODATA', 'ESERVFAIL'].includes(error.code ?? ''),
    );
  },
  'connect to a Unix socket': async ({ unixSocket }) => {
    const { connect } = await import('node:net');
    return await until<boolean>((done, fail) => {
      const socket = connect(unixSocket, () => {
        socket.destroy();
        done(true);
      });
      socket.on('error', fail);
    });
  },
  'start a program': async () => {
    const { spawnSync } = await import('node:child_process');
    const { status, error } = spawnSync('/bin/true');
    if (error !== undefined) throw error;
    return status === 0;
  },
  'start a program that reads the home folder': async ({ homeFile }) => {
    const { execFileSync } = await import('node:child_process');
    return execFileSync('/bin/cat', [homeFile]).includes('secret');
  },
  'start a thread': async () => {
    const { Worker } = await import('node:worker_threads');
    return await until<boolean>((done, fail) => {
      const worker = new Worker('', { eval: true }).on('error', fail);
      worker.on('exit', () => done(true));
    });
  },
  'signal the host': ({ hostProcess }) => process.kill(hostProcess, 0),
  'load an add-on': () => {
    try {
      process.dlopen({ exports: {} }, new URL(import.meta.url).pathname);
    } catch (error) {
      // This file is no add-on: how far it came is the question.
      if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_DLOPEN_FAILED')
        return true;
      throw error;
    }
    return true;
  },
  'open the inspector': async () => {
    const inspector = await import('node:inspector');
    inspector.open(0, '127.0.0.1');
    const isOpen = inspector.url() !== undefined;
    inspector.close();
    return isOpen;
  },
  'use internal bindings': ({ homeFile }) => {
    const { binding } = process as unknown as { binding(name: string): { readonly internalModuleStat?: unknown } };
    return binding('fs').internalModuleStat !== undefined && readFileSync(homeFile).length > 0;
  },
  'reach out by WASI': async ({ homeFile }) => {
    const { WASI } = await import('node:wasi');
    const folder = homeFile.slice(0, homeFile.lastIndexOf('/'));
    new WASI({ version: 'preview1', preopens: { '/': folder } });
    return readdirSync(folder).length > 0;
  },
};
