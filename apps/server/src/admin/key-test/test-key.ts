import type { KeyCheck, ProviderCalls } from '@proxycast/api-key-providers';
import { parseModelList } from '@proxycast/api-key-providers';
import type { Credential, Operation, ProtocolId, UpstreamProtocol } from '@proxycast/spec';
import { isObject, parseJson } from '@proxycast/wire';
import type { UpstreamAnswer } from '../call-upstream.ts';
import { oneTokenRequest } from './one-token-request.ts';
import { VALID, type Verdict, verdictOf } from './verdict.ts';

export interface KeyTestParts {
  readonly calls: ProviderCalls;
  readonly credential: Credential;
  /** The model to ask where a question is needed. */
  readonly model: string | undefined;
  /** Whether a person listed that model: then it has to be there. */
  readonly isModelListed: boolean;
  readonly findProtocol: (id: ProtocolId) => UpstreamProtocol | undefined;
  /** Authorises and sends; throws ProxyCastError when there is no answer. */
  readonly send: (
    call: Parameters<NonNullable<ProviderCalls['authorize']>>[0]['call'],
    method: 'GET' | 'POST',
    body: string | undefined,
  ) => Promise<UpstreamAnswer>;
}

export interface KeyTestOutcome extends Verdict {
  readonly status?: number;
  readonly model?: string;
}

/** Where a free call is read: in the dialect the provider speaks first. */
const FALLBACK_OPERATIONS: readonly Operation[] = ['chat', 'embeddings'];

/**
 * Tells whether a key works: a free call that needs it where there is one, else the smallest question there is. Never through
 * the gateway, so that counters and health stay as they are. Rejects with a ProxyCastError when there is no answer.
 */
export async function testKey(parts: KeyTestParts): Promise<KeyTestOutcome> {
  const free = await tryFreeCalls(parts);
  const isProven = free !== undefined && free.code === 'valid';
  const needsQuestion = free === undefined || free.isOpen === true;
  if (!needsQuestion && !(isProven && parts.calls.hasOwnModelNames === true && parts.isModelListed)) return free;
  const asked = await ask(parts);
  if (asked === undefined) return free ?? NOT_TESTABLE;
  // Both found nothing: the address is wrong, unless the question was understood.
  if (free?.isOpen === true && asked.code === 'host_wrong') return free;
  if (asked.code === 'model_missing' && isProven) {
    return { ...asked, message: `The key is valid, but ${asked.model} is not there. ${asked.message}` };
  }
  return asked;
}

const NOT_TESTABLE: Verdict = {
  code: 'models_not_listed',
  message: 'This provider has no free call that proves a key. Add the name of one of its models, then test again.',
};

/** `undefined` where there is no free call. */
async function tryFreeCalls(parts: KeyTestParts): Promise<KeyTestOutcome | undefined> {
  const { calls, credential } = parts;
  const [list] = calls.modelLists;
  const fromList: KeyCheck | undefined =
    list === undefined ? undefined : { method: 'GET', call: (secret) => list.call(secret, { limit: 1 }) };
  const checks = calls.keyChecks ?? (fromList === undefined ? [] : [fromList]);
  let last: KeyTestOutcome | undefined;
  for (const check of checks) {
    last = await tryFreeCall(check, parts, calls.keyChecks === undefined, credential.secret.reveal());
    if (last.isOpen !== true) return last;
  }
  return last;
}

async function tryFreeCall(
  check: KeyCheck,
  parts: KeyTestParts,
  isList: boolean,
  secret: string,
): Promise<KeyTestOutcome> {
  const answer = await parts.send(
    check.call(secret),
    check.method,
    check.body === undefined ? undefined : JSON.stringify(check.body),
  );
  const { status } = answer;
  const protocol = dialectOf(parts, parts.model ?? '')?.protocol;
  const bad = protocol === undefined ? undefined : verdictOf(answer, protocol, secret);
  if (bad !== undefined) {
    // A list that is not there says nothing of models.
    return bad.code === 'model_missing' ? { ...NO_LIST, status } : { ...bad, status };
  }
  const value = parseJson(answer.text);
  if (isList ? parseModelList(value) === undefined : !isObject(value)) return { ...UNKNOWN_SHAPE, status };
  switch (isObject(value) ? (check.judge?.(value) ?? 'valid') : 'valid') {
    case 'invalid':
      return { code: 'key_rejected', message: 'The provider says that the key is not valid.', status };
    case 'no-credit':
      return { code: 'no_credit', message: 'The key is valid; its account has no credit left.', status };
    case 'valid':
      return { ...VALID, status };
  }
}

const NO_LIST: Verdict = {
  code: 'host_wrong',
  message: 'Nothing answers at this address. Check the path and version in api_host.',
  isOpen: true,
};

const UNKNOWN_SHAPE: Verdict = {
  code: 'host_wrong',
  message: 'The host answers, but not as this kind of provider does. Check api_host: it may be another service.',
  isOpen: true,
};

/** What the provider speaks for the first of these operations that it has. */
function dialectOf(
  { calls, findProtocol }: KeyTestParts,
  model: string,
): { readonly operation: Operation; readonly id: ProtocolId; readonly protocol: UpstreamProtocol } | undefined {
  for (const operation of FALLBACK_OPERATIONS) {
    const [id] = calls.protocolsFor(operation, model);
    const protocol = id === undefined ? undefined : findProtocol(id);
    if (id !== undefined && protocol !== undefined) return { operation, id, protocol };
  }
  return undefined;
}

/** Asks the model for one token; for sixteen where it wants room for more. `undefined` where no model or dialect is known. */
async function ask(parts: KeyTestParts): Promise<KeyTestOutcome | undefined> {
  const { calls, credential, model } = parts;
  const dialect = model === undefined ? undefined : dialectOf(parts, model);
  if (model === undefined || dialect === undefined) return undefined;
  const { operation, id, protocol } = dialect;
  let outcome: KeyTestOutcome | undefined;
  for (const hasRoom of [false, true]) {
    const body = operation === 'embeddings' ? { model, input: 'hi' } : oneTokenRequest(protocol.base, model, hasRoom);
    if (body === undefined) return undefined;
    const call = calls.prepare({ operation, protocol: id, model, isStream: false, query: '', credential });
    const answer = await parts.send(call, 'POST', JSON.stringify(patched(body, call.patch)));
    const bad = verdictOf(answer, protocol, credential.secret.reveal());
    if (bad !== undefined) outcome = { ...bad, status: answer.status, model };
    else if (isObject(parseJson(answer.text))) return { ...VALID, status: answer.status, model };
    else outcome = { ...UNKNOWN_SHAPE, status: answer.status, model };
    // Models that think refuse one token, and newer ones the old name of the field.
    if (outcome.code !== 'request_refused' || !/max_|maxtokens|maxoutput|token/i.test(outcome.message)) return outcome;
  }
  return outcome;
}

function patched(body: object, patch: ReturnType<ProviderCalls['prepare']>['patch']): object {
  const removed = new Set(patch?.remove);
  return { ...Object.fromEntries(Object.entries(body).filter(([name]) => !removed.has(name))), ...patch?.set };
}
