import type { PlanExplanation } from '@proxycast/admin-api';
import type { PlanReason, RoutingTable } from '@proxycast/routing';
import { InvalidRequestError, type ProtocolId } from '@proxycast/spec';

const WORDS: Readonly<Record<PlanReason, string>> = {
  pinned: 'the request names this provider',
  route: 'a route matches the model name',
  'provider-prefix': 'the model name begins with this provider’s id',
  'listed-model': 'this provider lists the model',
  'model-pattern': 'this provider serves models of such names',
  'model-family': 'the model’s family is at home with this provider',
  'default-provider': 'nothing else matches and this is the default provider',
  'only-provider': 'nothing else matches and this is the only provider',
};

/** The plan for a model name, with the reason for each attempt in words. */
export function explainPlan(
  routing: RoutingTable,
  model: string,
  protocol: ProtocolId,
  known: readonly ProtocolId[],
): PlanExplanation {
  if (!known.includes(protocol)) {
    throw new InvalidRequestError({ message: `protocol must be one of ${known.join(', ')}.`, field: 'protocol' });
  }
  const plan = routing.plan({ model, protocol, operation: 'chat' });
  if (plan.type === 'refused') return { attempts: [], reasons: [plan.error.publicMessage] };
  return {
    attempts: plan.providers.map((planned) => ({
      providerId: planned.provider.id,
      upstreamModel: planned.model,
      protocol: planned.protocol,
      reason: WORDS[planned.reason],
    })),
    reasons: [...new Set(plan.providers.map(({ reason }) => WORDS[reason]))],
  };
}
