import { ApiProblem } from './api-problem.js';
import { createQuery } from './create-query.js';
import { byId, drawQuery, partOf, sayStatus } from './drawing.js';

async function readHealth() {
  const response = await fetch('/health', { cache: 'no-store' }).catch(() => undefined);
  if (!response?.ok) throw new ApiProblem({ code: 'unreachable' });
  return response.json();
}

function mark(step, isDone) {
  const place = partOf(byId(step), 'status');
  sayStatus(place, isDone ? 'good' : 'off', isDone ? 'overview.done' : 'overview.open');
}

/** Address, version, and which of the first steps are done. */
export function createOverview({ providers, clientKeys }) {
  const health = createQuery(readHealth);
  byId('address').textContent = location.origin;
  drawQuery(byId('health'), health, ({ version }) => {
    byId('version').textContent = version;
  });
  providers.watch(({ data = [] }) => mark('step-provider', data.some(isServing)));
  clientKeys.watch(({ data = [] }) =>
    mark(
      'step-client-key',
      data.some(({ state }) => state === 'active'),
    ),
  );
  mark('step-answer', false);
  return { reload: health.reload, markAnswered: () => mark('step-answer', true) };
}

const isServing = (provider) => provider.enabled && provider.keys.some(({ enabled }) => enabled);
