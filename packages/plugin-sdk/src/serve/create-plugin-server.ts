import {
  createRpcPeer,
  type IncomingCall,
  type OutgoingAnswer,
  RpcError,
  type RpcParams,
  type RpcPeer,
  type RpcPeerParts,
} from '@proxycast/plugin-rpc';
import {
  findSchemaFaults,
  MAX_FRAME_ATTACHMENT_BYTES,
  MAX_FRAME_HEADER_BYTES,
  MAX_JSON_DEPTH,
  PLUGIN_CONTRACT_VERSION,
  PLUGIN_METHODS,
  type PluginCall,
  type PluginEvent,
  type PluginParams,
  type PluginResult,
  RPC_CODES,
  SUPPORTED_CONTRACT_VERSIONS,
} from '@proxycast/spec/plugin';
import { createHostClient } from '../host/create-host-client.ts';
import type {
  CallContext,
  PluginContext,
  PluginDefinition,
  ProviderDefinition,
  Settings,
} from '../provider-definition.ts';
import { createAnswerStreams } from './answer-streams.ts';

export interface PluginServerParts {
  readonly definition: PluginDefinition | ProviderDefinition;
  readonly write: RpcPeerParts['write'];
  readonly queuedBytes: RpcPeerParts['queuedBytes'];
  readonly setTimer: RpcPeerParts['setTimer'];
  readonly now: () => number;
  /** Asked to end: the answer has been written. */
  readonly onShutdown: () => void;
  /** The host broke the contract, which is the end. */
  readonly onBreach: (reason: string) => void;
}

interface Answer<Name extends PluginCall> {
  readonly result: PluginResult<Name>;
  readonly attachment?: Uint8Array;
}

type Handler<Name extends PluginCall> = (
  params: PluginParams<Name>,
  call: { readonly attachment: Uint8Array; readonly context: CallContext },
) => Answer<Name> | Promise<Answer<Name>>;

type Handlers = { readonly [Name in PluginCall]?: Handler<Name> };

const MAX_CALLS_AT_ONCE = 4096;
const MAX_QUEUED_BYTES = 256 * 1024 * 1024;

/** The plugin's side of the connection: calls of the host go to the capabilities that the definition has. */
export function createPluginServer(parts: PluginServerParts): RpcPeer {
  const { definition, now } = parts;
  let settings: Settings = {};
  let locale = 'en';
  const host = createHostClient(() => peer);
  const context: PluginContext = {
    host: host.client,
    get settings() {
      return settings;
    },
    get locale() {
      return locale;
    },
    now,
  };
  const streams = definition.response === undefined ? undefined : createAnswerStreams(definition.response, context);
  const handlers: Handlers = {
    async initialize(params) {
      if (!SUPPORTED_CONTRACT_VERSIONS.includes(params.contract_version)) {
        throw new RpcError(
          RPC_CODES.invalidParams,
          `This plugin speaks version ${PLUGIN_CONTRACT_VERSION} of the contract, the host ${params.contract_version}.`,
          { code: 'contract_version' },
        );
      }
      settings = params.settings;
      locale = params.locale;
      await definition.started?.(context);
      const { request } = definition;
      return {
        result: {
          contract_version: PLUGIN_CONTRACT_VERSION,
          ...('id' in definition ? { provider_id: definition.id } : {}),
          methods: Object.keys(handlers),
          ...(request === undefined
            ? {}
            : {
                request: {
                  transform: request.transform ?? 'none',
                  sign_each: request.signEach ?? false,
                  ...(request.transformModels === undefined ? {} : { transform_models: request.transformModels }),
                },
              }),
        },
      };
    },
    ping: () => ({ result: {} }),
    async 'config.update'(params) {
      settings = params.settings;
      await definition.config?.updated(context);
      return { result: {} };
    },
    async shutdown() {
      await definition.stopping?.(context);
      setImmediate(parts.onShutdown);
      return { result: {} };
    },
    ...credentialHandlers(definition),
    ...loginHandlers(definition),
    ...requestHandlers(definition),
    ...hookHandlers(definition),
    ...(streams === undefined
      ? {}
      : {
          'response.decode': (params: PluginParams<'response.decode'>, { attachment }: { attachment: Uint8Array }) => ({
            result: {},
            attachment: encodeEvents(streams.decode(params, attachment)),
          }),
        }),
  };

  const peer: RpcPeer = createRpcPeer({
    write: parts.write,
    queuedBytes: parts.queuedBytes,
    setTimer: parts.setTimer,
    onBreach: parts.onBreach,
    // To the host, which keeps it in the log and shows it to no client.
    describeError: (error) => (error instanceof Error ? `${error.name}: ${error.message}` : 'It failed.'),
    limits: {
      maxHeaderBytes: MAX_FRAME_HEADER_BYTES,
      maxAttachmentBytes: MAX_FRAME_ATTACHMENT_BYTES,
      maxJsonDepth: MAX_JSON_DEPTH,
      maxIncomingCalls: MAX_CALLS_AT_ONCE,
      maxIncomingBytes: MAX_QUEUED_BYTES,
      maxQueuedBytes: MAX_QUEUED_BYTES,
    },
    onCall: (call) => answer(handlers, call, context),
    onNotification(method, params) {
      switch (method) {
        case 'response.abort':
          streams?.abort(String(params['stream_id']));
          if (streams === undefined) definition.response?.closed?.(String(params['stream_id']));
          return;
        case 'files.changed':
          host.fileChanged(Number(params['watch_id']));
          return;
        case 'events.event':
          host.event(String(params['name']), params['payload']);
          return;
        case 'hook.error':
          definition.hook?.error?.(params as PluginParams<'hook.error'>, context);
          return;
      }
    },
  });
  return peer;
}

async function answer(handlers: Handlers, call: IncomingCall, context: PluginContext): Promise<OutgoingAnswer> {
  if (!isKnown(call.method) || handlers[call.method] === undefined) {
    throw new RpcError(RPC_CODES.methodNotFound, `This plugin has no ${call.method}.`, { code: 'no_such_method' });
  }
  const faults = findSchemaFaults(PLUGIN_METHODS[call.method].params, call.params);
  if (faults[0] !== undefined) {
    const { path, message } = faults[0];
    throw new RpcError(RPC_CODES.invalidParams, `${path} ${message}.`, { code: 'invalid_params', field: path });
  }
  const callContext = Object.create(context, { signal: { value: call.signal } }) as CallContext;
  const handler = handlers[call.method] as (
    params: RpcParams,
    call: { attachment: Uint8Array; context: CallContext },
  ) => OutgoingAnswer | Promise<OutgoingAnswer>;
  return await handler(call.params, { attachment: call.attachment, context: callContext });
}

const isKnown = (method: string): method is PluginCall =>
  Object.hasOwn(PLUGIN_METHODS, method) && PLUGIN_METHODS[method as PluginCall].type === 'call';

const encodeEvents = (events: readonly PluginEvent[]): Uint8Array => Buffer.from(JSON.stringify(events));

function credentialHandlers({ credential, models }: PluginDefinition): Handlers {
  return {
    ...(credential === undefined
      ? {}
      : {
          'credential.parse': async ({ file, ...input }, { attachment, context }) => ({
            result: await credential.parse(
              file === undefined ? input : { ...input, file: { name: file.name, bytes: attachment } },
              context,
            ),
          }),
        }),
    ...(credential?.scan === undefined
      ? {}
      : {
          'credential.scan': async (_params, { context }) => ({
            result: { candidates: (await credential.scan?.(context)) ?? [] },
          }),
        }),
    ...(credential?.validate === undefined
      ? {}
      : {
          'credential.validate': async (params, { context }) => ({
            result: await required(credential.validate)(params.credential, context),
          }),
        }),
    ...(credential?.refresh === undefined
      ? {}
      : {
          'credential.refresh': async (params, { context }) => ({
            result: await required(credential.refresh)(params.credential, params.reason, context),
          }),
        }),
    ...(credential?.usage === undefined
      ? {}
      : {
          'credential.usage': async (params, { context }) => ({
            result: await required(credential.usage)(params.credential, context),
          }),
        }),
    ...(models?.list === undefined
      ? {}
      : {
          'models.list': async (params, { context }) => ({
            result: { models: (await models.list?.(params.credential, context)) ?? [] },
          }),
        }),
  };
}

function loginHandlers({ login }: PluginDefinition): Handlers {
  if (login === undefined) return {};
  return {
    'login.start': async (params, { context }) => ({ result: await login.start(params, context) }),
    ...(login.poll === undefined
      ? {}
      : {
          'login.poll': async (params, { context }) => ({
            result: await required(login.poll)(params.login_id, context),
          }),
        }),
    ...(login.complete === undefined
      ? {}
      : {
          'login.complete': async (params, { context }) => ({
            result: await required(login.complete)(params, context),
          }),
        }),
    'login.cancel': async (params, { context }) => {
      await login.cancel?.(params.login_id, context);
      return { result: {} };
    },
  };
}

function requestHandlers({ request, failure }: PluginDefinition): Handlers {
  return {
    ...(request === undefined
      ? {}
      : {
          'request.prepare': async (params, { attachment, context }) => {
            const { body, ...result } = await request.prepare({ ...params, body: attachment }, context);
            return body === undefined
              ? { result }
              : { result: result.type === 'call' ? { ...result, has_body: true } : result, attachment: body };
          },
        }),
    ...(failure === undefined
      ? {}
      : {
          'failure.explain': async (params, { attachment, context }) => ({
            result: await failure.explain({ ...params, body: attachment }, context),
          }),
        }),
  };
}

function hookHandlers({ hook }: PluginDefinition): Handlers {
  return {
    ...(hook?.request === undefined
      ? {}
      : {
          'hook.request': async (params, { attachment, context }) => {
            const { body, ...result } = await required(hook.request)({ ...params, body: attachment }, context);
            return body === undefined ? { result } : { result, attachment: body };
          },
        }),
    ...(hook?.response === undefined
      ? {}
      : {
          'hook.response': async (params, { attachment, context }) => {
            const { body, ...result } = await required(hook.response)({ ...params, body: attachment }, context);
            return body === undefined ? { result } : { result, attachment: body };
          },
        }),
    ...(hook?.events === undefined
      ? {}
      : {
          'hook.events': async (params, { attachment, context }) => {
            const events: readonly PluginEvent[] = JSON.parse(Buffer.from(attachment).toString('utf8'));
            const changed = await required(hook.events)({ ...params, events }, context);
            return { result: { type: 'changed' }, attachment: encodeEvents(changed) };
          },
        }),
  };
}

/** Looked at anew at each call, so that `this` and the compiler agree. */
function required<Fn>(fn: Fn | undefined): Fn {
  if (fn === undefined) throw new RpcError(RPC_CODES.methodNotFound, 'This plugin does not have it any more.');
  return fn;
}
