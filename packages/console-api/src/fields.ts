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

/** Framing and hop-by-hop fields, and what ProxyCast writes itself. */
const OWN_HEADERS = [
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
];
const KEY_HEADERS = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'cookie'];

const headerName = z
  .string()
  .trim()
  .toLowerCase()
  .max(100)
  .regex(/^[a-z0-9!#$%&'*+.^_`|~-]+$/, { error: 'A header’s name has no spaces, colons or characters outside ASCII.' })
  .refine((name) => !OWN_HEADERS.includes(name), { error: 'ProxyCast writes this header itself.' });

/** The header that carries a key, or `none`. */
export const authHeaderField = headerName.nullable().meta({
  description:
    'The header that carries the key, for example "x-key" or "cookie"; "none" sends no key; null means as the type does it.',
});

/** What stands before a key. A space at its end counts. */
export const authPrefixField = z
  .string()
  .max(100)
  .regex(/^[\x20-\x7e]*$/, { error: 'A prefix is printable ASCII.' })
  .nullable()
  .meta({
    description:
      'What stands before the key, with its space: "Token ", or "session=" in a cookie. Null: "Bearer " in authorization, nothing elsewhere.',
  });

/** Headers sent with every call. */
export const extraHeadersField = z
  .record(
    headerName.refine((name) => !KEY_HEADERS.includes(name), {
      error: 'This header carries a key. Add the key to the provider; auth_header says which header it goes in.',
    }),
    z
      .string()
      .max(2000)
      .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, {
        error: 'A header’s value is printable ASCII without spaces at its ends.',
      }),
  )
  .refine((headers) => Object.keys(headers).length <= 50, { error: 'At most 50 headers.' })
  .nullable()
  .meta({ description: 'Headers sent with every call. Stored and shown in the clear.' });

/** Top-level fields added to a request that lacks them. */
export const defaultParametersField = z.record(z.string().min(1).max(100), z.unknown()).meta({
  description: 'Top-level fields added to a JSON request that lacks them; never overwrites what the client sent.',
});
