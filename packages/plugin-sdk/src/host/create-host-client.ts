import { type AnswerBody, type RpcAnswer, RpcError, type RpcParams, type RpcPeer } from '@proxycast/plugin-rpc';
import {
  HOST_METHODS,
  type HostCall,
  type HostParams,
  type HostResult,
  RPC_CODES,
  readSchema,
  type SchemaOf,
} from '@proxycast/spec/plugin';
import type { HostClient, HttpAnswer, HttpCall, SqlRows } from './host-client.ts';

/** Bytes of an answer that may be on their way before they are read. */
const CREDIT_BYTES = 256 * 1024;
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** The host ends the call at its own deadline and says why; this is for a host that does not. */
const GRACE_MS = 1000;

/** What the host tells without being asked. */
export interface HostSignals {
  readonly client: HostClient;
  fileChanged(watchId: number): void;
  event(name: string, payload: unknown): void;
}

export function createHostClient(peer: () => RpcPeer): HostSignals {
  const watchers = new Map<number, () => void>();
  const listeners = new Map<string, ((payload: unknown) => void)[]>();

  async function callRaw<Name extends HostCall>(
    name: Name,
    params: HostParams<Name> & RpcParams,
    options: {
      readonly attachment?: Uint8Array;
      readonly signal?: AbortSignal;
      readonly deadlineMs?: number;
      readonly creditBytes?: number;
    } = {},
  ): Promise<RpcAnswer & { readonly value: HostResult<Name> }> {
    const { deadlineMs = HOST_METHODS[name].deadlineMs + GRACE_MS, ...rest } = options;
    const answer = await peer().call(name, params, { deadlineMs, ...rest });
    const schema: SchemaOf<unknown> = HOST_METHODS[name].result;
    const reading = readSchema(schema, answer.result);
    if (reading.type === 'invalid') throw new RpcError(RPC_CODES.internalError, `The host's answer to ${name} is odd.`);
    return { ...answer, value: answer.result as HostResult<Name> };
  }
  const call = async <Name extends HostCall>(
    name: Name,
    params: HostParams<Name> & RpcParams,
  ): Promise<HostResult<Name>> => (await callRaw(name, params)).value;

  const log =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields?: Readonly<Record<string, unknown>>): void => {
      const params: HostParams<'log'> = {
        level,
        message: message.slice(0, 8192),
        ...(fields === undefined ? {} : { fields }),
      };
      peer().notify('log', params);
    };

  const client: HostClient = {
    http: {
      async request(http: HttpCall): Promise<HttpAnswer> {
        const { method = 'GET', url, headers, body, timeoutMs = 60_000, redirect, credentialId, signal } = http;
        const { value, body: answerBody } = await callRaw(
          'http.request',
          {
            method,
            url,
            timeout_ms: timeoutMs,
            credit_bytes: CREDIT_BYTES,
            ...(headers === undefined ? {} : { headers }),
            ...(redirect === undefined ? {} : { redirect }),
            ...(credentialId === undefined ? {} : { credential_id: credentialId }),
          },
          {
            ...(body === undefined ? {} : { attachment: typeof body === 'string' ? Buffer.from(body) : body }),
            ...(signal === undefined ? {} : { signal }),
            deadlineMs: timeoutMs + GRACE_MS,
            creditBytes: CREDIT_BYTES,
          },
        );
        if (answerBody === undefined) throw new RpcError(RPC_CODES.internalError, 'The host sent no body.');
        return createHttpAnswer(value, answerBody);
      },
    },
    files: {
      async read(path) {
        const { value, attachment } = await callRaw('files.read', { path });
        return { bytes: attachment, modifiedAt: value.modified_at };
      },
      list: async (pattern) => (await call('files.list', { pattern })).paths,
      querySqlite: async (path, sql, values = []) =>
        (await call('files.query_sqlite', { path, sql, values })) as SqlRows,
      async watch(path, onChange) {
        const { watch_id } = await call('files.watch', { path });
        watchers.set(watch_id, onChange);
        return async () => {
          watchers.delete(watch_id);
          await call('files.unwatch', { watch_id });
        };
      },
    },
    keychain: {
      async read(item) {
        const { found, secret } = await call('keychain.read', item);
        return found ? secret : undefined;
      },
    },
    kv: {
      get: async (key) => (await call('kv.get', { key })).value,
      set: async (key, value) => void (await call('kv.set', { key, value })),
      delete: async (key) => (await call('kv.delete', { key })).existed,
      list: async (prefix) => (await call('kv.list', prefix === undefined ? {} : { prefix })).keys,
    },
    database: {
      query: async (sql, values = []) => (await call('database.query', { sql, values })) as SqlRows,
      execute: async (sql, values = []) => await call('database.execute', { sql, values }),
    },
    crypto: {
      encrypt: (plain, context) => transformBytes('crypto.encrypt', plain, context),
      decrypt: (sealed, context) => transformBytes('crypto.decrypt', sealed, context),
    },
    events: {
      emit: async (name, payload) =>
        void (await call('events.emit', payload === undefined ? { name } : { name, payload })),
      async on(name, handler) {
        const known = listeners.get(name);
        if (known !== undefined) {
          known.push(handler);
          return;
        }
        listeners.set(name, [handler]);
        await call('events.on', { name });
      },
    },
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    notify: async (notice) => void (await call('notify', notice)),
  };

  async function transformBytes(
    name: 'crypto.encrypt' | 'crypto.decrypt',
    bytes: Uint8Array,
    context: string | undefined,
  ): Promise<Uint8Array> {
    const { attachment } = await callRaw(name, context === undefined ? {} : { context }, { attachment: bytes });
    return attachment;
  }

  return {
    client,
    fileChanged: (watchId) => watchers.get(watchId)?.(),
    event(name, payload) {
      for (const listener of listeners.get(name) ?? []) listener(payload);
    },
  };
}

function createHttpAnswer({ status, headers, url }: HostResult<'http.request'>, body: AnswerBody): HttpAnswer {
  const answer: HttpAnswer = {
    status,
    headers,
    url,
    body,
    header: (name) => headers.find(([one]) => one === name.toLowerCase())?.[1],
    bytes: (maxBytes = MAX_BODY_BYTES) => body.readAll(maxBytes),
    text: async (maxBytes) => Buffer.from(await answer.bytes(maxBytes)).toString('utf8'),
    async json(maxBytes) {
      const text = await answer.text(maxBytes);
      try {
        const value: unknown = JSON.parse(text);
        return value;
      } catch {
        return undefined;
      }
    },
  };
  return answer;
}
