/**
 * The version of everything in this folder. It rises when a released schema changes in a way that an older side would
 * not understand; what is only added keeps it. `contract.test.ts` holds each released one.
 */
export const PLUGIN_CONTRACT_VERSION = 1;

/** What this host can speak. */
export const SUPPORTED_CONTRACT_VERSIONS: readonly number[] = [PLUGIN_CONTRACT_VERSION];
