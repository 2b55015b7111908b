import type { HookedRequest, RequestHook } from '../hooks.ts';

/** Runs the request hooks in order, each on what the one before made of the body. */
export async function beforePlugins(hooks: readonly RequestHook[], request: HookedRequest): Promise<Buffer> {
  let body = request.body;
  for (const hook of hooks) body = await hook({ ...request, body });
  return body;
}
