import { matchGlob, type PlannedProvider, type RoutingTable } from '@proxycast/routing';
import { type ClientKey, type Operation, PermissionError, type ProtocolId } from '@proxycast/spec';

export interface RouteQuery {
  readonly model: string;
  readonly operation: Operation;
  readonly protocol: ProtocolId;
  readonly pinnedProvider?: string;
  readonly clientKey: ClientKey;
}

export interface Route {
  readonly providers: readonly PlannedProvider[];
  readonly defaultParameters?: Readonly<Record<string, unknown>>;
  readonly output?: string;
}

/** The providers this request may go to, in order. Throws what the plan or the key's limits refuse. */
export function route(table: RoutingTable, query: RouteQuery): Route {
  const { clientKey, model } = query;
  if (
    clientKey.allowedModels !== undefined &&
    model !== '' &&
    !clientKey.allowedModels.some((glob) => matchGlob(glob, model))
  ) {
    throw new PermissionError({
      code: 'model_not_allowed',
      message: `The client key ${JSON.stringify(clientKey.name)} may not use this model.`,
      field: 'model',
    });
  }
  const plan = table.plan(query);
  if (plan.type === 'refused') throw plan.error;
  const { allowedProviders } = clientKey;
  if (allowedProviders === undefined) return plan;
  const providers = plan.providers.filter(({ provider }) => allowedProviders.includes(provider.id));
  if (providers.length === 0) {
    throw new PermissionError({
      code: 'provider_not_allowed',
      message: `The client key ${JSON.stringify(clientKey.name)} may not use the provider of this model.`,
      field: 'model',
    });
  }
  return { ...plan, providers };
}
