/**
 * Why a key that may be good was refused, where the service says so in words: the clock of this machine, or the region. Read
 * from what services that check signatures and tokens write (seen 2026-11).
 */
export function rejectionCauseOf(message: string): 'clock' | 'region' | undefined {
  if (
    /signature (?:has )?expired|not yet current|request time too skewed|clock skew|reasonable timeframe/i.test(message)
  ) {
    return 'clock';
  }
  return /scoped to a valid region|not authorized in this region|wrong region/i.test(message) ? 'region' : undefined;
}
