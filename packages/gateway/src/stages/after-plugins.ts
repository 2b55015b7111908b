import type { AnswerHook, HookedAnswer } from '../hooks.ts';

/** Runs the answer hooks on a whole answer, in order. */
export async function afterPlugins(hooks: readonly AnswerHook[], answer: HookedAnswer): Promise<Buffer> {
  let body = answer.body;
  for (const hook of hooks) body = await hook({ ...answer, body });
  return body;
}
