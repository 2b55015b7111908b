/** The system's own wall around a plugin's process, beside what its runtime forbids. */
export type OuterBoundary =
  | {
      readonly type: 'bubblewrap';
      readonly path: string;
      readonly version: string;
      /** Options that not every version has. */
      readonly options: readonly string[];
      /** Absolute path of `prlimit`, where there is one: a last bound on memory that needs no watching. */
      readonly prlimit?: string;
    }
  /** There is none here, in words for a person. */
  | { readonly type: 'none'; readonly why: string };
