/** What is fetched for clients that name an address the upstream does not read; live settings. */
export interface MediaSettings {
  /** Whether anything is; else such addresses are refused. */
  readonly fetchesUrls: boolean;
  readonly maxFileBytes: number;
  /** Of one request. */
  readonly maxTotalBytes: number;
  /** Of one request. */
  readonly maxFiles: number;
  /** Of one file. */
  readonly timeoutMs: number;
  /** Whether `http:` addresses are fetched too. */
  readonly allowsHttp: boolean;
  /** Hosts an administrator chose, which may be private: `files.lan` or `files.lan:8080`. */
  readonly trustedHosts: readonly string[];
}

export const DEFAULT_MEDIA_SETTINGS: MediaSettings = {
  fetchesUrls: true,
  maxFileBytes: 20 * 1024 * 1024,
  maxTotalBytes: 50 * 1024 * 1024,
  maxFiles: 20,
  timeoutMs: 10_000,
  allowsHttp: false,
  trustedHosts: [],
};

/** Fetches a file from an address that came from outside, through the guard. Rejects with a ProxyCastError. */
export type FetchMedia = (
  url: string,
  request: {
    /** What may come, in lower case. */
    readonly mediaTypes: readonly string[];
    readonly maxBytes: number;
    readonly timeoutMs: number;
    readonly allowsHttp: boolean;
    readonly trustedHosts: readonly string[];
    readonly signal: AbortSignal;
    /** To be told of the bytes of each piece; what it throws ends the fetch. */
    readonly count: (bytes: number) => void;
  },
) => Promise<{ readonly mediaType: string; readonly bytes: Uint8Array }>;
