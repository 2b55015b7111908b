/**
 * Names what package-lock.json asks for on this platform and npm has not installed.
 * Both arguments are the `packages` of a lock file: the repository's, and the one npm leaves inside node_modules.
 */
export function findMissingPackages(locked, installed, platform) {
  return Object.entries(locked)
    .filter(([path, wanted]) => path !== '' && belongsHere(wanted, platform))
    .filter(([path, wanted]) => !isSame(wanted, installed[path]))
    .map(([path]) => path);
}

function belongsHere(wanted, platform) {
  if (!wanted.optional && !wanted.devOptional) return true;
  // An optional package without a platform was left out because what asks for it was; that one is looked at itself.
  if (wanted.os === undefined && wanted.cpu === undefined) return false;
  return (
    allows(wanted.os, platform.os) &&
    allows(wanted.cpu, platform.cpu) &&
    (wanted.libc === undefined || platform.libc === undefined || allows(wanted.libc, platform.libc))
  );
}

function allows(list, value) {
  if (list === undefined) return true;
  const names = Array.isArray(list) ? list : [list];
  if (names.includes(`!${value}`)) return false;
  return names.includes(value) || names.every((name) => name.startsWith('!'));
}

function isSame(wanted, found) {
  if (found === undefined) return false;
  return found.version === wanted.version && found.integrity === wanted.integrity && found.link === wanted.link;
}
