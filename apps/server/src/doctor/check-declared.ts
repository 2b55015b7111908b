import { readDeclared } from '../declared/watch-declared.ts';
import { type DoctorCheck, fault, messageOf, ok, warning } from './doctor-check.ts';

/** Whether `proxycast.yaml` can be applied at the next start, as far as it shows from outside. */
export async function checkDeclaredFile(
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly DoctorCheck[]> {
  let declared: Awaited<ReturnType<typeof readDeclared>>;
  try {
    declared = await readDeclared(path);
  } catch (cause) {
    return [fault('declared', 'declared_wrong', { path, detail: `cannot be read: ${messageOf(cause)}.` })];
  }
  if (declared === undefined) return [ok('declared', 'declared_none')];
  if (declared.type === 'faulty') {
    return declared.faults.map((found) =>
      fault('declared', 'declared_wrong', { path: found.path, detail: `${found.message.replace(/\.$/, '')}.` }),
    );
  }
  const missing = (declared.config.providers ?? [])
    .flatMap(({ keys = [] }) => keys.flatMap(({ key_env: name }) => (name === undefined ? [] : [name])))
    .filter((name) => !environment[name]);
  if (missing.length === 0) return [ok('declared', 'declared_ok')];
  // The server may have been given what this shell lacks.
  return missing.map((name) => warning('declared', 'declared_variable', { name }));
}
