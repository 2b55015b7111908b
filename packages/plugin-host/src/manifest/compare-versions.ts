/** Negative when `a` is older than `b`, by semver 2.0.0 precedence; build metadata counts nothing. */
export function compareVersions(a: string, b: string): number {
  const [coreA, preA] = split(a);
  const [coreB, preB] = split(b);
  for (let at = 0; at < 3; at++) {
    const difference = Number(coreA[at] ?? 0) - Number(coreB[at] ?? 0);
    if (difference !== 0) return difference;
  }
  if (preA === undefined || preB === undefined) return Number(preA === undefined) - Number(preB === undefined);
  return comparePreRelease(preA.split('.'), preB.split('.'));
}

function split(version: string): [readonly string[], string | undefined] {
  const [core = '', ...pre] = (version.split('+')[0] ?? '').split('-');
  return [core.split('.'), pre.length === 0 ? undefined : pre.join('-')];
}

function comparePreRelease(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [one, other] = [a[at], b[at]];
    if (one === undefined || other === undefined) return one === undefined ? -1 : 1;
    if (one === other) continue;
    const [isNumber, isOtherNumber] = [/^\d+$/.test(one), /^\d+$/.test(other)];
    if (isNumber && isOtherNumber) return Number(one) - Number(other);
    if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
    return one < other ? -1 : 1;
  }
  return 0;
}
