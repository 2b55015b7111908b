import { unreachable } from './api-problem.js';
import { createQuery } from './create-query.js';
import { byId, drawState, partOf, sayStatus } from './drawing.js';

async function readHealth() {
  const response = await fetch('/health', { cache: 'no-store' }).catch(() => undefined);
  if (!response?.ok) throw unreachable();
  return response.json();
}

/** Address, version, and which of the first steps are done. */
export function createOverview({ providers, clientKeys, onAnswer }) {
  const health = createQuery(readHealth);
  byId('address').textContent = location.origin;
  drawState(byId('health'), health, ({ version }) => {
    byId('version').textContent = version;
  });

  const mark = (id, isDone) =>
    sayStatus(partOf(byId(id), 'status'), isDone ? 'good' : 'off', isDone ? 'overview.done' : 'overview.open');
  providers.watch(({ data = [] }) =>
    mark(
      'step-provider',
      data.some(({ enabled, keys }) => enabled && keys.some((key) => key.enabled)),
    ),
  );
  clientKeys.watch(({ data = [] }) =>
    mark(
      'step-client-key',
      data.some(({ state }) => state === 'active'),
    ),
  );
  mark('step-answer', false);
  onAnswer(() => mark('step-answer', true));
  return { reload: () => health.reload() };
}
