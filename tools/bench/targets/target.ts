/** Something that stands between the load and the fake upstream. */
export interface Target {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** What is before `/v1/chat/completions` and `/v1/messages`. */
  readonly basePath: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whose CPU and memory it takes, with descendants. Absent: nobody's, or of a process that cannot be found. */
  readonly pid?: number;
  /** The body comes out as the upstream wrote it, byte for byte. */
  readonly isExact: boolean;
  /** But to a client of another dialect it answers in the client's, converted. */
  readonly isConverting: boolean;
  readonly stop: () => Promise<void>;
}

/** How a target comes to be; each cell starts its own, so that none inherits the memory of the cell before. */
export interface TargetKind {
  readonly name: string;
  readonly start: () => Promise<Target>;
}

export const NODE_FLOOR = 'node-floor';
export const NGINX = 'nginx';
export const PROXYCAST = 'proxycast';
export const DIRECT = 'direct';

/** Ordinary headers of an SDK, so that there is something to forward. */
export const CLIENT_HEADERS: Readonly<Record<string, string>> = {
  accept: 'application/json',
  'accept-language': '*',
  'user-agent': 'OpenAI/JS 6.9.0',
  'x-stainless-lang': 'js',
  'x-stainless-runtime': 'node',
};
