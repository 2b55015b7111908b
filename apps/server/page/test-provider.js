import { ApiProblem } from './api-problem.js';
import { sayError } from './drawing.js';
import { say } from './words.js';

/** Asks a provider for its models, says at `place` how that went, and answers how many there are if it went well. */
export async function testProvider(client, id, place) {
  const result = await client.call('POST', `/providers/${id}/test`);
  place.dataset.status = result.ok ? 'good' : 'bad';
  if (!result.ok) {
    sayError(place, new ApiProblem(result.error));
    return undefined;
  }
  const { items } = await client.call('GET', `/providers/${id}/models`);
  say(place, 'providers.test-passed', { count: items.length, ms: result.latency_ms });
  return items.length;
}
