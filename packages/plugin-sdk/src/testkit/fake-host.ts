import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type IncomingCall, type OutgoingAnswer, RpcError, rpcRefused } from '@proxycast/plugin-rpc';
import { findSchemaFaults, HOST_METHODS, type HostCall, type HostParams, RPC_CODES } from '@proxycast/spec/plugin';
import { askFakeUpstream, type FakeUpstream } from './fake-upstream.ts';

export interface FakeHostParts {
  /** By origin, for example `https://api.example.com`. Everything else is refused, as the host would. */
  readonly upstreams?: Readonly<Record<string, FakeUpstream>>;
  /** Granted files by path, as the plugin names them. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Granted keychain items, by service or `service/account`. */
  readonly keychain?: Readonly<Record<string, string>>;
  /** What `files.query_sqlite` and `database.query` answer. */
  readonly query?: (sql: string, values: readonly unknown[], path?: string) => HostRows;
}

interface HostRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** A host in memory: it checks params as the real one does, and remembers what it was told. */
export interface FakeHost {
  readonly logs: { readonly level: string; readonly message: string }[];
  readonly notices: { readonly level: string; readonly title: string }[];
  readonly events: { readonly name: string; readonly payload: unknown }[];
  readonly kv: Map<string, unknown>;
  readonly requests: { readonly method: string; readonly url: string }[];
  answer(call: IncomingCall): Promise<OutgoingAnswer>;
  take(method: string, params: Readonly<Record<string, unknown>>): void;
}

export function createFakeHost({ upstreams = {}, files = {}, keychain = {}, query }: FakeHostParts = {}): FakeHost {
  const key = randomBytes(32);
  const host: FakeHost = {
    logs: [],
    notices: [],
    events: [],
    kv: new Map(),
    requests: [],
    async answer(call) {
      if (!isHostCall(call.method)) throw new RpcError(RPC_CODES.methodNotFound, `There is no ${call.method}.`);
      const [fault] = findSchemaFaults(HOST_METHODS[call.method].params, call.params);
      if (fault !== undefined) throw new RpcError(RPC_CODES.invalidParams, `${fault.path} ${fault.message}.`);
      return await serve(call.method, call);
    },
    take(method, params) {
      if (method === 'log') host.logs.push({ level: String(params['level']), message: String(params['message']) });
    },
  };

  async function serve(method: HostCall, { params, attachment }: IncomingCall): Promise<OutgoingAnswer> {
    const text = (name: string): string => String(params[name]);
    switch (method) {
      case 'http.request': {
        const { headers = [], credit_bytes: creditBytes } = params as HostParams<'http.request'>;
        host.requests.push({ method: text('method'), url: text('url') });
        const upstream = upstreams[new URL(text('url')).origin];
        if (upstream === undefined) throw rpcRefused(`${text('url')} is not granted.`, { field: 'url' });
        const answer = await askFakeUpstream(upstream, {
          method: text('method'),
          url: text('url'),
          headers,
          body: attachment,
        });
        return {
          result: { status: answer.status, headers: answer.headers, url: text('url') },
          body: { source: answer.chunks, creditBytes },
        };
      }
      case 'files.read': {
        const content = Object.hasOwn(files, text('path')) ? files[text('path')] : undefined;
        if (content === undefined)
          throw new RpcError(RPC_CODES.unavailable, 'There is no such file.', { code: 'not_found' });
        const bytes = Buffer.from(content);
        return { result: { size_bytes: bytes.length, modified_at: 0 }, attachment: bytes };
      }
      case 'files.list':
        return {
          result: { paths: Object.keys(files).filter((path) => path.startsWith(text('pattern').split('*')[0] ?? '')) },
        };
      case 'files.query_sqlite':
      case 'database.query':
        return {
          result: {
            ...(query?.(
              text('sql'),
              (params['values'] as readonly unknown[]) ?? [],
              method === 'files.query_sqlite' ? text('path') : undefined,
            ) ?? { columns: [], rows: [] }),
          },
        };
      case 'database.execute':
        query?.(text('sql'), (params['values'] as readonly unknown[]) ?? []);
        return { result: { changes: 0 } };
      case 'files.watch':
        return { result: { watch_id: 1 } };
      case 'keychain.read': {
        const { service, account } = params as HostParams<'keychain.read'>;
        const secret = keychain[account === undefined ? service : `${service}/${account}`];
        return { result: secret === undefined ? { found: false } : { found: true, secret } };
      }
      case 'kv.get':
        return {
          result: host.kv.has(text('key')) ? { found: true, value: host.kv.get(text('key')) } : { found: false },
        };
      case 'kv.set':
        host.kv.set(text('key'), params['value']);
        return { result: {} };
      case 'kv.delete':
        return { result: { existed: host.kv.delete(text('key')) } };
      case 'kv.list':
        return {
          result: { keys: [...host.kv.keys()].filter((one) => one.startsWith(String(params['prefix'] ?? ''))) },
        };
      case 'crypto.encrypt':
        return { result: {}, attachment: seal(key, attachment, String(params['context'] ?? '')) };
      case 'crypto.decrypt':
        return { result: {}, attachment: open(key, attachment, String(params['context'] ?? '')) };
      case 'events.emit':
        host.events.push({ name: text('name'), payload: params['payload'] });
        return { result: {} };
      case 'notify':
        host.notices.push({ level: text('level'), title: text('title') });
        return { result: {} };
      case 'files.unwatch':
      case 'events.on':
        return { result: {} };
    }
  }
  return host;
}

const isHostCall = (method: string): method is HostCall =>
  Object.hasOwn(HOST_METHODS, method) && HOST_METHODS[method as HostCall].type === 'call';

function seal(key: Uint8Array, plain: Uint8Array, context: string): Uint8Array {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function open(key: Uint8Array, sealed: Uint8Array, context: string): Uint8Array {
  const bytes = Buffer.from(sealed);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
}
