/** The same host with a version where it has none, and without where it has one: the commonest slip in an api_host. */
export function otherHostOf(apiHost: string): string | undefined {
  const host = apiHost.trim().replace(/[/#]+$/, '');
  if (!URL.canParse(host)) return undefined;
  const without = host.replace(/\/v\d+[a-z0-9._-]*$/, '');
  // A slash at the end means: append nothing.
  return without === host ? `${host}/v1` : `${without}/`;
}
