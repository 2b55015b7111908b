import {
  InvalidRequestError,
  ModelNotFoundError,
  type Operation,
  type ProtocolId,
  type Provider,
  type ProviderId,
  type RouteRecord,
} from '@proxycast/spec';
import { matchGlob } from './match-glob.ts';
import type { Plan, PlannedProvider, PlanQuery, PlanReason } from './plan.ts';

/** Model names that belong to a maker, as data: which dialect its models speak at home, and which providers come first. */
export interface ModelFamily {
  readonly patterns: readonly string[];
  readonly protocols: readonly ProtocolId[];
  readonly providers: readonly ProviderId[];
}

export interface RoutingTableParts {
  /** Enabled providers that can be called, in the order they are preferred. */
  readonly providers: readonly Provider[];
  /** Enabled routes, in order. */
  readonly routes: readonly Pick<RouteRecord, 'pattern' | 'targets' | 'defaultParameters' | 'output'>[];
  readonly families: readonly ModelFamily[];
  readonly defaultProvider?: string;
  /** The dialect a variant belongs to; a dialect's own id where it is none. Without it every dialect stands alone. */
  readonly baseOf?: (protocol: ProtocolId) => ProtocolId;
}

export interface RoutingTable {
  plan(query: PlanQuery): Plan;
}

/** What can be asked in one dialect and answered from another. */
const CONVERTIBLE: ReadonlySet<Operation> = new Set(['chat', 'count-tokens']);

// Clients name a handful of models; a client that makes up names must not grow the memory.
const MAX_REMEMBERED_PLANS = 1_000;

interface Candidate {
  readonly provider: Provider;
  readonly model: string;
  readonly reason: PlanReason;
}

/** A table is never changed: a new configuration makes a new one, and a request keeps the one it began with. */
export function createRoutingTable(parts: RoutingTableParts): RoutingTable {
  const byId = new Map<string, Provider>(parts.providers.map((provider) => [provider.id, provider]));
  const byModel = new Map<string, Provider[]>();
  for (const provider of parts.providers) {
    for (const model of provider.models) {
      const sameModel = byModel.get(model);
      if (sameModel === undefined) byModel.set(model, [provider]);
      else sameModel.push(provider);
    }
  }
  const remembered = new Map<string, Plan>();

  const baseOf = parts.baseOf ?? ((protocol) => protocol);

  /** What to speak with a provider: the client's own dialect or a variant of it, else the provider's best, converted. */
  const protocolAt = (
    provider: Provider,
    { operation, protocol: client }: PlanQuery,
    model: string,
  ): ProtocolId | undefined => {
    const offered = provider.protocolsFor(operation, model);
    if (offered.includes(client)) return client;
    const variant = offered.find((protocol) => baseOf(protocol) === client);
    return variant ?? (CONVERTIBLE.has(operation) ? offered[0] : undefined);
  };

  /**
   * A provider that cannot count tokens keeps its place: what is asked is how many they are to the model that would answer,
   * which another provider's model does not know.
   */
  const planFor = (candidate: Candidate, query: PlanQuery): readonly PlannedProvider[] => {
    const protocol = protocolAt(candidate.provider, query, candidate.model);
    if (protocol !== undefined) return [{ ...candidate, protocol }];
    if (query.operation !== 'count-tokens') return [];
    const chats = protocolAt(candidate.provider, { ...query, operation: 'chat' }, candidate.model);
    return chats === undefined ? [] : [{ ...candidate, protocol: chats, cannotCount: true }];
  };

  /** `provider/model`, where the part before the slash is a provider that is there. */
  const splitPrefix = (model: string): { readonly provider: Provider; readonly model: string } | undefined => {
    const slash = model.indexOf('/');
    if (slash <= 0 || slash === model.length - 1) return undefined;
    const provider = byId.get(model.slice(0, slash));
    return provider === undefined ? undefined : { provider, model: model.slice(slash + 1) };
  };

  const candidatesByName = (model: string): readonly Candidate[] => {
    const prefixed = splitPrefix(model);
    if (prefixed !== undefined) return [{ ...prefixed, reason: 'provider-prefix' }];
    const listed = byModel.get(model) ?? [];
    const matching = parts.providers.filter((provider) => !listed.includes(provider) && provider.serves?.(model));
    if (listed.length + matching.length > 0) {
      return [
        ...listed.map((provider): Candidate => ({ provider, model, reason: 'listed-model' })),
        ...matching.map((provider): Candidate => ({ provider, model, reason: 'model-pattern' })),
      ];
    }
    const family = parts.families.find(({ patterns }) => patterns.some((pattern) => matchGlob(pattern, model)));
    if (family !== undefined) {
      const preferred = family.providers.flatMap((id) => byId.get(id) ?? []);
      const related = parts.providers.filter(
        (provider) =>
          !preferred.includes(provider) &&
          provider.transport.type !== 'local' &&
          provider.protocolsFor('chat', model).some((protocol) => family.protocols.includes(baseOf(protocol))),
      );
      const members = [...preferred, ...related];
      if (members.length > 0) return members.map((provider) => ({ provider, model, reason: 'model-family' }));
    }
    return [];
  };

  const candidatesByDefault = (query: PlanQuery): readonly Candidate[] => {
    const { model } = query;
    const chosen = parts.defaultProvider === undefined ? undefined : byId.get(parts.defaultProvider);
    if (chosen !== undefined) return [{ provider: chosen, model, reason: 'default-provider' }];
    const remote = parts.providers.filter(({ transport }) => transport.type !== 'local');
    const able = remote.filter((provider) => protocolAt(provider, query, model) !== undefined);
    const only = remote.length === 1 ? remote[0] : model === '' && able.length === 1 ? able[0] : undefined;
    return only === undefined ? [] : [{ provider: only, model, reason: 'only-provider' }];
  };

  const expandRoute = (route: RoutingTableParts['routes'][number], model: string): readonly Candidate[] =>
    route.targets.flatMap((target): readonly Candidate[] => {
      const targetModel = target.model ?? model;
      if (target.provider === undefined) {
        return candidatesByName(targetModel).map((candidate) => ({ ...candidate, reason: 'route' }));
      }
      const provider = byId.get(target.provider);
      return provider === undefined ? [] : [{ provider, model: targetModel, reason: 'route' }];
    });

  const findCandidates = (
    query: PlanQuery,
  ): { readonly candidates: readonly Candidate[]; readonly route?: RoutingTableParts['routes'][number] } => {
    const { model, pinnedProvider } = query;
    if (pinnedProvider !== undefined) {
      const provider = byId.get(pinnedProvider);
      if (provider === undefined) return { candidates: [] };
      const prefixed = splitPrefix(model);
      const ownModel = prefixed?.provider === provider ? prefixed.model : model;
      return { candidates: [{ provider, model: ownModel, reason: 'pinned' }] };
    }
    const route = model === '' ? undefined : parts.routes.find(({ pattern }) => matchGlob(pattern, model));
    if (route !== undefined) {
      const candidates = expandRoute(route, model);
      if (candidates.length > 0) return { candidates, route };
    }
    const named = model === '' ? [] : candidatesByName(model);
    return { candidates: named.length > 0 ? named : candidatesByDefault(query) };
  };

  const makePlan = (query: PlanQuery): Plan => {
    const { candidates, route } = findCandidates(query);
    if (candidates.length === 0) return { type: 'refused', error: noProvider(query, parts.providers) };
    const providers = candidates.flatMap((candidate) => planFor(candidate, query));
    if (providers.length === 0) return { type: 'refused', error: noDialect(query, candidates) };
    return {
      type: 'planned',
      providers,
      ...(route?.defaultParameters === undefined ? {} : { defaultParameters: route.defaultParameters }),
      ...(route?.output === undefined ? {} : { output: route.output }),
    };
  };

  return {
    plan(query) {
      const key = `${query.protocol} ${query.operation} ${query.pinnedProvider ?? ''} ${query.model}`;
      const known = remembered.get(key);
      if (known !== undefined) return known;
      const plan = makePlan(query);
      if (remembered.size >= MAX_REMEMBERED_PLANS) remembered.clear();
      remembered.set(key, plan);
      return plan;
    },
  };
}

function noProvider(query: PlanQuery, providers: readonly Provider[]): ModelNotFoundError | InvalidRequestError {
  if (query.pinnedProvider !== undefined) {
    return new InvalidRequestError({
      code: 'provider_not_found',
      message: `The provider ${JSON.stringify(query.pinnedProvider.slice(0, 100))} does not exist, is disabled, or has no key.`,
    });
  }
  if (query.model === '') {
    return new InvalidRequestError({
      code: 'provider_required',
      message:
        'Several providers could answer this. Name one: /api/provider/{provider}/… or the header x-proxycast-provider.',
    });
  }
  const hasRemote = providers.some(({ transport }) => transport.type !== 'local');
  return new ModelNotFoundError(
    query.model,
    hasRemote
      ? 'GET /v1/models lists what is; provider/model names a provider.'
      : 'No provider has a key yet: add one, or try the model proxycast-echo.',
  );
}

function noDialect(query: PlanQuery, candidates: readonly Candidate[]): InvalidRequestError {
  const names = [...new Set(candidates.map(({ provider }) => provider.id))].slice(0, 5).join(', ');
  return new InvalidRequestError({
    code: 'protocol_not_served',
    message: `The model ${JSON.stringify(query.model.slice(0, 200))} leads to ${names}, which does not offer this endpoint (${query.operation}) in the dialect of this request (${query.protocol}).`,
    field: 'model',
  });
}
