import type { AdminApiPorts, ProviderModel, ProviderTestResult } from '@proxycast/admin-api';
import {
  createProviderCalls,
  isKeyOptional,
  type Preset,
  type ProviderCalls,
  type ProviderCallTools,
} from '@proxycast/api-key-providers';
import {
  InvalidRequestError,
  type ProviderId,
  type ProviderRecord,
  ProxyCastError,
  Secret,
  UpstreamError,
} from '@proxycast/spec';
import type { Storage } from '@proxycast/storage';
import { callUpstream, type UpstreamAnswer } from './call-upstream.ts';
import { parseModelList } from './parse-model-list.ts';

export interface ProviderChecksParts {
  readonly storage: Pick<Storage, 'providers' | 'apiKeys'>;
  readonly presets: ReadonlyMap<string, Preset>;
  readonly callTools: ProviderCallTools;
  readonly userAgent: string;
  readonly monotonicMs: () => number;
}

/** Asks a provider for its model list: what the test button and the model picker show. */
export function createProviderChecks(
  parts: ProviderChecksParts,
): Pick<AdminApiPorts, 'testProvider' | 'listProviderModels'> {
  const open = async (
    id: ProviderId,
  ): Promise<{ readonly record: ProviderRecord; readonly calls: ProviderCalls; readonly secret: Secret }> => {
    const record = await parts.storage.providers.get(id);
    if (record === undefined)
      throw new InvalidRequestError({ code: 'provider_not_found', message: 'There is no such provider.' });
    const preset = parts.presets.get(id);
    const calls = createProviderCalls({
      record,
      tools: parts.callTools,
      ...(preset === undefined ? {} : { preset }),
    });
    const keys = await parts.storage.apiKeys.listWithSecrets();
    const secret = keys.find((key) => key.record.providerId === id)?.secret;
    if (secret === undefined && isKeyOptional(record, preset)) return { record, calls, secret: new Secret('') };
    if (secret === undefined) {
      throw new InvalidRequestError({ code: 'provider_without_key', message: 'Add a key to this provider first.' });
    }
    return { record, calls, secret };
  };

  const listModels = async (calls: ProviderCalls, secret: Secret): Promise<UpstreamAnswer> => {
    if (calls.modelList === undefined) {
      throw new InvalidRequestError({ code: 'models_not_listed', message: 'This provider has no list of its models.' });
    }
    return callUpstream(calls.modelList(secret.reveal()), parts.userAgent);
  };

  return {
    async testProvider(id): Promise<ProviderTestResult> {
      const startedMs = parts.monotonicMs();
      const latencyMs = (): number => Math.round(parts.monotonicMs() - startedMs);
      try {
        const { calls, secret } = await open(id);
        const answer = await listModels(calls, secret);
        const error = verdict(answer);
        return {
          ok: error === undefined,
          latencyMs: latencyMs(),
          status: answer.status,
          results: [],
          ...(error === undefined ? {} : { error }),
        };
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
      const { calls, secret } = await open(id);
      const answer = await listModels(calls, secret);
      const error = verdict(answer);
      const models = error === undefined ? parseModelList(answer.text) : undefined;
      if (models !== undefined) return models.map((model) => ({ ...model, isLive: true, isStored: false }));
      throw new UpstreamError({
        code: error?.code ?? 'upstream_invalid',
        message: error?.message ?? 'The provider answered with something that is no model list.',
        upstreamStatus: answer.status,
      });
    },
  };
}

/** What an answer to a model list says about host and key; `undefined` when all is well. */
function verdict({ status, text }: UpstreamAnswer): { readonly code: string; readonly message: string } | undefined {
  if (status === 401 || status === 403 || (status === 400 && text.includes('API_KEY_INVALID'))) {
    return { code: 'key_rejected', message: `The provider rejected the key (status ${status}).` };
  }
  if (status === 402) return { code: 'no_credit', message: 'The key is valid; its account has no credit left.' };
  if (status === 429)
    return { code: 'rate_limited', message: 'The key is valid and limited at the moment. Try again later.' };
  if (status === 404)
    return { code: 'host_wrong', message: 'Nothing answers at this address. Check the path and version in api_host.' };
  if (status < 200 || status >= 300)
    return { code: 'upstream_failed', message: `The provider answered with status ${status}.` };
  if (parseModelList(text) === undefined) {
    return {
      code: 'host_wrong',
      message: 'The host answers, but not with a model list. Check api_host: it may be a web page.',
    };
  }
  return undefined;
}
