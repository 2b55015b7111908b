/** What a command may ask of the disk: only what the person named. */
export interface Files {
  /** Throws what Node throws. */
  readonly read: (path: string) => Promise<string>;
  /** The same place as an absolute path. */
  readonly resolve: (path: string) => string;
}
