import { type IncomingCall, type OutgoingAnswer, RpcError, type RpcParams } from '@proxycast/plugin-rpc';
import {
  HOST_METHODS,
  type HostCall,
  type HostParams,
  RPC_CODES,
  readSchema,
  type SchemaOf,
} from '@proxycast/spec/plugin';
import type { PluginDatabase } from '../database/plugin-database.ts';
import type { FileAccess } from './file-access.ts';
import { createFileWatches } from './file-watches.ts';
import type { Grants, KeychainItem } from './grants.ts';
import { requestHttp, type SendHttp } from './http-request.ts';
import type { KvStore } from './kv-store.ts';
import type { PluginCipher } from './plugin-cipher.ts';

export interface PluginLogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface PluginNotice {
  readonly level: 'success' | 'info' | 'warning' | 'error';
  readonly title: string;
  readonly text?: string;
}

/** What the host does for one plugin, as functions. A part that is missing is a call that is refused. */
export interface BrokerParts {
  readonly grants: () => Grants;
  readonly send: SendHttp;
  readonly files: FileAccess;
  /** `undefined` when there is no such item. */
  readonly readKeychain?: (item: KeychainItem) => Promise<string | undefined>;
  readonly kv: KvStore;
  readonly database: PluginDatabase;
  readonly cipher: PluginCipher;
  /** To the plugin's own screens. */
  readonly emit: (name: string, payload: unknown) => void;
  readonly log: (entry: PluginLogEntry) => void;
  readonly notify: (notice: PluginNotice) => void;
  readonly redact: (text: string) => string;
  readonly now: () => number;
}

/** Everything one process of a plugin may ask of the host. Lives as long as the process. */
export interface Broker extends Disposable {
  onCall(call: IncomingCall): Promise<OutgoingAnswer>;
  onNotification(method: string, params: RpcParams): void;
  /** How it tells the plugin what changed; given once the process is there. */
  connect(tell: BrokerSignals): void;
  /** From one of the plugin's screens; reaches it only where it listens. */
  deliver(name: string, payload: unknown): void;
}

export interface BrokerSignals {
  readonly fileChanged: (watchId: number) => void;
  readonly event: (name: string, payload: unknown) => void;
}

const MAX_FILE_BYTES = 8 * 1024 * 1024;
const MAX_LISTENED = 100;
const NOTICES_PER_MINUTE = 10;

type Handler<Name extends HostCall> = (
  params: HostParams<Name>,
  call: IncomingCall,
) => OutgoingAnswer | Promise<OutgoingAnswer>;

export function createBroker(parts: BrokerParts): Broker {
  const { grants, files, kv, database, cipher, redact } = parts;
  let signals: BrokerSignals | undefined;
  const watches = createFileWatches((id) => signals?.fileChanged(id));
  const listened = new Set<string>();
  let minute = 0;
  let noticesInMinute = 0;

  const handlers: { readonly [Name in HostCall]: Handler<Name> } = {
    async 'http.request'(params, { attachment, signal }) {
      const timeoutMs = params.timeout_ms ?? HOST_METHODS['http.request'].deadlineMs;
      const outcome = await requestHttp(params, attachment, {
        grants: grants(),
        send: parts.send,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      const { status, headers, url, body } = outcome;
      return { result: { status, headers, url }, body: { source: body, creditBytes: params.credit_bytes } };
    },
    async 'files.read'({ path }) {
      const { bytes, modifiedAt } = await files.read(path, MAX_FILE_BYTES);
      return { result: { size_bytes: bytes.byteLength, modified_at: modifiedAt }, attachment: bytes };
    },
    'files.list': async ({ pattern }) => ({ result: { paths: await files.list(pattern) } }),
    async 'files.query_sqlite'({ path, sql, values = [] }) {
      await using file = await files.open(path);
      return { result: { ...(await database.queryCopy(file.realPath, sql, values)) } };
    },
    'files.watch': ({ path }) => ({ result: { watch_id: watches.add(files.placeOf(path)) } }),
    'files.unwatch': ({ watch_id: id }) => {
      watches.remove(id);
      return { result: {} };
    },
    async 'keychain.read'(item) {
      const { readKeychain } = parts;
      if (!grants().allowsKeychain(item)) {
        throw new RpcError(RPC_CODES.refused, 'This keychain item was not granted.', {
          code: 'not_granted',
          field: 'service',
        });
      }
      if (readKeychain === undefined) {
        throw new RpcError(RPC_CODES.unavailable, 'There is no keychain on this system.', { code: 'no_keychain' });
      }
      const secret = await readKeychain(item);
      return { result: secret === undefined ? { found: false } : { found: true, secret } };
    },
    'kv.get': async ({ key }) => ({ result: { ...(await kv.get(key)) } }),
    async 'kv.set'({ key, value }) {
      await kv.set(key, value);
      return { result: {} };
    },
    'kv.delete': async ({ key }) => ({ result: { existed: await kv.delete(key) } }),
    'kv.list': async ({ prefix = '' }) => ({ result: { keys: await kv.list(prefix) } }),
    'database.query': async ({ sql, values = [] }) => ({ result: { ...(await database.query(sql, values)) } }),
    'database.execute': async ({ sql, values = [] }) => ({ result: { ...(await database.execute(sql, values)) } }),
    'crypto.encrypt': ({ context = '' }, { attachment }) => ({
      result: {},
      attachment: cipher.seal(attachment, context),
    }),
    'crypto.decrypt': ({ context = '' }, { attachment }) => ({
      result: {},
      attachment: cipher.open(attachment, context),
    }),
    'events.emit'({ name, payload }) {
      parts.emit(name, payload);
      return { result: {} };
    },
    'events.on'({ name }) {
      if (listened.size >= MAX_LISTENED) {
        throw new RpcError(RPC_CODES.overLimit, `A plugin may listen to ${MAX_LISTENED} names.`, {
          code: 'too_many_names',
        });
      }
      listened.add(name);
      return { result: {} };
    },
    notify({ level, title, text }) {
      const current = Math.floor(parts.now() / 60_000);
      if (current !== minute) {
        minute = current;
        noticesInMinute = 0;
      }
      if (++noticesInMinute > NOTICES_PER_MINUTE) {
        throw new RpcError(RPC_CODES.overLimit, `${NOTICES_PER_MINUTE} notices a minute are shown.`, {
          code: 'too_many_notices',
        });
      }
      parts.notify({ level, title: redact(title), ...(text === undefined ? {} : { text: redact(text) }) });
      return { result: {} };
    },
  };

  return {
    async onCall(call) {
      const { method } = call;
      if (!isHostCall(method)) {
        throw new RpcError(RPC_CODES.methodNotFound, `There is no ${method.slice(0, 64)}.`, { code: 'no_such_method' });
      }
      const params = parseParams(method, call.params);
      const handler = handlers[method] as (
        params: unknown,
        call: IncomingCall,
      ) => OutgoingAnswer | Promise<OutgoingAnswer>;
      return await handler(params, call);
    },
    onNotification(method, params) {
      if (method !== 'log') return;
      const reading = readSchema(HOST_METHODS.log.params, params);
      if (reading.type === 'invalid') return;
      const { level, message, fields } = reading.value;
      parts.log({
        level,
        message: redact(message),
        ...(fields === undefined ? {} : { fields: JSON.parse(redact(JSON.stringify(fields))) }),
      });
    },
    connect(tell) {
      signals = tell;
    },
    deliver(name, payload) {
      if (listened.has(name)) signals?.event(name, payload);
    },
    [Symbol.dispose]() {
      watches[Symbol.dispose]();
      signals = undefined;
    },
  };
}

const isHostCall = (method: string): method is HostCall =>
  Object.hasOwn(HOST_METHODS, method) && HOST_METHODS[method as HostCall].type === 'call';

function parseParams(method: HostCall, params: RpcParams): unknown {
  const schema: SchemaOf<unknown> = HOST_METHODS[method].params;
  const reading = readSchema(schema, params);
  if (reading.type === 'valid') return reading.value;
  const [fault] = reading.faults;
  throw new RpcError(RPC_CODES.invalidParams, `${fault?.path ?? ''} ${fault?.message ?? 'is wrong'}.`, {
    code: 'invalid_params',
    ...(fault === undefined ? {} : { field: fault.path }),
  });
}
