import { type CallOptions, createRpcPeer, RpcError, type RpcPeer } from '@proxycast/plugin-rpc';
import {
  findSchemaFaults,
  type InitializeResult,
  MAX_FRAME_ATTACHMENT_BYTES,
  MAX_FRAME_HEADER_BYTES,
  MAX_JSON_DEPTH,
  PLUGIN_CONTRACT_VERSION,
  PLUGIN_METHODS,
  type PluginCall,
  type PluginEvent,
  type PluginNotification,
  type PluginParams,
  type PluginResult,
  RPC_CODES,
} from '@proxycast/spec/plugin';
import type { PluginDefinition, ProviderDefinition, Settings } from '../provider-definition.ts';
import { createPluginServer } from '../serve/create-plugin-server.ts';
import { createFakeHost, type FakeHost } from './fake-host.ts';

export interface PluginUnderTest {
  readonly host: FakeHost;
  readonly capabilities: InitializeResult;
  /** Calls as the host does, over frames, and checks the answer as the host does. Throws RpcError, or what is odd about it. */
  call<Name extends PluginCall>(
    name: Name,
    params: PluginParams<Name>,
    options?: Partial<CallOptions>,
  ): Promise<PluginResult<Name> & { readonly attachment: Uint8Array }>;
  notify<Name extends PluginNotification>(name: Name, params: PluginParams<Name>): void;
  /** One answer through `response.decode`: `batches` of frames, the last one final. */
  decode(stream: StreamUnderTest): Promise<readonly PluginEvent[]>;
  stop(): Promise<void>;
}

export interface FrameUnderTest {
  readonly event?: string;
  readonly data: string | Uint8Array;
}

export interface StreamUnderTest {
  readonly streamId?: string;
  readonly model?: string;
  readonly status?: number;
  readonly isStream?: boolean;
  readonly batches: readonly (readonly FrameUnderTest[])[];
}

export interface StartPluginOptions {
  readonly host?: FakeHost;
  readonly settings?: Settings;
  readonly locale?: string;
  readonly now?: () => number;
}

/** Runs a plugin in this process against a fake host, over the same frames as in its own. */
export async function startPlugin(
  definition: PluginDefinition | ProviderDefinition,
  { host = createFakeHost(), settings = {}, locale = 'en', now = Date.now }: StartPluginOptions = {},
): Promise<PluginUnderTest> {
  const breaches: string[] = [];
  const setTimer = (callback: () => void, delayMs: number): (() => void) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  };
  const writeTo = (receiver: () => RpcPeer) => (parts: readonly Uint8Array[]) => {
    const bytes = Buffer.concat(parts);
    setImmediate(() => receiver().receive(bytes));
    return true;
  };
  const server: RpcPeer = createPluginServer({
    definition,
    now,
    write: writeTo(() => client),
    queuedBytes: () => 0,
    setTimer,
    onShutdown: () => undefined,
    onBreach: (reason) => void breaches.push(reason),
  });
  const client: RpcPeer = createRpcPeer({
    write: writeTo(() => server),
    queuedBytes: () => 0,
    setTimer,
    onCall: (call) => host.answer(call),
    onNotification: (method, params) => host.take(method, params),
    onBreach: (reason) => void breaches.push(reason),
    limits: {
      maxHeaderBytes: MAX_FRAME_HEADER_BYTES,
      maxAttachmentBytes: MAX_FRAME_ATTACHMENT_BYTES,
      maxJsonDepth: MAX_JSON_DEPTH,
      maxIncomingCalls: 64,
      maxIncomingBytes: MAX_FRAME_ATTACHMENT_BYTES,
      maxQueuedBytes: MAX_FRAME_ATTACHMENT_BYTES,
    },
  });

  async function call<Name extends PluginCall>(
    name: Name,
    params: PluginParams<Name>,
    options: Partial<CallOptions> = {},
  ): Promise<PluginResult<Name> & { readonly attachment: Uint8Array }> {
    const { params: paramsSchema, result: resultSchema, deadlineMs } = PLUGIN_METHODS[name];
    const oddParams = findSchemaFaults(paramsSchema, params);
    if (oddParams.length > 0) throw new Error(`The test's own params are odd: ${JSON.stringify(oddParams)}`);
    const answer = await client.call(name, { ...(params as object) }, { deadlineMs, ...options });
    const faults = findSchemaFaults(resultSchema, answer.result);
    if (faults.length > 0) throw new Error(`The plugin's answer to ${name} is odd: ${JSON.stringify(faults)}`);
    return Object.assign({ attachment: answer.attachment }, answer.result as PluginResult<Name>);
  }

  const capabilities = await call('initialize', {
    contract_version: PLUGIN_CONTRACT_VERSION,
    host_version: '0.0.0',
    locale,
    settings,
    platform: process.platform,
  });

  return {
    host,
    capabilities,
    call,
    notify: (name, params) => client.notify(name, { ...(params as object) }),
    async decode({ streamId = 'stream-1', model = 'model', status = 200, isStream = true, batches }) {
      const events: PluginEvent[] = [];
      for (const [index, batch] of batches.entries()) {
        const parts = batch.map(({ data }) => Buffer.from(data));
        const { attachment } = await call(
          'response.decode',
          {
            stream_id: streamId,
            frames: batch.map(({ event }, at) => ({
              bytes: parts[at]?.length ?? 0,
              ...(event === undefined ? {} : { event }),
            })),
            final: index === batches.length - 1,
            ...(index === 0 ? { head: { status, headers: [], model, is_stream: isStream } } : {}),
          },
          { attachment: Buffer.concat(parts) },
        );
        const more: readonly PluginEvent[] = JSON.parse(Buffer.from(attachment).toString('utf8'));
        events.push(...more);
      }
      return events;
    },
    async stop() {
      await call('shutdown', {});
      const gone = new RpcError(RPC_CODES.unavailable, 'The test has ended.');
      server.close(gone);
      client.close(gone);
      if (breaches.length > 0) throw new Error(`The contract was broken: ${breaches.join(', ')}`);
    },
  };
}
