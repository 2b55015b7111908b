/** The files of presets/protocols: vendors' ways of speaking Chat Completions. */
export const BUNDLED_VARIANTS: readonly unknown[] = [];
