import type { AdminApiPorts, KeyTestResult, ProviderModel, ProviderTestResult } from '@proxycast/admin-api';
import {
  createProviderCalls,
  isKeyOptional,
  type ModelListing,
  type ParsedModel,
  type Preset,
  type ProviderCalls,
  type ProviderCallTools,
  parseModelList,
} from '@proxycast/api-key-providers';
import {
  type ApiKeyRecord,
  type Credential,
  InvalidRequestError,
  type ProtocolId,
  type ProviderId,
  type ProviderRecord,
  ProxyCastError,
  parseCredentialId,
  Secret,
  type UpstreamCall,
  UpstreamError,
  type UpstreamProtocol,
} from '@proxycast/spec';
import type { Storage } from '@proxycast/storage';
import { isObject, parseJson } from '@proxycast/wire';
import { CONSOLE_TIMEOUT_MS, callUpstream, type UpstreamAnswer } from './call-upstream.ts';
import { chooseTestedModel } from './key-test/choose-tested-model.ts';
import { otherHostOf } from './key-test/other-host.ts';
import { type KeyTestOutcome, type KeyTestParts, testKey } from './key-test/test-key.ts';
import { verdictOf } from './key-test/verdict.ts';

export interface ProviderChecksParts {
  readonly storage: Pick<Storage, 'providers' | 'apiKeys'>;
  readonly presets: ReadonlyMap<string, Preset>;
  readonly callTools: ProviderCallTools;
  readonly findProtocol: (id: ProtocolId) => UpstreamProtocol | undefined;
  readonly userAgent: string;
  readonly monotonicMs: () => number;
}

/** Tested at one time: a vendor that sees a hundred keys at once from one address takes it for an attack. */
const KEYS_AT_ONCE = 4;
/** A list that goes on for longer is no list. */
const MAX_PAGES = 20;

interface Opened {
  readonly record: ProviderRecord;
  readonly preset: Preset | undefined;
  readonly calls: ProviderCalls;
}

interface KeyToTest {
  /** Absent where the provider is asked without a key. */
  readonly record?: ApiKeyRecord;
  /** Absent where it cannot be decrypted. */
  readonly secret?: Secret;
}

/** What the test button and the model picker ask; nothing here touches counters or the health of keys. */
export function createProviderChecks(
  parts: ProviderChecksParts,
): Pick<AdminApiPorts, 'testProvider' | 'listProviderModels'> {
  const callsOf = (record: ProviderRecord, preset: Preset | undefined): ProviderCalls =>
    createProviderCalls({ record, tools: parts.callTools, ...(preset === undefined ? {} : { preset }) });

  const open = async (id: ProviderId): Promise<Opened> => {
    const record = await parts.storage.providers.get(id);
    if (record === undefined)
      throw new InvalidRequestError({ code: 'provider_not_found', message: 'There is no such provider.' });
    const preset = parts.presets.get(id);
    return { record, preset, calls: callsOf(record, preset) };
  };

  const keysOf = async ({ record, preset }: Opened): Promise<readonly KeyToTest[]> => {
    const keys = await parts.storage.apiKeys.secretsOf(record.id);
    if (keys.length === 0 && isKeyOptional(record, preset)) return [{ secret: new Secret('') }];
    return keys;
  };

  const senderFor =
    (calls: ProviderCalls, credential: Credential, signal: AbortSignal): KeyTestParts['send'] =>
    async (call, method, body) =>
      callUpstream(
        {
          call: await authorised(calls, call, method, body, credential),
          method,
          signal,
          ...(body === undefined ? {} : { body }),
        },
        parts.userAgent,
      );

  /** One key, with whatever went wrong as an outcome. */
  const outcomeOf = async (opened: Opened, credential: Credential, signal: AbortSignal): Promise<KeyTestOutcome> => {
    const { record, preset, calls } = opened;
    const models = record.models ?? preset?.models ?? [];
    const test = (on: ProviderCalls): Promise<KeyTestOutcome> =>
      testKey({
        calls: on,
        credential,
        model: chooseTestedModel(models),
        isModelListed: record.models !== undefined && record.models.length > 0,
        findProtocol: parts.findProtocol,
        send: senderFor(on, credential, signal),
      });
    try {
      const outcome = await test(calls);
      const isHost = outcome.code === 'host_wrong' || outcome.code === 'host_is_page';
      return isHost ? ((await tryOtherHost(opened, test)) ?? outcome) : outcome;
    } catch (cause) {
      if (!(cause instanceof ProxyCastError)) throw cause;
      return { code: cause.code, message: cause.publicMessage };
    }
  };

  /** The commonest slip: a version too many or too few. Says which address would answer; `undefined` where none does. */
  const tryOtherHost = async (
    { record, preset }: Opened,
    test: (calls: ProviderCalls) => Promise<KeyTestOutcome>,
  ): Promise<KeyTestOutcome | undefined> => {
    const apiHost = otherHostOf(record.apiHost);
    if (apiHost === undefined) return undefined;
    try {
      const other = await test(callsOf({ ...record, apiHost }, preset));
      if (!['valid', 'key_rejected', 'no_credit', 'rate_limited'].includes(other.code)) return undefined;
      return {
        code: 'host_wrong',
        message: `Nothing answers at ${record.apiHost}, but ${apiHost} does. Put that into api_host.`,
        ...(other.status === undefined ? {} : { status: other.status }),
      };
    } catch {
      // The other address is a guess: what goes wrong there is of no interest.
      return undefined;
    }
  };

  const testOne = async (opened: Opened, key: KeyToTest, signal: AbortSignal): Promise<KeyTestResult> => {
    const startedMs = parts.monotonicMs();
    const outcome =
      key.secret === undefined
        ? { code: 'key_unreadable', message: 'The stored key cannot be decrypted. Paste it again.' }
        : await Promise.race([
            outcomeOf(opened, credentialOf(opened.record, key.record, key.secret), signal),
            whenTimeIsUp(signal),
          ]);
    return {
      ...(key.record === undefined ? {} : { keyId: key.record.id }),
      ok: outcome.code === 'valid',
      code: outcome.code,
      message: outcome.message,
      latencyMs: Math.round(parts.monotonicMs() - startedMs),
      ...('status' in outcome && outcome.status !== undefined ? { status: outcome.status } : {}),
      ...('model' in outcome && outcome.model !== undefined ? { model: outcome.model } : {}),
    };
  };

  const readList = async (
    list: ModelListing,
    { calls, record }: Opened,
    credential: Credential,
    signal: AbortSignal,
  ): Promise<readonly ParsedModel[]> => {
    const models: ParsedModel[] = [];
    const send = senderFor(calls, credential, signal);
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const call = list.call(credential.secret.reveal(), cursor === undefined ? {} : { cursor });
      const answer = await send(call, 'GET', undefined);
      const value = parseJson(answer.text);
      const rows = answer.status >= 200 && answer.status < 300 ? parseModelList(value) : undefined;
      if (rows === undefined) throw listRefused(answer, record, calls, credential);
      models.push(...rows);
      cursor = isObject(value) ? list.cursorOf?.(value) : undefined;
      if (cursor === undefined) break;
    }
    return models;
  };

  const listRefused = (
    answer: UpstreamAnswer,
    record: ProviderRecord,
    calls: ProviderCalls,
    { secret }: Credential,
  ): UpstreamError => {
    const [id] = calls.protocolsFor('chat', record.models?.[0] ?? '');
    const protocol = id === undefined ? undefined : parts.findProtocol(id);
    const verdict = protocol === undefined ? undefined : verdictOf(answer, protocol, secret.reveal());
    return new UpstreamError({
      code: verdict?.code ?? 'upstream_invalid',
      message: verdict?.message ?? 'The provider answered with something that is no model list.',
      upstreamStatus: answer.status,
    });
  };

  return {
    async testProvider(id): Promise<ProviderTestResult> {
      const startedMs = parts.monotonicMs();
      const latencyMs = (): number => Math.round(parts.monotonicMs() - startedMs);
      try {
        const opened = await open(id);
        const keys = await keysOf(opened);
        const signal = AbortSignal.timeout(CONSOLE_TIMEOUT_MS);
        const results = await inGroups(keys, KEYS_AT_ONCE, (key) => testOne(opened, key, signal));
        return { ...summaryOf(keys, results), latencyMs: latencyMs(), results };
      } catch (cause) {
        if (!(cause instanceof ProxyCastError)) throw cause;
        return {
          ok: false,
          latencyMs: latencyMs(),
          error: { code: cause.code, message: cause.publicMessage },
          results: [],
        };
      }
    },

    async listProviderModels(id): Promise<readonly ProviderModel[]> {
      const opened = await open(id);
      const { calls, record, preset } = opened;
      const keys = await keysOf(opened);
      const key = keys.find((each) => each.secret !== undefined && each.record?.enabled !== false);
      if (key?.secret === undefined) throw WITHOUT_KEY();
      if (calls.modelLists.length === 0) {
        throw new InvalidRequestError({
          code: 'models_not_listed',
          message: 'This provider has no list of its models.',
        });
      }
      const credential = credentialOf(record, key.record, key.secret);
      const signal = AbortSignal.timeout(CONSOLE_TIMEOUT_MS);
      const lists = await Promise.all(calls.modelLists.map((list) => readList(list, opened, credential, signal)));
      return mergeModels(lists.flat(), record.models ?? preset?.models ?? []);
    },
  };
}

/** Whatever a call waits for, the button has its answer in time. */
function whenTimeIsUp(signal: AbortSignal): Promise<KeyTestOutcome> {
  const outcome: KeyTestOutcome = {
    code: 'upstream_timeout',
    message: `There was no answer within ${CONSOLE_TIMEOUT_MS / 1_000} seconds. Try again, or check api_host and the network.`,
  };
  return new Promise((resolve) => {
    if (signal.aborted) resolve(outcome);
    else signal.addEventListener('abort', () => resolve(outcome), { once: true });
  });
}

async function authorised(
  calls: ProviderCalls,
  call: UpstreamCall,
  method: 'GET' | 'POST',
  body: string | undefined,
  credential: Credential,
): Promise<UpstreamCall> {
  if (calls.authorize === undefined) return call;
  const bytes = body === undefined ? [] : [Buffer.from(body)];
  const headers = await calls.authorize({ call, method, body: bytes, credential });
  return { ...call, headers: [...call.headers, ...headers] };
}

function credentialOf(provider: ProviderRecord, key: ApiKeyRecord | undefined, secret: Secret): Credential {
  return { id: key?.id ?? parseCredentialId(`${provider.id}:no-key`), label: key?.hint ?? 'no key', secret };
}

/** The live list first; what is stored and not in it stays: a list that misses a model today must not take it away. */
function mergeModels(live: readonly ParsedModel[], stored: readonly string[]): readonly ProviderModel[] {
  const kept = new Set(stored);
  const byId = new Map<string, ProviderModel>();
  for (const model of live) byId.set(model.id, { ...model, isLive: true, isStored: kept.has(model.id) });
  for (const id of stored) if (!byId.has(id)) byId.set(id, { id, isLive: false, isStored: true });
  return [...byId.values()];
}

/** Speaks of the keys in use; of one that fails before the others. */
function summaryOf(
  keys: readonly KeyToTest[],
  results: readonly KeyTestResult[],
): Pick<ProviderTestResult, 'ok' | 'model' | 'status' | 'error'> {
  const used = results.filter((_, at) => keys[at]?.record?.enabled !== false);
  const shown = used.find(({ ok }) => !ok) ?? used[0];
  if (shown === undefined) {
    const { code, publicMessage } = WITHOUT_KEY();
    return { ok: false, error: { code, message: publicMessage } };
  }
  return {
    ok: shown.ok,
    ...(shown.model === undefined ? {} : { model: shown.model }),
    ...(shown.status === undefined ? {} : { status: shown.status }),
    ...(shown.ok ? {} : { error: { code: shown.code, message: shown.message } }),
  };
}

const WITHOUT_KEY = (): InvalidRequestError =>
  new InvalidRequestError({ code: 'provider_without_key', message: 'Add or enable a key of this provider first.' });

/** All items, this many at a time; answers in their order. */
async function inGroups<Item, Result>(
  items: readonly Item[],
  size: number,
  run: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at];
      if (item !== undefined) results[at] = await run(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(size, items.length) }, worker));
  return results;
}
