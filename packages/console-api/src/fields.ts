import { z } from 'zod';

/** An id in a path or a filter: what `parseProviderId` and its siblings in spec accept. */
export const idField = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/, {
  error: 'An id has letters, digits, ".", "_", ":" or "-", at most 128, and begins with a letter or digit.',
});

/** An id that a person chooses. No ":" and no "/": both have a meaning in paths and model names. */
export const chosenIdField = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
  error: 'An id has letters, digits, ".", "_" or "-", at most 64, and begins with a letter or digit.',
});

/** Milliseconds since 1970-01-01T00:00:00Z. */
export const epochMsField = z.int().min(0).meta({ description: 'Milliseconds since 1970-01-01T00:00:00Z.' });

/** A name for people. */
export const labelField = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^\P{Cc}*$/u, { error: 'A name has no control characters.' });

/** A model name or a glob over model names. */
export const modelPatternField = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\s\p{Cc}]+$/u, { error: 'A model name has no spaces and no control characters.' });

/** Top-level fields added to a request that lacks them. */
export const defaultParametersField = z.record(z.string().min(1).max(100), z.unknown()).meta({
  description: 'Top-level fields added to a JSON request that lacks them; never overwrites what the client sent.',
});
