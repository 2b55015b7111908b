export * from './create-guarded-fetch.ts';
export { createLookUp } from './create-look-up.ts';
export * from './fetch-file.ts';
export type { GuardedAnswer } from './guarded-answer.ts';
export { isPublicAddress } from './is-public-address.ts';
export type { UrlPolicy } from './parse-outside-url.ts';
export type { LookUp } from './resolve-outside.ts';
export { shownUrl } from './shown-url.ts';
