import type { AnswerBody } from '@proxycast/plugin-rpc';
import type { HttpHeaderList } from '@proxycast/spec/plugin';

export interface HttpCall {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  /** Its host has to be in the manifest's `network`. */
  readonly url: string;
  /** Pairs of name and value. */
  readonly headers?: HttpHeaderList;
  readonly body?: Uint8Array | string;
  /** For head and body together; absent means 60 seconds. */
  readonly timeoutMs?: number;
  /** `manual` answers a redirect as it is. Absent: followed, as far as `network` goes. */
  readonly redirect?: 'follow' | 'manual';
  /** The credential it is for: its proxy is used. */
  readonly credentialId?: string;
  readonly signal?: AbortSignal;
}

/** An answer whose body is still to be read: read it, or `body.cancel()`. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: HttpHeaderList;
  /** After redirects. */
  readonly url: string;
  readonly body: AnswerBody;
  /** The first value of a header. */
  header(name: string): string | undefined;
  /** The whole body, 4 MB at most unless said otherwise. */
  bytes(maxBytes?: number): Promise<Uint8Array>;
  text(maxBytes?: number): Promise<string>;
  /** `undefined` when the body is no JSON. */
  json(maxBytes?: number): Promise<unknown>;
}

/** A text, a number, null, or `{ base64 }` for bytes. */
export type SqlValue = string | number | null | { readonly base64: string };

export interface SqlRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlValue[])[];
}

/**
 * What the host does for a plugin, each thing as far as manifest and consent allow. Every method throws RpcError;
 * `rpcCode` tells refused (`RPC_CODES.refused`) from out of reach (`RPC_CODES.unavailable`).
 */
export interface HostClient {
  readonly http: { request(call: HttpCall): Promise<HttpAnswer> };
  readonly files: {
    /** `path` as the manifest has it, for example `~/.config/tool/token.json`. */
    read(path: string): Promise<{ readonly bytes: Uint8Array; readonly modifiedAt: number }>;
    list(pattern: string): Promise<readonly string[]>;
    querySqlite(path: string, sql: string, values?: readonly SqlValue[]): Promise<SqlRows>;
    /** Calls back after each change; answers how to end it. */
    watch(path: string, onChange: () => void): Promise<() => Promise<void>>;
  };
  readonly keychain: {
    /** `undefined` where there is no such item. */
    read(item: { readonly service: string; readonly account?: string }): Promise<string | undefined>;
  };
  /** Private to the plugin, encrypted, small. */
  readonly kv: {
    get(key: string): Promise<unknown>;
    set(key: string, value: unknown): Promise<void>;
    delete(key: string): Promise<boolean>;
    list(prefix?: string): Promise<readonly string[]>;
  };
  /** The plugin's own SQLite database; the table `plugin_credentials` shows its credentials without secrets. */
  readonly database: {
    query(sql: string, values?: readonly SqlValue[]): Promise<SqlRows>;
    execute(sql: string, values?: readonly SqlValue[]): Promise<{ readonly changes: number }>;
  };
  /** With a key of the plugin's own. What was sealed with a context opens with that context alone. */
  readonly crypto: {
    encrypt(plain: Uint8Array, context?: string): Promise<Uint8Array>;
    decrypt(sealed: Uint8Array, context?: string): Promise<Uint8Array>;
  };
  /** Between the plugin's process and its own screens. */
  readonly events: {
    emit(name: string, payload?: unknown): Promise<void>;
    on(name: string, handler: (payload: unknown) => void): Promise<void>;
  };
  readonly log: Readonly<
    Record<'debug' | 'info' | 'warn' | 'error', (message: string, fields?: Readonly<Record<string, unknown>>) => void>
  >;
  notify(notice: {
    readonly level: 'success' | 'info' | 'warning' | 'error';
    readonly title: string;
    readonly text?: string;
  }): Promise<void>;
}
