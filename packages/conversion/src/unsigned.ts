import { tagSignature } from './tag-signature.ts';

/**
 * Stands where a dialect wants a signature or an encrypted text and the service gave none. It begins like every tagged
 * text, so that a body which holds it is never passed as bytes to a service that would refuse the place empty; whoever
 * decodes it has no signature.
 */
export const UNSIGNED = tagSignature({ origin: 'none', value: '' }, '');
