/** Why a plugin's process ended. */
export type ExitReason =
  /** It was asked to. */
  | { readonly type: 'stopped' }
  | { readonly type: 'crashed'; readonly code?: number; readonly signal?: string }
  /** It did not answer a ping. */
  | { readonly type: 'hung' }
  /** It broke the contract: `words` say how. */
  | { readonly type: 'breach'; readonly words: string }
  /** More in memory than is allowed, or more processes. */
  | { readonly type: 'memory'; readonly residentMb: number; readonly processes: number };

export function renderExitReason(reason: ExitReason): string {
  switch (reason.type) {
    case 'stopped':
      return 'it was stopped';
    case 'crashed':
      return reason.signal === undefined
        ? `it ended with code ${reason.code ?? '?'}`
        : `it was ended by ${reason.signal}`;
    case 'hung':
      return 'it did not answer';
    case 'breach':
      return `it broke the contract: ${reason.words}`;
    case 'memory':
      return `it kept ${reason.residentMb} MB in ${reason.processes} processes`;
  }
}
